"""From which tier an answer comes, and what it says about itself."""

import logging
import threading
from datetime import date
from typing import Any

import pytest

from eqho.errors import BadArgument, NoBuild
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers, views
from eqho.tiers.provenance import Provenance
from tests.services.plain_account import NOW
from tests.tiers.rig import PassingTime, SmallSource, mrr, replica, settle


def test_source_then_memory_then_store_in_a_new_process(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource
) -> None:
    first, second = tiers.metrics("towpilot"), tiers.metrics("towpilot")
    asked = source.requests
    third = replica(store, source).metrics("towpilot")
    assert [s.provenance.tier for s in (first, second, third)] == ["L3", "L1", "L2"]
    assert [s.value.revenue_metrics.mrr for s in (first, second, third)] == [300.0, 300.0, 300.0]
    assert first.value == second.value == third.value
    assert source.requests == asked


def test_a_document_stored_before_there_was_a_metric_is_made_anew(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tiers.metrics("towpilot").value
    stored = store.latest_metrics

    def of_an_older_version(product: str, policy: str) -> dict[str, Any] | None:
        record = stored(product, policy)
        assert record is not None
        del record["metrics"]["movement_metrics"]["quick_ratio"]
        return record

    monkeypatch.setattr(store, "latest_metrics", of_an_older_version)
    upgraded = replica(store, source).metrics("towpilot")
    assert upgraded.provenance.tier == "L2"
    assert upgraded.value == known


def test_one_build_serves_every_product(tiers: Tiers, source: SmallSource) -> None:
    tiers.metrics("towpilot")
    asked = source.requests
    assert (mrr(tiers, "all-products"), mrr(tiers, "fleetdesk")) == (300.0, 0.0)
    assert source.requests == asked


def test_provenance_of_a_build_just_made(tiers: Tiers, clock: PassingTime) -> None:
    tiers.metrics("towpilot")
    clock.advance(120)
    provenance = tiers.metrics("towpilot").provenance
    assert provenance == Provenance(
        "L1", provenance.age_seconds, "stripe", 1, False, None, provenance.refreshed_at
    )
    assert 120 <= provenance.age_seconds < 140


def test_a_view_is_computed_once_and_then_remembered(tiers: Tiers) -> None:
    first = tiers.view(views.History(start=date(2026, 9, 1), interval="month"), "towpilot")
    second = tiers.view(views.History(start=date(2026, 9, 1)), "towpilot")
    assert [p.date for p in first.value.points] == ["2026-09-30", "2026-10-31", "2026-11-30"]
    assert [s.provenance.tier for s in (first, second)] == ["L2", "L1"]


def test_the_default_policy_and_its_name_are_one_entry(tiers: Tiers) -> None:
    tiers.metrics("towpilot")
    assert tiers.metrics("towpilot", policy="eqho").provenance.tier == "L1"
    assert tiers.metrics("towpilot", policy="stripe").value.policy == "stripe"


def test_as_of_is_the_end_of_that_day(tiers: Tiers) -> None:
    found = tiers.metrics("towpilot", as_of=date(2026, 10, 31)).value
    assert found.as_of == "2026-10-31T23:59:59Z"
    assert found.movement_metrics.period == "2026-10"
    assert tiers.metrics("towpilot", as_of=date(2026, 11, 22)).value.as_of == "2026-11-22T12:00:00Z"


def test_before_the_first_customer_nothing_is_counted(tiers: Tiers) -> None:
    found = tiers.metrics("all-products", as_of=date(2020, 1, 1)).value
    assert (found.revenue_metrics.mrr, found.customer_metrics.customers) == (0.0, 0)
    assert found.undefined["revenue_metrics.arpa"] == "no paying customers"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"as_of": date(2026, 11, 23)}, "as_of (2026-11-23) lies in the future."),
        ({"policy": "generous"}, "There is no policy “generous”; known: eqho, stripe."),
    ],
)
def test_what_cannot_be_asked(tiers: Tiers, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadArgument) as refused:
        tiers.metrics("towpilot", **arguments)
    assert str(refused.value) == sentence


def test_hits_and_misses_are_logged_with_product_and_tier(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "eqho.cache"):
        tiers.metrics("towpilot")
        tiers.metrics("towpilot")
        replica(store, source).metrics("all-products")
    assert [record.message for record in caplog.records if record.name == "eqho.cache"] == [
        "cache miss product=towpilot view=metrics tier=L3",
        "cache hit product=towpilot view=metrics tier=L1",
        "cache miss product=all-products view=metrics tier=L2",
    ]


def test_statistics_of_each_tier(tiers: Tiers, store: EmbeddedStore, source: SmallSource) -> None:
    for _ in range(4):
        tiers.metrics("towpilot")
    tiers.metrics("all-products")
    told = tiers.statistics()
    assert told["l1"]["keys"] == ["metrics:all_products", "metrics:towpilot"]
    assert (told["l1"]["entries"], told["l1"]["hits"], told["l1"]["misses"]) == (2, 3, 2)
    assert told["l1"]["hit_rate"] == 0.6
    # The store was asked once, for a build it did not have.
    assert (told["l2"]["hits"], told["l2"]["misses"]) == (0, 1)
    assert (told["l2"]["enabled"], told["l2"]["backend"]) == (True, "embedded")
    # Now and the ten months since the first customer, for towpilot, fleetdesk, roadcall, other, unmapped and
    # all products.
    settle(lambda: tiers.statistics()["l2"]["documents"] == 6 * (1 + 10))
    assert (told["l3"]["refreshes"], told["l3"]["failures"], told["l3"]["running"]) == (1, 0, False)
    assert told["l3"]["source_requests"] == source.requests
    assert (told["generation"], told["ttl"]) == (1, 300)
    other = replica(store, source)
    other.metrics("towpilot")
    assert (other.statistics()["l2"]["hits"], other.statistics()["l2"]["misses"]) == (1, 0)


def test_eight_who_ask_first_share_one_build(tiers: Tiers, store: EmbeddedStore, source: SmallSource) -> None:
    source.gate.clear()
    found: list[float] = []
    threads = [threading.Thread(target=lambda: found.append(mrr(tiers))) for _ in range(8)]
    for thread in threads:
        thread.start()
    source.gate.set()
    for thread in threads:
        thread.join(20)
    assert found == [300.0] * 8
    assert store.generation() == 1
    assert tiers.statistics()["l3"]["refreshes"] == 1


def test_without_a_build_the_sentence_is_that_of_the_first_sync(
    tiers: Tiers, source: SmallSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eqho.tiers.service.FIRST_BUILD_WAIT", 0.05)
    source.gate.clear()
    with pytest.raises(NoBuild) as missing:
        tiers.metrics("towpilot")
    settle(lambda: tiers.progress()["sentence"] == "Checking what the source lets us read.")
    source.gate.set()
    assert missing.value.sentence == "The first sync is still running; the figures appear when it is done."
    assert missing.value.progress["running"] is True
    assert tiers.refresh(wait=True) == "joined"
    assert mrr(tiers) == 300.0


def test_health_without_a_build_then_with_one(tiers: Tiers, clock: PassingTime) -> None:
    before = tiers.health()
    assert (before["status"], before["last_refresh"], before["stale"]) == ("starting", None, False)
    clock.stand_still(NOW)
    tiers.metrics("towpilot")
    clock.advance(290)
    assert tiers.health() == {
        "status": "healthy",
        "reason": None,
        "cache_stats": {
            "memory_cache": {"entries": 1, "keys": ["metrics:towpilot"]},
            "mongodb_enabled": False,
            "store": "embedded",
        },
        "source": "stripe",
        "last_refresh": "2026-11-22T12:00:00Z",
        "stale": False,
    }


def test_health_of_a_new_process_knows_the_last_refresh(
    tiers: Tiers, store: EmbeddedStore, source: SmallSource
) -> None:
    tiers.metrics("towpilot")
    restarted = replica(store, source).health()
    assert restarted["status"] == "healthy"
    assert restarted["last_refresh"] == tiers.health()["last_refresh"] is not None


def test_health_of_old_figures_is_stale_but_not_degraded(tiers: Tiers, clock: PassingTime) -> None:
    tiers.metrics("towpilot")
    clock.advance(302)
    health = tiers.health()
    assert (health["status"], health["reason"], health["stale"]) == ("healthy", None, True)
