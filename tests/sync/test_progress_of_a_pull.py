"""The bar over whole pulls of a Stripe-like server: by pages, rising, near what is really read."""

from pathlib import Path

import pytest

from eqho.sources.base import SourceError
from eqho.sync import Progress
from tests.services.plain_account import plain_account
from tests.sync.rig import Rig, rig

CUSTOMERS, INVOICES_EACH = 300, 24
WITHIN = 0.3
"""The estimate before the invoices are read takes every month for billed; these accounts bill otherwise."""


def fractions(told: list[Progress]) -> list[float]:
    return [progress.fraction for progress in told if progress.fraction is not None]


def test_the_bar_rises_with_the_pages_and_ends_full(tmp_path: Path) -> None:
    told: list[Progress] = []
    with rig(plain_account(CUSTOMERS, INVOICES_EACH), tmp_path) as pull:
        pull.run(on_progress=told.append)
    whole = sum(kind.pages for kind in told[-1].kinds.values())
    bar = [progress for progress in told if progress.fraction is not None and progress.phase == "pulling"]
    assert fractions(told) == sorted(fractions(told))
    assert fractions(told)[-1] == 1.0
    for progress in bar:
        read = sum(kind.pages for kind in progress.kinds.values()) / whole
        assert progress.fraction == pytest.approx(read, abs=WITHIN)
    assert told[-1].kinds["invoice"].objects == CUSTOMERS * INVOICES_EACH


def broken_off(pull: Rig, told: list[Progress], pages: int) -> None:
    """A run that ends when so many pages of invoices are stored."""

    def watch(progress: Progress) -> None:
        told.append(progress)
        kind = progress.kinds.get("invoice")
        if kind is not None and kind.pages >= pages:
            raise SourceError("The network is gone.")

    with pytest.raises(SourceError):
        pull.run(on_progress=watch)


def test_what_is_stored_is_in_sight_after_a_restart_and_the_bar_goes_on(tmp_path: Path) -> None:
    before: list[Progress] = []
    after: list[Progress] = []
    with rig(plain_account(CUSTOMERS, INVOICES_EACH), tmp_path) as pull:
        broken_off(pull, before, 30)
        stored = pull.store.count_objects()
        pull.new_process()
        pull.run(on_progress=after.append)
    first = next(progress for progress in after if "invoice" in progress.kinds and progress.fraction)
    assert first.kinds["customer"].objects == stored["customer"] == CUSTOMERS
    assert first.kinds["customer"].done
    assert first.kinds["invoice"].objects >= stored["invoice"] >= 3_000
    assert first.fraction is not None
    assert first.fraction >= fractions(before)[-1] - WITHIN
    assert after[-1].kinds["invoice"].objects == CUSTOMERS * INVOICES_EACH
    assert fractions(after) == sorted(fractions(after))
