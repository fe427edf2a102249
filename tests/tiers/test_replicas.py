"""Several processes on one store, and what another source has left in it."""

import threading
from datetime import timedelta

import pytest

from eqho.errors import RefreshFailed
from eqho.refresh.job import LEASE
from eqho.sources.base import SourceError
from eqho.store.base import Lease, LeaseLost
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.refresh.test_refresh import fourth_customer
from tests.services.plain_account import plain_account
from tests.tiers.rig import PassingTime, SmallSource, mrr, replica, settle


def test_a_build_of_another_replica_is_adopted(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eqho.tiers.schedule.POLL_SECONDS", 0.05)
    mrr(tiers)
    schedule = threading.Thread(target=tiers.run_background, args=(900,))
    schedule.start()
    try:
        fourth_customer(source)
        replica(store, source).refresh(wait=True)
        settle(lambda: tiers.statistics()["generation"] == 2)
    finally:
        tiers.stop()
        schedule.join(10)
    served = tiers.metrics("towpilot")
    assert (served.value.revenue_metrics.mrr, served.provenance.tier) == (400.0, "L2")
    assert tiers.statistics()["l3"]["refreshes"] == 1


def test_what_was_never_asked_of_an_older_build_is_not_served_for_a_newer_one(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource
) -> None:
    mrr(tiers, "towpilot")
    fourth_customer(source)
    replica(store, source).refresh(wait=True)
    tiers._poll()
    assert mrr(tiers, "all-products") == 400.0


def test_a_failure_here_is_forgotten_when_another_replica_has_refreshed(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, clock: PassingTime
) -> None:
    mrr(tiers)
    source.failure = SourceError("Stripe does not answer.")
    with pytest.raises(RefreshFailed):
        tiers.refresh(wait=True)
    source.failure = None
    clock.advance(5)
    replica(store, source).refresh(wait=True)
    tiers._poll()
    assert (tiers.health()["status"], tiers.metrics("towpilot").provenance.stale) == ("healthy", False)


def test_who_waits_for_a_refresh_gets_the_one_another_replica_is_making(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    mrr(tiers)
    fourth_customer(source)
    source.gate.clear()
    acquire, asked = store.acquire_lease, set[str]()

    def noted(name: str, holder: str, seconds: float) -> Lease | None:
        lease = acquire(name, holder, seconds)
        asked.add(holder)
        return lease

    monkeypatch.setattr(store, "acquire_lease", noted)
    other = replica(store, source)
    other.refresh()
    settle(lambda: other.progress()["sentence"].startswith("Checking"))
    waiting = threading.Thread(target=tiers.refresh, kwargs={"wait": True})
    waiting.start()
    settle(lambda: len(asked) == 2)
    source.gate.set()
    waiting.join(20)
    assert (mrr(tiers), store.generation()) == (400.0, 2)
    assert tiers.statistics()["l3"]["refreshes"] == 1


def test_a_refresh_that_loses_its_lease_takes_its_turn_again(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, lost = store.publish_build, [LeaseLost("taken over")]

    def once_lost(*arguments: object) -> int:
        if lost:
            raise lost.pop()
        return publish(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "publish_build", once_lost)
    tiers.refresh(wait=True)
    assert (mrr(tiers), store.generation()) == (300.0, 1)


def test_the_lease_is_free_after_a_refresh(tiers: Tiers, store: EmbeddedStore) -> None:
    mrr(tiers)
    settle(lambda: store.acquire_lease(LEASE, "somebody", 30) is not None)


def test_a_document_of_a_build_that_was_never_published_is_not_served(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource
) -> None:
    """Documents are stored before the build that they belong to: a process may die in between."""
    mrr(tiers)
    record = store.latest_metrics("towpilot", "eqho")
    assert record is not None
    record["metrics"]["revenue_metrics"]["mrr"] = 999.0
    store.append_metrics([record | {"build": 2, "timestamp": record["timestamp"] + timedelta(seconds=1)}])
    assert mrr(replica(store, source)) == 300.0


@pytest.mark.parametrize("first", [True, False], ids=["before the first look", "while serving"])
def test_demo_data_is_never_served_as_stripes(store: EmbeddedStore, source: SmallSource, first: bool) -> None:
    stripe = replica(store, source)
    if not first:
        assert mrr(stripe) == 300.0
    demo = SmallSource(plain_account(7))
    demo.name = "demo"
    replica(store, demo, origin="demo").refresh(wait=True)
    stripe._poll()
    assert mrr(stripe) == 300.0
    assert mrr(stripe, "all-products") == 300.0
    assert stripe.metrics("towpilot", policy="stripe").value.revenue_metrics.mrr == 300.0
    assert stripe.metrics("towpilot").provenance.source == "stripe"


def test_a_build_of_test_mode_is_not_served_as_live(store: EmbeddedStore, source: SmallSource) -> None:
    replica(store, source).refresh(wait=True)
    live = replica(store, source, origin="stripe-live")
    assert live.health()["status"] == "starting"
    assert live.issues() == ()


def test_a_build_that_cannot_be_read_is_made_anew(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource
) -> None:
    store.publish_build({"origin": "stripe-test", "currency": "usd", "issues": [], "refreshed_at": 1}, b"?")
    assert mrr(tiers) == 300.0
    assert store.generation() == 2
