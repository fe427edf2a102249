"""What the newest bills tell of the past is what all bills tell of it; the rest is null, with the reason."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from eqho.billing.normalise import read_account
from eqho.billing.objects import Account
from eqho.ledger.build import Ledger, build_ledger
from eqho.ledger.horizon import horizon
from eqho.metrics.definitions import SERIES
from eqho.metrics.entered import Inputs
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.metrics.today_only import as_told
from eqho.metrics.week import week
from eqho.periods import DAY, PeriodLength, day_of
from eqho.sources.base import KINDS, pages
from eqho.sources.demo.source import DemoSource
from eqho.tiers import views
from eqho.tiers.question import View
from tests.metrics import as_json
from tests.metrics.queries import LINES
from tests.metrics.test_today_only import numbers
from tests.services.plain_account import NOW

UTC = ZoneInfo("UTC")
REASON = "after the invoices are read (11 % so far)"
READ_FROM = [NOW - months * 31 * DAY for months in (0, 2, 5, 9, 14, 20, 30)]


@pytest.fixture(scope="module")
def account() -> Account:
    source = DemoSource(lambda: NOW)
    bodies = {
        kind: chain.from_iterable(page.objects for page in pages(source, kind, NOW + 1)) for kind in KINDS
    }
    return read_account(bodies)[0]


@pytest.fixture(scope="module")
def whole(account: Account) -> Ledger:
    return build_ledger(account, LINES, NOW, 1)


@pytest.fixture(scope="module", params=READ_FROM, ids=lambda at: day_of(at, UTC).isoformat())
def newest(request: pytest.FixtureRequest, account: Account) -> tuple[Ledger, int]:
    """The ledger of the bills since, and from when on it tells the past."""
    bills = tuple(i for i in account.invoices if i.created >= request.param)
    part = msgspec.structs.replace(account, invoices=bills)
    return build_ledger(part, LINES, NOW, 1), min(NOW, horizon(part, request.param, NOW) + DAY)


def told(
    ledger: Ledger, view: View[Any], product: str, policy: str, told_from: int | None, at: int = NOW
) -> Any:
    return as_json.told(view, scene(ledger, product, policy, told_from, at))


def scene(ledger: Ledger, product: str, policy: str, told_from: int | None, at: int = NOW) -> Scene:
    untold, since = ("", NOW) if told_from is None else (REASON, told_from)
    return Scene(ledger, LINES, Inputs(), product, at, POLICIES[policy], "usd", UTC, untold, since)


def shown(value: Any) -> Iterator[tuple[str, Any]]:
    return ((path, number) for path, number in numbers(value) if number is not None)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("product", ["all-products", "towpilot"])
def test_no_number_of_the_document_is_taken_back(
    newest: tuple[Ledger, int], whole: Ledger, product: str, policy: str
) -> None:
    ledger, since = newest
    for at in (NOW, *range(NOW - 400 * DAY, NOW, 37 * DAY)):
        first = told(ledger, views.Metrics(), product, policy, since, at)
        final = dict(numbers(told(whole, views.Metrics(), product, policy, None, at)))
        early = dict(shown(first))
        assert early == {path: final[path] for path in early}, at
        assert ("revenue_metrics.mrr" in first["undefined"]) == (at < since)
        for path, value in numbers(first):
            group, _, field = path[1:].partition(".")
            if value is None and field and "." not in field:
                assert f"{group}.{field}" in first["undefined"]


@pytest.mark.parametrize("interval", ["day", "month", "quarter"])
def test_no_point_of_a_series_and_no_movement_is_taken_back(
    newest: tuple[Ledger, int], whole: Ledger, interval: PeriodLength
) -> None:
    ledger, since = newest
    start = day_of(NOW, UTC) - timedelta(days=700)
    for view, rows, key in (
        (views.History(SERIES, start, interval=interval), "points", "date"),
        (views.Movements(start, interval=interval), "rows", "period"),
    ):
        early = told(ledger, view, "all-products", "eqho", since)
        final = {row[key]: row for row in told(whole, view, "all-products", "eqho", None)[rows]}
        for row in early[rows]:
            known = dict(shown(row))
            assert known == {path: dict(numbers(final[row[key]]))[path] for path in known}
        assert early["undefined"][rows] == REASON


def test_the_last_months_are_told_long_before_all_bills_are_read(newest: tuple[Ledger, int]) -> None:
    ledger, since = newest
    points = told(ledger, views.History(("mrr",)), "all-products", "eqho", since)["points"]
    assert [p["mrr"] is not None for p in points] == [True] * len(points)
    assert (len(points) > 1) == (since < NOW - 30 * DAY)


def test_this_week_is_told_once_the_week_before_is(newest: tuple[Ledger, int], whole: Ledger) -> None:
    ledger, since = newest
    then, now = (scene(known, "all-products", "eqho", at) for known, at in ((ledger, since), (whole, None)))
    early = as_told(then, week(then, 7))
    if early.rows:
        assert early == week(now, 7)
    else:
        assert early.undefined["rows"] == REASON


def test_the_customers_behind_a_month_are_told_where_its_movements_are(
    newest: tuple[Ledger, int], whole: Ledger
) -> None:
    ledger, since = newest
    rows = told(ledger, views.Movements(), "all-products", "eqho", since)["rows"]
    for month in ("2026-11", "2026-10", "2026-06", "2025-12"):
        behind = views.MovementCustomers(month)
        early = told(ledger, behind, "all-products", "eqho", since)
        if month in [row["period"] for row in rows]:
            assert early == told(whole, behind, "all-products", "eqho", None)
        else:
            assert (early["rows"], early["undefined"]) == ([], {"rows": REASON})
