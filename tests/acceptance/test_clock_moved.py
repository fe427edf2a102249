"""The machine's clock is moved under the running dashboard; Stripe's goes on being right."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pymongo import MongoClient

from eqho.store.base import Document
from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.acceptance.test_tiers_from_outside import becomes
from tests.conftest import MongoDatabase
from tests.services.moved_clock import MovedClock
from tests.services.plain_account import change, customer, plain_account, subscription
from tests.services.stripe_server import StripeServer, stripe_server

HOUR, DAY = 3_600, 86_400
LAST_OF_NOVEMBER = int(datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp())


@pytest.fixture
def account() -> StripeAccount:
    return plain_account(3)


@pytest.fixture
def stripe(account: StripeAccount) -> Iterator[StripeServer]:
    with stripe_server(account, KEY) as server:
        server.now = LAST_OF_NOVEMBER
        yield server


@pytest.mark.parametrize("kind", ["embedded", "mongodb"])
def test_figures_follow_stripes_clock_and_no_month_is_frozen_before_its_end(
    run: Run,
    stripe: StripeServer,
    account: StripeAccount,
    mongo_database: MongoDatabase,
    tmp_path: Path,
    kind: str,
) -> None:
    mongo = {"MONGODB_URL": mongo_database.url, "MONGODB_DATABASE": mongo_database.name}
    clock = MovedClock(tmp_path, LAST_OF_NOVEMBER)
    dashboard = run(
        **of_stripe(stripe), **clock.environment, **(mongo if kind == "mongodb" else {}), EQHO_NOW=""
    )
    begun(dashboard)

    def frozen() -> set[str]:
        return frozen_in(mongo_database) if kind == "mongodb" else frozen_in(tmp_path / "data" / "eqho.db")

    for number, moved in enumerate((-HOUR, DAY, 0, -DAY, 40 * DAY, 0), start=4):
        clock.move(moved)
        sold(account, number)
        refreshed = dashboard.refresh().json()
        assert refreshed["revenue_metrics"]["mrr"] == 100.0 * number, f"the clock {moved} s off"
        assert refreshed["movement_metrics"]["period"] == "2026-11"
        assert told_of_clock(refreshed) is (moved != 0)
        provenance = dashboard.get("metrics/towpilot")["provenance"]
        assert 0 <= provenance["age_seconds"] < 60
        assert not provenance["stale"]
        assert dashboard.health()[1]["status"] == "healthy"
        points = by_day(dashboard, "2026-11-20")
        assert (points[-1]["date"], points[-1]["mrr"]) == ("2026-11-30", 100.0 * number)
    becomes("2026-10", lambda: max(frozen(), default=""), 90)
    shown = dashboard.get("history/towpilot", metrics="mrr", interval="day", basis="snapshot")["points"]
    assert max(point["date"] for point in shown) == "2026-11-30"

    # Now the month is over.
    stripe.now = LAST_OF_NOVEMBER + DAY
    clock.move(DAY)
    assert dashboard.refresh().json()["movement_metrics"]["period"] == "2026-12"
    becomes("2026-11", lambda: max(frozen(), default=""), 90)
    assert "Traceback" not in dashboard.log


def test_a_failure_is_told_after_the_clock_was_put_back(
    run: Run, stripe: StripeServer, tmp_path: Path
) -> None:
    clock = MovedClock(tmp_path, LAST_OF_NOVEMBER)
    dashboard = run(**of_stripe(stripe), **clock.environment, EQHO_NOW="")
    begun(dashboard)
    clock.move(-HOUR)
    stripe.stop()
    # A refresh that was under way may be joined, and have read all before.
    becomes(503, lambda: dashboard.refresh().status_code)
    provenance = dashboard.get("metrics/towpilot")["provenance"]
    assert provenance["stale"]
    assert "Stripe" in provenance["stale_reason"]
    assert 0 <= provenance["age_seconds"] < HOUR
    assert dashboard.health()[1]["status"] == "degraded"


def test_the_night_in_which_an_hour_comes_twice(run: Run, stripe: StripeServer, tmp_path: Path) -> None:
    """2026-11-01 in New York, where one o'clock strikes at 05:00 and at 06:00 UTC."""
    before = int(datetime(2026, 11, 1, 5, 30, tzinfo=UTC).timestamp())
    stripe.now = before
    clock = MovedClock(tmp_path, before)
    zone = {"EQHO_TIMEZONE": "America/New_York", "TZ": "America/New_York", "EQHO_NOW": ""}
    dashboard = run(**of_stripe(stripe), **clock.environment, **zone)
    begun(dashboard)
    figures = []
    for hours in range(4):
        stripe.now = before + hours * HOUR
        clock.move(hours * HOUR)
        refreshed = dashboard.refresh().json()
        points = by_day(dashboard, "2026-10-30")
        figures.append(
            (refreshed["movement_metrics"]["period"], [(point["date"], point["mrr"]) for point in points])
        )
        assert dashboard.get("metrics/towpilot")["provenance"]["age_seconds"] < 60
    assert figures == [figures[0]] * 4
    assert [date for date, _ in figures[0][1]] == ["2026-10-30", "2026-10-31", "2026-11-01"]


def begun(dashboard: Dashboard) -> None:
    """On a slow machine figures are shown before the first pull is done."""
    becomes("healthy", lambda: dashboard.health()[1]["status"], 60)


def sold(account: StripeAccount, number: int) -> None:
    """Customer `number` since a minute ago."""
    at = LAST_OF_NOVEMBER - 60
    account.put("customer", customer(number, at))
    change(account, "subscription", subscription(number, at), "customer.subscription.created", at)


def by_day(dashboard: Dashboard, first: str) -> list[Document]:
    answer = dashboard.get("history/towpilot", metrics="mrr", interval="day", **{"from": first})
    points: list[Document] = answer["points"]
    return points


def told_of_clock(document: Document) -> bool:
    return any(issue["code"] == "clock_wrong" for issue in document["issues"])


def frozen_in(place: MongoDatabase | Path) -> set[str]:
    """The frozen months of TowPilot."""
    if isinstance(place, Path):
        store = EmbeddedStore(place)
        try:
            return {record["closed_month"] for record in store.frozen_months("towpilot", "eqho")}
        finally:
            store.close()
    with MongoClient[Document](place.url) as client:
        found = client[place.name].metrics.find({"product": "towpilot", "closed_month": {"$gt": ""}})
        return {record["closed_month"] for record in found}
