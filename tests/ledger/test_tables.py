"""The packed build and the Parquet file: equal to what went in, to the last unit."""

from dataclasses import fields
from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from eqho.ledger.build import Ledger
from eqho.ledger.cash import CashFlow
from eqho.ledger.spans import Span, State
from eqho.ledger.tables import pack, parquet, schema_of, unpack
from eqho.sources.demo import build_company
from eqho.stripe_simulator.calendar import instant
from tests.ledger.comparison import Written
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import LINES, scene_of
from tests.metrics.random_spans import HISTORIES


@pytest.fixture(scope="module")
def demo() -> Ledger:
    written = Written(build_company(instant("2026-11-22T12:00:00")).account, ["newest"])
    return written.ledger("newest", events=True, lines=LINES)


def assert_equal(one: Ledger, other: Ledger) -> None:
    for table in ("spans", "cash"):
        here, there = getattr(one, table), getattr(other, table)
        assert here.names == there.names
        for field in (field.name for field in fields(here) if field.name != "names"):
            assert getattr(here, field).dtype == getattr(there, field).dtype
            assert np.array_equal(getattr(here, field), getattr(there, field)), field
    for field in set(msgspec.structs.asdict(one)) - {"spans", "cash"}:
        assert getattr(one, field) == getattr(other, field)


def test_the_demo_survives_packing(demo: Ledger) -> None:
    assert len(demo.spans) > 300
    assert len(demo.cash) > 500
    assert_equal(unpack(pack(demo)), demo)
    assert pack(unpack(pack(demo))) == pack(demo)


@settings(max_examples=60, deadline=None)
@given(HISTORIES)
def test_any_spans_survive_packing(spans: list[Span]) -> None:
    made = ledger_of(*spans)
    assert_equal(unpack(pack(made)), made)


def test_whole_numbers_of_64_bits_stay_exact() -> None:
    largest = 2**63 - 1
    span = paid("a", 1, "2026-01-01")._replace(net_eqho=largest, net_stripe=-largest, list_mrr=2**53 + 1)
    read = unpack(pack(ledger_of(span))).spans
    assert (read.net_eqho[0], read.net_stripe[0], read.list_mrr[0]) == (largest, -largest, 2**53 + 1)


def test_the_schema_is_that_of_the_rows() -> None:
    spans, cash = schema_of(Span), schema_of(CashFlow)
    assert spans.names == list(Span._fields)
    assert cash.names == list(CashFlow._fields)
    assert spans.field("customer").type == pa.dictionary(pa.int32(), pa.utf8())
    assert spans.field("net_eqho").type == pa.int64()
    assert spans.field("state").type == pa.int8()
    assert spans.field("inferred").type == pa.bool_()
    assert cash.field("document").type == pa.int32()


@pytest.mark.parametrize("policy", ["eqho", "stripe"])
def test_duckdb_reads_the_file_and_sums_to_the_same_mrr(demo: Ledger, policy: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger.parquet"
    file.write_bytes(parquet(demo))
    end = 'least("end", requested)' if policy == "stripe" else '"end"'
    found = duckdb.execute(
        f"SELECT line, sum(net_{policy}) FROM '{file}' WHERE currency = 'usd' AND state < {State.PAUSED} "
        f"AND start <= {demo.now} AND {end} > {demo.now} GROUP BY line"
    ).fetchall()
    by_line = {line: int(units) for line, units in found}
    assert sum(by_line.values()) == scene_of(demo, "all-products", policy=policy).mrr > 0
    for key in LINES.keys:
        assert by_line.get(key, 0) == scene_of(demo, key, policy=policy).mrr
