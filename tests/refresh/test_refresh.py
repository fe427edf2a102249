"""When the source is read again, and what is served when that fails."""

import threading

import pytest

from eqho.errors import NoBuild, RefreshFailed
from eqho.refresh import publishing
from eqho.sources.base import SourceDenied, SourceError
from eqho.store.base import StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.services.plain_account import NOW, change, customer, subscription
from tests.tiers.rig import PassingTime, SmallSource, mrr, replica, settle, shown

DOWN = SourceError("Stripe does not answer: check the network.")


def fourth_customer(source: SmallSource) -> None:
    source.account.put("customer", customer(4, NOW - 60))
    change(source.account, "subscription", subscription(4, NOW - 60), "customer.subscription.created")


def test_a_refresh_reads_the_change(tiers: Tiers, source: SmallSource) -> None:
    assert mrr(tiers) == 300.0
    fourth_customer(source)
    assert mrr(tiers) == 300.0
    assert tiers.refresh(wait=True) == "started"
    served = tiers.metrics("towpilot")
    assert (served.value.revenue_metrics.mrr, served.provenance.tier) == (400.0, "L3")
    assert served.provenance.build == 2
    assert tiers.metrics("towpilot").provenance.tier == "L1"


def test_a_second_caller_joins_the_first(tiers: Tiers, source: SmallSource) -> None:
    source.gate.clear()
    assert [tiers.refresh(), tiers.refresh()] == ["started", "joined"]
    source.gate.set()
    assert tiers.refresh(wait=True) in {"joined", "started"}
    assert mrr(tiers) == 300.0


def test_old_figures_are_served_at_once_and_refreshed_meanwhile(
    tiers: Tiers, source: SmallSource, clock: PassingTime
) -> None:
    mrr(tiers)
    fourth_customer(source)
    clock.advance(301)
    source.gate.clear()
    served = tiers.metrics("towpilot")
    assert served.value.revenue_metrics.mrr == 300.0
    assert served.provenance.stale
    assert served.provenance.stale_reason == (
        "The figures are older than the cache's lifetime; they are being refreshed."
    )
    assert tiers.progress()["running"]
    source.gate.set()
    settle(lambda: mrr(tiers) == 400.0)
    assert not tiers.metrics("towpilot").provenance.stale


def test_figures_within_their_lifetime_are_not_refreshed(
    tiers: Tiers, source: SmallSource, clock: PassingTime
) -> None:
    mrr(tiers)
    asked = source.requests
    clock.advance(295)
    assert not tiers.metrics("towpilot").provenance.stale
    assert source.requests == asked


def test_after_a_failure_the_last_good_build_stays_with_the_reason(
    tiers: Tiers, source: SmallSource, store: EmbeddedStore
) -> None:
    before = tiers.metrics("towpilot").value
    source.failure = DOWN
    with pytest.raises(RefreshFailed, match="Stripe does not answer: check the network"):
        tiers.refresh(wait=True)
    served = tiers.metrics("towpilot")
    assert served.value == before
    assert (served.provenance.stale, served.provenance.stale_reason) == (True, str(DOWN))
    health = tiers.health()
    assert (health["status"], health["reason"], health["stale"]) == ("degraded", str(DOWN), True)
    assert store.generation() == 1
    told = tiers.statistics()["l3"]
    assert (told["refreshes"], told["failures"], told["last_failure"]) == (1, 1, str(DOWN))


def test_it_recovers_when_the_source_does(tiers: Tiers, source: SmallSource) -> None:
    mrr(tiers)
    source.failure = DOWN
    with pytest.raises(RefreshFailed):
        tiers.refresh(wait=True)
    source.failure = None
    fourth_customer(source)
    tiers.refresh(wait=True)
    served = tiers.metrics("towpilot")
    assert (served.value.revenue_metrics.mrr, served.provenance.stale) == (400.0, False)
    assert tiers.health()["status"] == "healthy"


def test_a_dead_source_is_not_asked_again_for_fifteen_seconds(
    tiers: Tiers, source: SmallSource, clock: PassingTime
) -> None:
    source.failure = DOWN
    for _ in range(5):
        with pytest.raises(NoBuild) as missing:
            tiers.metrics("towpilot")
        assert missing.value.sentence == str(DOWN)
    assert source.requests == 1
    clock.advance(16)
    with pytest.raises(NoBuild):
        tiers.metrics("towpilot")
    assert source.requests == 2


def test_a_person_who_asks_is_not_put_off(tiers: Tiers, source: SmallSource) -> None:
    source.failure = DOWN
    with pytest.raises(NoBuild):
        tiers.metrics("towpilot")
    source.failure = None
    assert tiers.refresh(wait=True) == "started"
    assert mrr(tiers) == 300.0


def test_a_refused_key_says_so_before_the_first_build(tiers: Tiers, source: SmallSource) -> None:
    source.failure = SourceDenied("Stripe refuses the key ending in 1234: set a valid one.")
    with pytest.raises(NoBuild, match="Stripe refuses the key ending in 1234"):
        tiers.metrics("towpilot")
    health = tiers.health()
    assert (health["status"], health["reason"]) == ("starting", str(source.failure))


def test_figures_that_contradict_themselves_are_not_published(
    tiers: Tiers, source: SmallSource, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    mrr(tiers)
    settle(lambda: store.count_metrics() == 66)
    fourth_customer(source)
    monkeypatch.setattr(publishing, "violations", lambda scene: ["a span has negative MRR"])
    with pytest.raises(RefreshFailed) as refused:
        tiers.refresh(wait=True)
    assert str(refused.value) == (
        "The new figures contradict themselves (a span has negative MRR): the last good ones stay."
    )
    assert (mrr(tiers), store.generation(), store.count_metrics()) == (300.0, 1, 66)


def test_an_unexpected_failure_keeps_its_details_in_the_log(
    tiers: Tiers, source: SmallSource, caplog: pytest.LogCaptureFixture
) -> None:
    mrr(tiers)
    source.failure = ZeroDivisionError("secret detail")
    with pytest.raises(RefreshFailed) as failed:
        tiers.refresh(wait=True)
    assert str(failed.value) == "The refresh failed unexpectedly; the log of the server says more."
    assert "secret detail" in caplog.text
    assert mrr(tiers) == 300.0


def test_history_is_appended_and_never_cleared(
    tiers: Tiers, source: SmallSource, store: EmbeddedStore
) -> None:
    mrr(tiers)
    fourth_customer(source)
    tiers.refresh(wait=True)
    mrr(tiers)
    assert tiers.clear() == {"l1": 2, "stripe_cache": 11}
    assert tiers.statistics()["l1"]["entries"] == 0
    assert shown(store) == [(1, 300.0), (2, 400.0)]
    assert (store.generation(), tiers.metrics("towpilot").provenance.tier) == (2, "L2")
    # What was made and never asked for is forgotten too.
    assert tiers.metrics("all-products").provenance.tier == "L2"


def test_the_schedule_makes_the_first_build_and_tries_again_after_a_failure(
    tiers: Tiers, source: SmallSource, clock: PassingTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eqho.tiers.schedule.POLL_SECONDS", 0.05)
    source.failure = DOWN
    schedule = threading.Thread(target=tiers.run_background, args=(900,))
    schedule.start()
    try:
        settle(lambda: tiers.statistics()["l3"]["failures"] == 1)
        source.failure = None
        threading.Event().wait(0.3)
        assert tiers.health()["status"] == "starting"
        clock.advance(61)
        settle(lambda: tiers.health()["status"] == "healthy")
    finally:
        tiers.stop()
        schedule.join(10)
    assert not schedule.is_alive()


def test_the_schedule_refreshes_when_its_turn_comes(
    tiers: Tiers, source: SmallSource, clock: PassingTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eqho.tiers.schedule.POLL_SECONDS", 0.05)
    mrr(tiers)
    fourth_customer(source)
    schedule = threading.Thread(target=tiers.run_background, args=(900,))
    schedule.start()
    try:
        threading.Event().wait(0.3)
        clock.advance(880)
        threading.Event().wait(0.3)
        assert tiers.statistics()["generation"] == 1
        clock.advance(20)
        settle(lambda: tiers.statistics()["generation"] == 2)
    finally:
        tiers.stop()
        schedule.join(10)
    assert mrr(tiers) == 400.0


def test_a_lease_that_cannot_be_given_back_does_not_fail_the_refresh(
    tiers: Tiers, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(lease: object) -> None:
        raise StoreUnavailable("MongoDB does not answer.")

    monkeypatch.setattr(store, "release_lease", away)
    assert tiers.refresh(wait=True) == "started"
    assert (mrr(tiers), tiers.health()["status"]) == (300.0, "healthy")


def test_while_the_store_is_away_the_last_build_answers(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    mrr(tiers)
    tiers.clear()

    def away(*_: object) -> None:
        raise StoreUnavailable("MongoDB does not answer.")

    for call in ("generation", "latest_metrics", "count_metrics"):
        monkeypatch.setattr(store, call, away)
    assert mrr(tiers) == 300.0
    assert tiers.statistics()["l2"]["documents"] is None
    with pytest.raises(RefreshFailed, match="MongoDB does not answer"):
        tiers.refresh(wait=True)
    with pytest.raises(StoreUnavailable):
        replica(store, source).metrics("towpilot")
    assert replica(store, source).health()["reason"] == "MongoDB does not answer."


def test_stopping_ends_the_refresh_that_runs_and_none_begins_after(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource
) -> None:
    source.gate.clear()
    tiers.refresh()
    settle(lambda: source.requests > 0)
    stopping = threading.Thread(target=tiers.stop)
    stopping.start()
    settle(tiers._refresher._stopped.is_set)
    source.gate.set()
    stopping.join(20)
    assert not stopping.is_alive()
    assert not tiers.progress()["running"]
    tiers.refresh(wait=True)
    assert store.generation() == 0
    assert [thread.name for thread in threading.enumerate() if thread.name == "eqho-refresh"] == []
