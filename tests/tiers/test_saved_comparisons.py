"""Kept comparisons: opened by anybody who shares the store, each account's apart."""

import pytest

from eqho.errors import BadArgument
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from eqho.tiers.saved_comparisons import SavedComparisons


def test_newest_first_and_opened_exactly(tiers: Tiers, store: EmbeddedStore) -> None:
    tiers.refresh(wait=True)
    first = tiers.compare(b"customer id,mrr\ncus_ghost,1.10\n", "all-products", month="2026-11")
    second = tiers.compare(b"customer id,mrr\ncus_000001,7\nnonsense\n", "all-products", month="2026-10")
    kept = SavedComparisons(store, "stripe-test")
    ids = [kept.save(one, f"number {n}", "all-products", 1).id for n, one in enumerate((first, second))]
    replica = SavedComparisons(store, "stripe-test")
    assert [one.name for one in sorted(replica.all(), key=lambda one: one.name)] == ["number 0", "number 1"]
    assert [replica.open(one) for one in ids] == [first, second]


def test_another_accounts_comparison_is_not_there(tiers: Tiers, store: EmbeddedStore) -> None:
    tiers.refresh(wait=True)
    found = tiers.compare(b"customer id,mrr\ncus_ghost,1.10\n", "all-products", month="2026-11")
    saved = SavedComparisons(store, "stripe-test").save(found, "ours", "all-products", 1)
    other = SavedComparisons(store, "demo")
    assert other.all() == []
    with pytest.raises(BadArgument, match="no kept comparison"):
        other.open(saved.id)
