"""Spend, margins and rates in the store: whole lists under a number, each change kept and undoable."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from eqho.errors import WrittenMeanwhile
from eqho.inputs.checks import BadRows
from eqho.inputs.entries import FX, MARGINS, SPEND, Entries
from eqho.metrics.entered import Inputs, Rate, Spend
from eqho.store.embedded import EmbeddedStore
from tests.tiers.rig import LINES

OCTOBER = {"month": "2026-10", "category": "Ads", "amount": 1200.1, "currency": "USD"}
SEPTEMBER = OCTOBER | {"month": "2026-09"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "eqho.db")
    yield store
    store.close()


def months(entries: Entries) -> list[str]:
    return [row.month for row in entries.read(SPEND).rows]


def test_amounts_come_back_exactly(store: EmbeddedStore) -> None:
    entries = Entries(store, LINES)
    assert entries.read(SPEND).rows == ()
    written = entries.replace(SPEND, [OCTOBER], 0)
    assert written.number == 1
    assert entries.read(SPEND) == written
    assert written.rows == (Spend("2026-10", "Ads", Decimal("1200.1"), "USD"),)
    entries.replace(FX, [{"date": "2026-10-30", "currency": "EUR", "rate": 0.9137}], 0)
    assert entries.all().inputs.rates == (Rate("2026-10-30", "EUR", Decimal("0.9137")),)


def test_nothing_is_stored_if_one_row_is_bad(store: EmbeddedStore) -> None:
    entries = Entries(store, LINES)
    with pytest.raises(BadRows, match="row 2: amount -1 is below 0"):
        entries.replace(SPEND, [OCTOBER, SEPTEMBER | {"amount": -1}], 0)
    assert entries.read(SPEND).number == 0


def test_the_second_of_two_writers_is_told(store: EmbeddedStore) -> None:
    entries = Entries(store, LINES)
    entries.replace(SPEND, [OCTOBER], 0)
    with pytest.raises(WrittenMeanwhile):
        entries.replace(SPEND, [SEPTEMBER], 0)
    assert months(entries) == ["2026-10"]
    entries.replace(SPEND, [SEPTEMBER], None)
    assert months(entries) == ["2026-09"]


def test_undo_brings_back_what_was_before_and_undone_twice_what_came_after(store: EmbeddedStore) -> None:
    entries = Entries(store, LINES)
    entries.replace(SPEND, [OCTOBER], 0)
    entries.replace(SPEND, [OCTOBER, SEPTEMBER], 1)
    assert entries.undo(SPEND, 2).number == 3
    assert months(entries) == ["2026-10"]
    entries.undo(SPEND, 3)
    assert months(entries) == ["2026-10", "2026-09"]
    assert [len(change.rows) for change in entries.changes(SPEND)] == [2, 1, 2, 1]


def test_undo_of_the_first_entry_leaves_nothing(store: EmbeddedStore) -> None:
    entries = Entries(store, LINES)
    entries.replace(MARGINS, [{"month": "2026-10", "gross_margin": 0.8}], 0)
    assert entries.undo(MARGINS, 1).rows == ()


def test_every_entry_changes_the_numbers(store: EmbeddedStore) -> None:
    entries = Entries(store, LINES)
    assert entries.numbers() == entries.all().numbers == "0.0.0.0"
    entries.replace(MARGINS, [{"month": "2026-10", "gross_margin": 0.8}], 0)
    assert entries.numbers() == entries.all().numbers == "0.1.0.0"


def test_a_sample_stands_while_there_is_nothing_that_somebody_entered(store: EmbeddedStore) -> None:
    august = Spend("2026-08", "Demo", Decimal(5), "USD")
    sample = [Inputs(spend=(august,))]
    entries = Entries(store, LINES, lambda: sample[0])
    assert entries.read(SPEND).sample
    assert entries.all().inputs.sample
    assert months(entries) == ["2026-08"]
    entries.replace(SPEND, [OCTOBER], 0)
    assert not entries.read(SPEND).sample
    assert months(entries) == ["2026-10"]
    entries.undo(SPEND, 1)
    assert months(entries) == ["2026-08"]
    numbers = entries.numbers()
    sample[0] = Inputs(spend=(august, Spend("2026-09", "Demo", Decimal(6), "USD")))
    assert entries.numbers() == entries.all().numbers != numbers
    assert months(entries) == ["2026-08", "2026-09"]
