"""kill −9 at random moments of a refresh: nothing acknowledged is lost, no half build is served.

`EQHO_SEEDS` is how many moments there are for each store (1 unless told).
"""

import os
import random
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from eqho.api.app import create_api
from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.acceptance.test_tiers_from_outside import becomes
from tests.conftest import MongoDatabase
from tests.services.plain_account import NOW, change, customer, plain_account, subscription
from tests.services.stripe_server import StripeServer, stripe_server
from tests.tiers.rig import LINES, SmallSource, replica

MOMENTS = int(os.environ.get("EQHO_SEEDS", "1"))
FIRST = 120
FIGURES = (
    "metrics/towpilot", "metrics/all-products", "movements/towpilot", "cohorts/towpilot", "cash/towpilot",
    "customers/all-products", "bridge/all-products", "history/towpilot",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["embedded", "mongodb"])
def test_killed_in_the_middle_of_a_refresh(
    run: Run, mongo_database: MongoDatabase, tmp_path: Path, kind: str
) -> None:
    account = plain_account(FIRST, 6)
    mongo = {"MONGODB_URL": mongo_database.url, "MONGODB_DATABASE": mongo_database.name}
    chance = random.Random(14)
    with stripe_server(account, KEY) as stripe:
        stripe.latency = 0.01
        dashboard = run(
            module="tests.acceptance.short_lease",
            **of_stripe(stripe),
            **(mongo if kind == "mongodb" else {}),
        )
        # The first moment is one of the very first pull.
        time.sleep(chance.uniform(0.0, 0.5))
        dashboard.kill()
        dashboard.start()
        becomes(FIRST, lambda: shown(dashboard))
        took = _seconds(dashboard)
        cut_off = 0
        for moment in range(MOMENTS):
            cut_off += killed(dashboard, account, stripe, moment, chance.uniform(0.0, took), chance)
        assert [row["category"] for row in dashboard.get("spend")] == [f"Ads {m}" for m in range(MOMENTS)]
        enter(dashboard, [])
        assert_as_if_built_at_once(dashboard, account, tmp_path / "clean.db")
    print(f"{kind}: {MOMENTS} moments of {took:.2f} s, {cut_off} refreshes cut off")
    assert cut_off >= MOMENTS // 4


def killed(
    dashboard: Dashboard,
    account: StripeAccount,
    stripe: StripeServer,
    moment: int,
    after: float,
    chance: random.Random,
) -> bool:
    """One customer more, and the refresh that would show it is killed; whether it had not ended."""
    before = shown(dashboard)
    number = FIRST + moment
    with stripe.lock:
        # Within the minute, as at Stripe: what was created before a list began is on it.
        account.put("customer", customer(number, NOW - 60))
        change(account, "subscription", subscription(number, NOW - 60), "customer.subscription.created")
    spend = [_spend(earlier) for earlier in range(moment + 1)]
    enter(dashboard, spend)
    full = "true" if chance.random() < 0.7 else "false"
    answers: list[httpx.Response] = []

    def refresh() -> None:
        with suppress(httpx.TransportError):
            path = "/api/v1/cache/refresh/all-products"
            answers.append(dashboard.ask("POST", path, wait="true", full=full))

    waiting = threading.Thread(target=refresh)
    waiting.start()
    time.sleep(after)
    dashboard.kill()
    waiting.join()
    dashboard.start()
    becomes(True, lambda: shown(dashboard) is not None)
    served = shown(dashboard)
    assert served in {before, before + 1}
    assert served == before + 1 or not answers, "an answered refresh is lost"
    assert [row["category"] for row in dashboard.get("spend")] == [row["category"] for row in spend]
    refreshed = dashboard.refresh()
    assert refreshed.status_code == 200, refreshed.text
    assert shown(dashboard) == before + 1
    return not answers


def enter(dashboard: Dashboard, rows: list[dict[str, Any]]) -> None:
    path = f"{dashboard.url}/api/v1/spend"
    assert httpx.put(path, json=rows, headers={"If-Match": "*"}, timeout=90).status_code == 200


def shown(dashboard: Dashboard) -> int | None:
    """Customers, whose MRR must be theirs; None while nothing can be served."""
    answer = dashboard.ask("GET", "/api/v1/metrics/towpilot")
    if answer.status_code == 503:
        return None
    document = answer.json()
    customers: int = document["customer_metrics"]["customers"]
    assert document["revenue_metrics"]["mrr"] == 100.0 * customers
    return customers


def assert_as_if_built_at_once(dashboard: Dashboard, account: StripeAccount, path: Path) -> None:
    """Every figure equals that of a store that has read the account in one go."""
    store = EmbeddedStore(path)
    try:
        api = create_api(replica(store, SmallSource(account)), LINES, None)
        clean = TestClient(
            Starlette(routes=[Mount("/api/v1", api)]),
            base_url="http://127.0.0.1:8501",
            client=("127.0.0.1", 50_000),
        )
        clean.post("/api/v1/cache/refresh/all-products?wait=true")
        for asked in FIGURES:
            expected = clean.get(f"/api/v1/{asked}").json()
            assert without_provenance(dashboard.get(asked)) == without_provenance(expected), asked
    finally:
        store.close()


def without_provenance(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "provenance"}


def _seconds(dashboard: Dashboard) -> float:
    """How long reading everything takes when nobody disturbs it."""
    begin = time.perf_counter()
    answer = dashboard.ask("POST", "/api/v1/cache/refresh/all-products", wait="true", full="true")
    assert answer.status_code == 200
    return time.perf_counter() - begin


def _spend(moment: int) -> dict[str, Any]:
    return {
        "month": "2026-10", "category": f"Ads {moment}", "amount": 10.0, "currency": "USD", "product": None,
    }  # fmt: skip
