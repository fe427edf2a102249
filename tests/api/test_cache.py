"""Refresh, clear, statistics and `/health`."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from eqho.sources.base import KINDS, SourceError
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.api.conftest import Client, subscribed
from tests.services.plain_account import NOW, change
from tests.tiers.rig import SmallSource, settle

Get = Callable[..., Any]
DOWN = SourceError("Stripe does not answer: check the network.")


@pytest.fixture
def caller(client: Client) -> TestClient:
    return client()


def test_a_refresh_that_nobody_waits_for(caller: TestClient, source: SmallSource, tiers: Tiers) -> None:
    source.gate.clear()
    first = caller.post("/api/v1/cache/refresh/towpilot")
    second = caller.post("/api/v1/cache/refresh/all_products")
    source.gate.set()
    assert (first.status_code, first.json()) == (202, {"status": "started"})
    assert (second.status_code, second.json()) == (202, {"status": "joined"})
    tiers.refresh(wait=True)


def test_a_refresh_that_is_waited_for_gives_the_new_numbers(
    caller: TestClient, get: Get, source: SmallSource
) -> None:
    assert get("metrics/all-products")["revenue_metrics"]["mrr"] == 400.0
    new = subscribed(4, "Di", 5_000, "2026-11-22T11:59:00")
    for kind in ("price", "customer"):
        source.account.put(kind, new[kind])
    change(source.account, "subscription", new["subscription"], "customer.subscription.created", NOW - 60)
    assert get("metrics/all-products")["revenue_metrics"]["mrr"] == 400.0
    answer = caller.post("/api/v1/cache/refresh/all-products", params={"wait": "true"})
    assert answer.status_code == 200
    assert (answer.json()["product"], answer.json()["revenue_metrics"]["mrr"]) == ("all-products", 450.0)
    assert (answer.json()["provenance"]["tier"], answer.json()["provenance"]["build"]) == ("L3", 2)
    assert get("metrics/all-products")["provenance"]["tier"] == "L1"


def test_a_refresh_that_fails_says_why_and_the_numbers_stay(
    caller: TestClient, get: Get, source: SmallSource
) -> None:
    before = get("metrics/towpilot")
    source.failure = DOWN
    answer = caller.post("/api/v1/cache/refresh/towpilot", params={"wait": "true"})
    assert (answer.status_code, answer.json()) == (503, {"detail": str(DOWN)})
    after = get("metrics/towpilot")
    assert (after["provenance"]["stale"], after["provenance"]["stale_reason"]) == (True, str(DOWN))
    assert before | {"provenance": 0} == after | {"provenance": 0}
    health = caller.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert (health.json()["reason"], health.json()["stale"]) == (str(DOWN), True)


def test_clear_forgets_caches_and_keeps_history(caller: TestClient, get: Get, store: EmbeddedStore) -> None:
    get("metrics/towpilot")
    get("cohorts/towpilot")
    answer = caller.post("/api/v1/cache/clear")
    # One page of each kind of object was read.
    assert (answer.status_code, answer.json()) == (200, {"cleared": {"l1": 2, "stripe_cache": len(KINDS)}})
    # The snapshot, and two months that were closed.
    settle(lambda: store.count_metrics("towpilot") == 3)
    assert store.count_objects()["subscription"] == 3
    assert get("metrics/towpilot")["provenance"]["tier"] == "L2"


def test_statistics_of_the_cache(get: Get) -> None:
    for _ in range(3):
        get("metrics/towpilot")
    found = get("cache/stats")
    assert set(found) == {"l1", "l2", "l3", "generation", "ttl"}
    assert found["l1"].keys() == {
        "entries", "keys", "hits", "misses", "hit_rate", "p50_ms", "p95_ms", "p99_ms",
        "miss_p50_ms", "miss_p99_ms",
    }  # fmt: skip
    assert (found["l1"]["keys"], found["l1"]["hits"], found["l1"]["misses"]) == (["metrics:towpilot"], 2, 1)
    assert (found["l2"]["enabled"], found["l2"]["backend"]) == (True, "embedded")
    # Six products now, and two months that were closed.
    settle(lambda: get("cache/stats")["l2"]["documents"] == 18)
    assert found["l3"].keys() >= {
        "refreshes", "failures", "source_requests", "last_duration_s", "running", "progress",
    }  # fmt: skip
    assert (found["l3"]["refreshes"], found["l3"]["failures"], found["l3"]["running"]) == (1, 0, False)
    assert (found["generation"], found["ttl"]) == (1, 300)


def test_health_is_503_until_something_can_be_served(caller: TestClient, get: Get) -> None:
    starting = caller.get("/health")
    assert starting.status_code == 503
    assert (starting.json()["status"], starting.json()["last_refresh"]) == ("starting", None)
    get("metrics/towpilot")
    answer = caller.get("/health")
    assert answer.status_code == 200
    found = answer.json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.pop("last_refresh"))
    assert found == {
        "status": "healthy",
        "cache_stats": {
            "memory_cache": {"entries": 1, "keys": ["metrics:towpilot"]},
            "mongodb_enabled": False,
            "store": "embedded",
        },
        "source": "stripe",
        "stale": False,
    }


def test_health_without_a_build_says_why(caller: TestClient, source: SmallSource) -> None:
    source.failure = DOWN
    missing = caller.get("/api/v1/metrics/towpilot")
    assert (missing.status_code, missing.json()["detail"]) == (503, str(DOWN))
    assert missing.json()["progress"]["running"] is False
    health = caller.get("/health")
    assert (health.status_code, health.json()["status"]) == (503, "starting")
    assert health.json()["reason"] == str(DOWN)


def test_health_tells_no_figures_and_needs_no_token(client: Client, get: Get) -> None:
    get("metrics/towpilot")
    stranger = client(token="secret-token", address="203.0.113.9", host="https://metrics.example.com")
    answer = stranger.get("/health")
    assert answer.status_code == 200
    assert "400" not in answer.text
    assert "Ann" not in answer.text


def test_full_reads_everything_again(caller: TestClient, source: SmallSource) -> None:
    """What no event tells comes in by a full refresh alone."""
    caller.get("/api/v1/metrics/all-products")
    for kind, body in subscribed(7, "Dee", 50_000, "2026-11-20").items():
        source.account.put(kind, body)
    answer = caller.post("/api/v1/cache/refresh/all-products?wait=true").json()
    assert answer["revenue_metrics"]["mrr"] == 400.0
    answer = caller.post("/api/v1/cache/refresh/all-products?wait=true&full=true").json()
    assert answer["revenue_metrics"]["mrr"] == 900.0
    assert caller.post("/api/v1/cache/refresh/all-products?full=true").status_code == 202
