"""Views: what each answers, and the sentence that refuses an argument."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from eqho.errors import BadArgument
from eqho.metrics.week import week
from eqho.tiers import views
from eqho.tiers.arguments import parse_day, parse_first, parse_last
from eqho.tiers.question import A, View
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of

TOLD = ledger_of(
    paid("steady", 100, "2026-01-10"),
    paid("grew", 50, "2026-01-10", "2026-06-10"),
    paid("grew", 80, "2026-06-10"),
    paid("left", 70, "2026-02-01", "2026-05-12"),
)


def ask(view: View[A]) -> A:
    return view.answer(scene_of(TOLD, "all-products"))


def refusal(ask: Callable[[], object]) -> str:
    with pytest.raises(BadArgument) as refused:
        ask()
    return str(refused.value)


def test_history_begins_with_the_first_mrr_and_ends_now() -> None:
    dates = [point.date for point in ask(views.History()).points]
    assert (dates[0], dates[-1], len(dates)) == ("2026-01-31", "2026-06-30", 6)
    weekly = ask(views.History(("mrr",), date(2026, 6, 1), date(2026, 6, 12), "week")).points
    assert [(point.date, point.mrr) for point in weekly] == [
        ("2026-06-07", 150.0),
        ("2026-06-14", 180.0),
    ]


def test_movements_of_a_range() -> None:
    may, june = ask(views.Movements(date(2026, 5, 1))).rows
    assert (may.period, may.churn, may.customers.churn, may.open) == (
        "2026-05",
        70.0,
        1,
        False,
    )
    assert (june.start, june.expansion, june.end, june.open) == (150.0, 30.0, 180.0, True)


@pytest.mark.parametrize(
    ("period", "customers"),
    [
        ("2026-05", ["left"]),
        ("2026-Q2", ["left", "grew"]),
        ("2026-W20", ["left"]),
        ("2026-06-10", ["grew"]),
        ("2026-06-11", []),
    ],
)
def test_the_customers_behind_a_movement_of_any_period(period: str, customers: list[str]) -> None:
    rows = ask(views.MovementCustomers(period)).rows
    assert [row.customer for row in rows] == customers


def test_one_kind_of_movement() -> None:
    rows = ask(views.MovementCustomers("2026-Q2", "churn")).rows
    assert [(row.customer, row.before, row.after) for row in rows] == [("left", 70.0, 0.0)]


def test_customers_are_told_largest_first() -> None:
    everybody = ask(views.Customers())
    assert (everybody.total, [row.customer for row in everybody.rows]) == (3, ["steady", "grew", "left"])


def test_changes_of_the_last_days() -> None:
    scene = scene_of(TOLD, "all-products")
    assert [row.customer for row in week(scene, 7).rows] == ["grew"]
    assert {row.customer for row in week(scene, 60).rows} == {"grew", "left"}


def test_cohorts_and_bridge_and_metrics_are_answered() -> None:
    assert ask(views.Cohorts("mrr")).cohorts[0].values[0] == 150.0
    assert ask(views.Bridge()).rows[0].amount == 180.0
    assert ask(views.Metrics()).revenue_metrics.mrr == 180.0


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (views.History(("mrr", "profit")), "There is no series “profit”; known: mrr, arr,"),
        (
            views.Movements(date(2026, 5, 2), date(2026, 5, 1)),
            "from (2026-05-02) lies after to (2026-05-01).",
        ),
        (
            views.History(start=date(2000, 1, 1), interval="day"),
            "The range has more than 5,000 days: ask for a shorter one.",
        ),
        (
            views.MovementCustomers(""),
            "period is like 2026-10, 2026-Q4, 2026-W41 or 2026-10-05, not “”.",
        ),
        (views.MovementCustomers("2026-Q5"), "period is like 2026-10,"),
        (views.MovementCustomers("2026-W54"), "period is like 2026-10,"),
        (views.CameAndWent("2026-13"), "period is like 2026-10,"),
        (views.Customer("nobody"), "There is no customer “nobody” of all-products."),
        (views.Forecast(0), "months is a whole number from 1 to 36, not “0”."),
        (views.Forecast(37), "months is a whole number from 1 to 36, not “37”."),
    ],
    ids=repr,
)
def test_an_argument_that_means_nothing_is_refused_in_one_sentence(view: View[Any], sentence: str) -> None:
    assert refusal(lambda: ask(view)).startswith(sentence)


@pytest.mark.parametrize(
    ("parse", "text", "sentence"),
    [
        (parse_first, "May", "from is a day like 2026-10-31, not “May”."),
        (parse_last, "2026-02-30", "from is a day like 2026-10-31, not “2026-02-30”."),
        (parse_day, "2026-10", "from is a day like 2026-10-31, not “2026-10”."),
        (parse_first, "0001-01-01", "from is a day from 1971 to 2200, not “0001-01-01”."),
    ],
)
def test_what_is_no_day(parse: Callable[[str, str], date], text: str, sentence: str) -> None:
    assert refusal(lambda: parse("from", text)) == sentence


def test_a_month_is_its_first_day_or_its_last() -> None:
    assert parse_first("from", "2028-02") == date(2028, 2, 1)
    assert parse_last("to", "2028-02") == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (date(2026, 5, 31), date(2026, 5, 31), "does not lie before"),
        (date(2026, 6, 2), date(2026, 5, 31), "does not lie before"),
        (date(2026, 5, 31), date(2026, 6, 16), "lies after the day the numbers stand for"),
    ],
)
def test_a_change_is_explained_between_two_days_that_have_come(start: date, end: date, sentence: str) -> None:
    assert sentence in refusal(lambda: ask(views.Explain(start, end)))


def test_a_forecast_of_few_months_says_how_many_are_needed() -> None:
    assert ask(views.Forecast(5)).undefined["points"].endswith("there are 5")
