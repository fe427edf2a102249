"""Months are frozen from complete evidence alone; what was frozen from less gives way to what is known."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from eqho.errors import BadArgument, RefreshFailed
from eqho.issues import Issue
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from eqho.tiers.recorded_views import Restatements
from tests.history.test_freezing import MONTHS, backdate, frozen
from tests.services.plain_account import customer, invoice, plain_account, subscription
from tests.services.stripe_server import KEY, StripeServer, stripe_server
from tests.tiers.rig import SmallSource, mrr, replica, settle


class Limited(SmallSource):
    """What `denied` names may not be read."""

    def __init__(self) -> None:
        super().__init__(plain_account(3))
        self.denied: set[str] = set()

    def check(self) -> list[Issue]:
        super().check()
        return [
            Issue("missing_permission", f"{kind} may not be read.", (kind,)) for kind in sorted(self.denied)
        ]


def refreshed(tiers: Tiers, store: EmbeddedStore) -> None:
    """Once more, months and all."""
    tiers.refresh(wait=True)
    settle(lambda: store.acquire_lease("refresh", "test", 0) is not None)


def numbers(store: EmbeddedStore) -> set[tuple[int, tuple[str, ...]]]:
    """(number, what was lacking) of every record of a month."""
    return {(record["number"], tuple(record["lacks"])) for record in frozen(store)}


@pytest.mark.parametrize(
    "kind", ["invoice", "invoiceitem", "customer", "product", "coupon", "subscription_schedule"]
)
def test_without_what_the_ledger_needs_no_month_is_frozen(store: EmbeddedStore, kind: str) -> None:
    source = Limited()
    source.denied = {kind}
    tiers = replica(store, source)
    refreshed(tiers, store)
    assert mrr(tiers, "all-products") == 300.0
    assert frozen(store) == []
    latest = store.latest_build()
    assert latest is not None
    assert latest.meta["lacks"] == [kind]
    source.denied = set()
    refreshed(tiers, store)
    assert [record["closed_month"] for record in frozen(store)] == MONTHS
    assert numbers(store) == {(1, ())}
    assert tiers.view(Restatements(), "towpilot").value.rows == []


def test_what_was_frozen_without_events_gives_way_silently_once_they_are_there(store: EmbeddedStore) -> None:
    source = Limited()
    source.denied = {"event", "refund"}
    tiers = replica(store, source)
    refreshed(tiers, store)
    assert numbers(store) == {(1, ("event", "refund"))}
    backdate(source)
    source.denied = {"refund"}
    refreshed(tiers, store)
    assert numbers(store) == {(1, ("event", "refund")), (2, ("refund",))}
    october = [record for record in frozen(store) if record["closed_month"] == "2026-10"][-1]
    assert (october["number"], october["mrr_units"]) == (2, 300_000_000)
    assert tiers.view(Restatements(), "towpilot").value.rows == []
    # Once all is known nothing is frozen again.
    source.denied = set()
    refreshed(tiers, store)
    count = store.count_metrics()
    refreshed(tiers, store)
    assert store.count_metrics() == count
    refreshed(replica(store, source), store)  # a process of its own builds all the same
    assert store.count_metrics() == count + 6
    assert max(record["number"] for record in frozen(store)) == 3


def test_only_what_was_shown_from_complete_evidence_is_restated(store: EmbeddedStore) -> None:
    source = Limited()
    tiers = replica(store, source)
    refreshed(tiers, store)
    source.denied = {"invoice"}
    backdate(source)
    refreshed(tiers, store)
    assert tiers.view(Restatements(), "towpilot").value.rows == []
    with pytest.raises(BadArgument, match="while the source does not let these be read: invoice"):
        tiers.accept_restatement("towpilot", "2026-10")
    source.denied = set()
    refreshed(tiers, store)
    rows = tiers.view(Restatements(), "towpilot").value.rows
    assert [(row.month, row.frozen, row.today) for row in rows if row.metric == "mrr"] == [
        ("2026-09", 200.0, 300.0),
        ("2026-10", 200.0, 300.0),
    ]
    assert numbers(store) == {(1, ())}


# At a Stripe


@contextmanager
def stripe_with_a_past() -> Iterator[StripeServer]:
    """$100 a month from 1 January, and $100 that ended on 1 July: only its invoices tell since when."""
    account = plain_account(1)
    for number, (day, ended) in enumerate(((1, None), (2, datetime(2026, 7, 1, tzinfo=UTC))), 10):
        began = datetime(2026, 1, day, tzinfo=UTC)
        since = int(began.timestamp())
        over: dict[str, Any] = {"status": "canceled", "ended_at": int(ended.timestamp())} if ended else {}
        account.put("customer", customer(number, since))
        account.put("subscription", subscription(number, since, **over))
        account.put("invoice", invoice(number, number, since))
    with stripe_server(account) as server:
        yield server


def at(server: StripeServer) -> StripeSource:
    return StripeSource(KEY, server.url, rate=1_000.0, retries=RetryPolicy(shortest=0.01, longest=0.05))


def test_a_key_refused_from_the_first_page_of_invoices_on_publishes_and_freezes_nothing(
    store: EmbeddedStore,
) -> None:
    with stripe_with_a_past() as server:
        server.faults.largest_page = {"/v1/invoices": (1, "401")}
        tiers = replica(store, at(server))  # type: ignore[arg-type]
        with pytest.raises(RefreshFailed) as refused:
            tiers.refresh(wait=True)
        assert str(refused.value) == (
            "Stripe refuses the key ending in _key: set STRIPE_SECRET_KEY to a valid restricted key (rk_…) "
            "of your account."
        )
        assert (store.generation(), store.count_metrics()) == (0, 0)
        assert tiers.health()["status"] == "starting"
        server.faults.largest_page = {}
        refreshed(tiers, store)
        months = {r["closed_month"]: r["mrr_units"] // 1_000_000 for r in frozen(store, "all-products")}
        assert (months["2026-01"], months["2026-06"], months["2026-07"]) == (200, 200, 100)


@pytest.mark.parametrize("kind", ["invoice", "invoiceitem"])
def test_months_are_frozen_with_the_permission_that_was_missing(store: EmbeddedStore, kind: str) -> None:
    with stripe_with_a_past() as server:
        server.denied = {kind}
        tiers = replica(store, at(server))  # type: ignore[arg-type]
        refreshed(tiers, store)
        assert frozen(store, "all-products") == []
        server.denied = set()
        tiers = replica(store, at(server))  # type: ignore[arg-type]
        refreshed(tiers, store)
        months = {r["closed_month"]: r["mrr_units"] // 1_000_000 for r in frozen(store, "all-products")}
        assert (months["2026-01"], months["2026-06"], months["2026-07"]) == (200, 200, 100)
        assert tiers.view(Restatements(), "all-products").value.rows == []
