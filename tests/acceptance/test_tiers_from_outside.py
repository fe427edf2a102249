"""The tiers as a caller sees them: where an answer comes from, and what survives."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from eqho.sources.base import KINDS
from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.conftest import MongoDatabase
from tests.services.mongod import Mongod
from tests.services.plain_account import NOW, change, customer, plain_account, subscription
from tests.services.stripe_server import StripeServer, stripe_server
from tests.services.upstreams import Upstream


@pytest.fixture
def account() -> StripeAccount:
    """Three customers at $100 a month."""
    return plain_account(3)


@pytest.fixture
def stripe(account: StripeAccount) -> Iterator[StripeServer]:
    with stripe_server(account, KEY) as server:
        yield server


def fourth_customer(account: StripeAccount) -> None:
    account.put("customer", customer(4, NOW - 60))
    change(account, "subscription", subscription(4, NOW - 60), "customer.subscription.created")


def told(dashboard: Dashboard, product: str = "towpilot") -> tuple[float, str, bool]:
    """MRR, tier, stale."""
    found = dashboard.get(f"metrics/{product}")
    provenance = found["provenance"]
    return found["revenue_metrics"]["mrr"], provenance["tier"], provenance["stale"]


def becomes(expected: Any, look: Callable[[], Any], seconds: float = 30) -> None:
    """Wait for what happens in the background."""
    until = time.monotonic() + seconds
    while (found := look()) != expected and time.monotonic() < until:
        time.sleep(0.2)
    assert found == expected


def test_source_then_memory_then_store_after_a_restart(
    run: Run, upstream: Upstream, mongo_database: MongoDatabase
) -> None:
    mongo = {"MONGODB_URL": mongo_database.url, "MONGODB_DATABASE": mongo_database.name}
    dashboard = run(**upstream.settings, **mongo)
    assert told(dashboard) == (300.0, "L3", False)
    assert told(dashboard) == (300.0, "L1", False)
    assert told(dashboard, "all-products") == (300.0, "L3", False)
    assert "cache miss product=towpilot view=metrics tier=L3" in dashboard.log
    assert "cache hit product=towpilot view=metrics tier=L1" in dashboard.log
    assert len(upstream.times()) > 10
    status, health = dashboard.health()
    refreshed = health.pop("last_refresh")
    assert (status, health) == (
        200,
        {
            "status": "healthy",
            "cache_stats": {
                "memory_cache": {"entries": 2, "keys": ["metrics:all_products", "metrics:towpilot"]},
                "mongodb_enabled": True,
                "store": "mongodb",
            },
            "source": upstream.name,
            "stale": False,
        },
    )
    upstream.clear_log()
    dashboard.restart()
    assert told(dashboard) == (300.0, "L2", False)
    assert told(dashboard) == (300.0, "L1", False)
    assert dashboard.get("customers/towpilot")["total"] == 3
    assert dashboard.health()[1]["last_refresh"] == refreshed
    assert upstream.times() == []
    assert "cache miss product=towpilot view=metrics tier=L2" in dashboard.log


def test_the_source_switched_off_and_on_again(run: Run, upstream: Upstream) -> None:
    dashboard = run(**upstream.settings)
    before = dashboard.get("metrics/all-products")
    upstream.switch(down=True)
    answer = dashboard.refresh()
    sentence = answer.json()["detail"]
    assert answer.status_code == 503
    assert re.fullmatch(upstream.away, sentence)
    after = dashboard.get("metrics/all-products")
    assert (after["provenance"]["stale"], after["provenance"]["stale_reason"]) == (True, sentence)
    assert after | {"provenance": None} == before | {"provenance": None}
    status, health = dashboard.health()
    assert (status, health["status"], health["reason"], health["stale"]) == (200, "degraded", sentence, True)
    upstream.switch(down=False)
    upstream.add_customer(4)
    answer = dashboard.refresh()
    assert (answer.status_code, answer.json()["revenue_metrics"]["mrr"]) == (200, 400.0)
    assert told(dashboard, "all-products") == (400.0, "L1", False)
    assert dashboard.health()[1]["status"] == "healthy"


def test_old_figures_are_served_at_once_and_refreshed_behind_the_scenes(run: Run, upstream: Upstream) -> None:
    dashboard = run(**upstream.settings, CACHE_TTL="1")
    assert told(dashboard)[0] == 300.0
    upstream.add_customer(4)
    becomes(400.0, lambda: told(dashboard)[0])


def test_what_mongodb_holds_and_what_clear_forgets(
    run: Run, stripe: StripeServer, account: StripeAccount, mongo_database: MongoDatabase
) -> None:
    mongo = {"MONGODB_URL": mongo_database.url, "MONGODB_DATABASE": mongo_database.name}
    dashboard = run(**of_stripe(stripe), **mongo)
    told(dashboard)
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_database.url)
    with client:
        database = client[mongo_database.name]
        newest = database.metrics.find_one({"product": "towpilot"}, sort=[("timestamp", -1)])
        assert newest is not None
        assert (newest["product"], newest["policy"], newest["definition"]) == ("towpilot", "eqho", "2026-11")
        assert (newest["build"], newest["as_of"]) == (1, None)
        assert newest["timestamp"].isoformat() == "2026-11-22T12:00:00"
        assert newest["metrics"].keys() >= {
            "customer_metrics", "revenue_metrics", "cac_metrics", "ltv_metrics",
        }  # fmt: skip
        assert newest["metrics"]["revenue_metrics"]["mrr"] == 300.0
        pages = {page["cache_key"].split(":")[0]: page for page in database.stripe_cache.find()}
        assert len(pages["customers"]["data"]) == len(pages["subscriptions"]["data"]) == 3
        assert pages["customers"].keys() == {"_id", "cache_key", "timestamp", "data"}
        assert [("timestamp", -1)] in indexes(database.metrics)
        assert [("product", 1), ("timestamp", -1)] in indexes(database.metrics)
        options = database.stripe_cache.index_information().values()
        assert [o["expireAfterSeconds"] for o in options if o["key"] == [("timestamp", 1)]] == [3_600]
        assert [o["unique"] for o in options if o["key"] == [("cache_key", 1)]] == [True]

        fourth_customer(account)
        dashboard.refresh()
        cleared = dashboard.ask("POST", "/api/v1/cache/clear").json()["cleared"]
        assert cleared["stripe_cache"] == len(KINDS)
        assert cleared["l1"] >= 1
        assert database.stripe_cache.count_documents({}) == 0
        assert shown(database) == [300.0, 400.0]
        assert database.stripe_objects.count_documents({"type": "subscription"}) == 4
        assert database.stripe_events.count_documents({}) == 2
        assert told(dashboard) == (400.0, "L2", False)


def shown(database: Any) -> list[float]:
    """TowPilot's MRR in every snapshot, without the frozen months."""
    wanted = {"product": "towpilot", "closed_month": {"$exists": False}}
    found = database.metrics.find(wanted, sort=[("build", 1)])
    return [document["metrics"]["revenue_metrics"]["mrr"] for document in found]


def indexes(collection: Any) -> list[list[tuple[str, int]]]:
    return [index["key"] for index in collection.index_information().values()]


def test_mongodb_killed_and_back_again(
    run: Run, stripe: StripeServer, account: StripeAccount, own_mongod: Mongod
) -> None:
    dashboard = run(**of_stripe(stripe), MONGODB_URL=own_mongod.url)
    assert told(dashboard) == (300.0, "L3", False)
    own_mongod.kill()
    away = (
        f"MongoDB at 127.0.0.1:{own_mongod.port} does not answer: start it, or check MONGODB_URL and the "
        "network."
    )
    becomes(
        ("degraded", away), lambda: (dashboard.health()[1]["status"], dashboard.health()[1].get("reason"))
    )
    assert dashboard.health()[0] == 200
    assert told(dashboard)[:2] == (300.0, "L1")
    assert dashboard.get("metrics/fleetdesk")["revenue_metrics"]["mrr"] == 0.0
    assert dashboard.get("customers/towpilot")["total"] == 3
    points = dashboard.get("history/towpilot", metrics="mrr")["points"]
    assert (points[0]["date"], len(points), points[-1]["mrr"]) == ("2026-01-31", 11, 300.0)
    assert dashboard.get("cache/stats")["l2"]["enabled"] is False
    failed = dashboard.refresh()
    assert (failed.status_code, failed.json()["detail"]) == (503, away)
    assert told(dashboard)[0] == 300.0

    fourth_customer(account)
    own_mongod.start()
    becomes(True, lambda: dashboard.get("cache/stats")["l2"]["enabled"])
    answer = dashboard.refresh()
    assert (answer.status_code, answer.json()["revenue_metrics"]["mrr"]) == (200, 400.0)
    assert dashboard.health()[1]["status"] == "healthy"
    client: MongoClient[dict[str, Any]] = MongoClient(own_mongod.url)
    with client:
        assert shown(client["eqho_metrics"]) == [300.0, 400.0]
    stripe.clear_log()
    dashboard.restart()
    assert told(dashboard) == (400.0, "L2", False)
    assert stripe.requests == []
