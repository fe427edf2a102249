"""A first pull that takes long shows today's state meanwhile, and says so."""

import threading
from collections.abc import Iterator
from datetime import date

import pytest

from eqho.refresh import first_look
from eqho.sources.base import Page, SourceError
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers, views
from eqho.tiers.recorded_views import Changes, Restatements
from tests.services.plain_account import plain_account
from tests.tiers.rig import SmallSource, mrr, replica, settle, shown

MEANWHILE = "The first sync is still running: what needs the past comes after the invoices are read."
# Eight of twelve invoices, of nineteen that three years of months would be.
SO_FAR = "after the invoices are read (43 % so far)"
FAR_AS_IT_IS = f"The first sync is still running: what needs the past comes {SO_FAR}."


class SlowInvoices(SmallSource):
    """Invoices come when they are let through, the last page being broken where `broken` is set."""

    def __init__(self) -> None:
        super().__init__(plain_account(3, invoices_each=4))
        self.invoices = threading.Event()

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        if kind != "invoice":
            return super().page(kind, created_from, created_before, after)
        every = list(self.account.every("invoice"))
        if after is None:
            return Page(every[:8], False)
        self.invoices.wait(20)
        if self.failure is not None:
            raise self.failure
        return Page(every[8:], True)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowInvoices:
    monkeypatch.setattr(first_look, "PATIENCE", 0.0)
    return SlowInvoices()


@pytest.fixture
def waiting(store: EmbeddedStore, slow: SlowInvoices) -> Iterator[Tiers]:
    """The tiers while two thirds of the invoices are read."""
    tiers = replica(store, slow)
    tiers.refresh()
    settle(lambda: store.generation() == 1)
    yield tiers
    slow.invoices.set()
    tiers.refresh(wait=True)


def test_todays_state_is_shown_while_the_invoices_are_read(
    waiting: Tiers, store: EmbeddedStore, slow: SlowInvoices
) -> None:
    settle(lambda: waiting.progress()["kinds"].get("invoice", {"objects": 0})["objects"] == 8)
    served = waiting.metrics("towpilot")
    assert served.value.revenue_metrics.mrr == 300.0
    assert served.value.customer_metrics.customers == 3
    assert (served.provenance.stale, served.provenance.stale_reason) == (True, FAR_AS_IT_IS)
    health = waiting.health()
    assert (health["status"], health["reason"], health["stale"]) == ("degraded", FAR_AS_IT_IS, True)
    assert waiting.progress()["kinds"]["subscription"]["done"]
    assert not waiting.progress()["kinds"].get("invoice", {"done": False})["done"]
    # It is no history.
    assert store.count_metrics() == 0

    slow.invoices.set()
    settle(lambda: store.generation() == 2)
    settle(lambda: not waiting.metrics("towpilot").provenance.stale)
    assert mrr(waiting) == 300.0
    assert waiting.health()["status"] == "healthy"
    assert shown(store) == [(2, 300.0)]


def test_what_needs_the_past_waits_and_says_how_far_it_is(waiting: Tiers) -> None:
    """The newest invoices are stored already, and would tell half a history."""
    settle(lambda: waiting.progress()["kinds"].get("invoice", {"objects": 0})["objects"] == 8)
    document = waiting.metrics("towpilot").value
    for path in (
        "customer_metrics.new", "customer_metrics.churned", "movement_metrics.net_new",
        "retention_metrics.nrr_12m", "retention_metrics.customer_churn_rate", "ltv_metrics.ltv",
        "revenue_metrics.mrr_growth_year", "cac_metrics.cac", "trial_metrics.conversion_rate",
    ):  # fmt: skip
        group, field = path.split(".")
        assert (getattr(getattr(document, group), field), document.undefined[path]) == (None, SO_FAR)
    for view, rows in (
        (views.History(("mrr",)), "points"), (views.Movements(), "rows"), (views.Cohorts(), "cohorts"),
        (Changes(), "rows"), (views.Cash(), "rows"), (Restatements(), "rows"),
        (views.Customer("cus_000001"), "steps"),
    ):  # fmt: skip
        answer = waiting.view(view, "towpilot").value
        assert (getattr(answer, rows), answer.undefined[rows]) == ([], SO_FAR)


def test_a_past_day_is_told_nothing_of(waiting: Tiers) -> None:
    document = waiting.metrics("all-products", as_of=date(2026, 10, 31)).value
    assert document.revenue_metrics.mrr is None
    assert document.undefined["revenue_metrics.mrr"].startswith("after the invoices are read")
    assert (document.products, "products" in document.undefined) == ([], True)
    assert waiting.view(views.Customers(), "towpilot", as_of=date(2026, 10, 31)).value.rows == []


def test_customers_of_today_are_told_without_since_when(waiting: Tiers) -> None:
    rows = waiting.view(views.Customers(), "towpilot").value.rows
    assert [(row.mrr, row.status, row.since) for row in rows] == [(100.0, "active", None)] * 3


def test_how_far_it_is_is_said_where_it_is_known() -> None:
    kinds = {
        "subscription": {"share": 1.0, "done": True},
        "invoice": {"share": 0.374, "done": False},
        "refund": {"share": 0.5, "done": False},
    }
    assert first_look.waits_for_invoices({"kinds": kinds}) == "after the invoices are read (37 % so far)"
    assert first_look.waits_for_invoices({"kinds": {}}) == "after the invoices are read"


def test_a_pull_that_fails_later_keeps_it_with_the_reason(waiting: Tiers, slow: SlowInvoices) -> None:
    slow.failure = SourceError("Stripe does not answer.")
    slow.invoices.set()
    settle(lambda: waiting.health()["reason"] == "Stripe does not answer.")
    assert mrr(waiting) == 300.0
    assert waiting.metrics("towpilot").provenance.stale_reason == "Stripe does not answer."
    slow.failure = None


def test_another_replica_shows_it_and_goes_on_when_the_first_has_died(
    waiting: Tiers, store: EmbeddedStore, slow: SlowInvoices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eqho.tiers.schedule.POLL_SECONDS", 0.05)
    monkeypatch.setattr("eqho.tiers.schedule.WOKEN_EVERY", 0.1)
    healthy = SlowInvoices()
    healthy.invoices.set()
    other = replica(store, healthy)
    assert mrr(other) == 300.0
    assert other.metrics("towpilot").provenance.stale_reason == MEANWHILE
    slow.failure = SourceError("The machine is gone.")
    background = threading.Thread(target=other.run_background, args=(900,))
    background.start()
    try:
        slow.invoices.set()
        settle(lambda: store.generation() == 2 and not other.metrics("towpilot").provenance.stale)
    finally:
        other.stop()
        background.join(20)
        slow.failure = None
    assert shown(store) == [(2, 300.0)]


def test_figures_that_are_there_stay_during_a_later_pull(
    store: EmbeddedStore, slow: SlowInvoices, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow.invoices.set()
    tiers = replica(store, slow)
    assert mrr(tiers) == 300.0
    before = store.generation()
    slow.invoices.clear()
    slow.account.put(
        "subscription", slow.account.stored("subscription", "sub_000001") | {"status": "canceled"}
    )
    monkeypatch.setattr("eqho.sync.plan.RELIST_EVERY", 0)
    tiers.refresh()
    settle(lambda: tiers.progress()["kinds"].get("subscription", {"done": False})["done"])
    assert (store.generation(), mrr(tiers)) == (before, 300.0)
    assert not tiers.metrics("towpilot").provenance.stale
    slow.invoices.set()
    settle(lambda: store.generation() == before + 1)


def test_a_pull_that_is_soon_done_shows_nothing_before(store: EmbeddedStore, source: SmallSource) -> None:
    assert mrr(replica(store, source)) == 300.0
    assert store.generation() == 1
