"""Named views: what each answers, and the sentence that refuses an argument."""

from typing import Any

import pytest

from eqho.errors import BadArgument
from eqho.tiers.queries import VIEWS
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of

TOLD = ledger_of(
    paid("steady", 100, "2026-01-10"),
    paid("grew", 50, "2026-01-10", "2026-06-10"),
    paid("grew", 80, "2026-06-10"),
    paid("left", 70, "2026-02-01", "2026-05-12"),
)


def view(name: str, product: str = "all-products", **arguments: str) -> dict[str, Any]:
    return VIEWS[name](scene_of(TOLD, product), arguments)


def refusal(name: str, **arguments: str) -> str:
    with pytest.raises(BadArgument) as refused:
        view(name, **arguments)
    return str(refused.value)


def test_history_begins_with_the_first_mrr_and_ends_now() -> None:
    dates = [point["date"] for point in view("history")["points"]]
    assert (dates[0], dates[-1], len(dates)) == ("2026-01-31", "2026-06-30", 6)
    weekly = view("history", metrics="mrr", interval="week", start="2026-06-01", end="2026-06-12")["points"]
    assert [(point["date"], point["mrr"]) for point in weekly] == [
        ("2026-06-07", 150.0),
        ("2026-06-14", 180.0),
    ]


def test_movements_of_a_range() -> None:
    may, june = view("movements", start="2026-05-01")["rows"]
    assert (may["period"], may["churn"], may["customers"]["churn"], may["open"]) == (
        "2026-05",
        70.0,
        1,
        False,
    )
    assert (june["start"], june["expansion"], june["end"], june["open"]) == (150.0, 30.0, 180.0, True)


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
    rows = view("movement_customers", period=period)["rows"]
    assert [row["customer"] for row in rows] == customers


def test_one_kind_of_movement() -> None:
    rows = view("movement_customers", period="2026-Q2", kind="churn")["rows"]
    assert [(row["customer"], row["before"], row["after"]) for row in rows] == [("left", 70.0, 0.0)]


def test_customers_page_by_page() -> None:
    page = view("customers", limit="1", offset="1")
    assert (page["total"], [row["customer"] for row in page["rows"]]) == (3, ["grew"])


def test_changes_of_the_last_days() -> None:
    assert [row["customer"] for row in view("changes")["rows"]] == ["grew"]
    assert {row["customer"] for row in view("changes", days="60")["rows"]} == {"grew", "left"}


def test_cohorts_and_bridge_and_metrics_are_answered() -> None:
    assert view("cohorts", measure="mrr")["cohorts"][0]["values"][0] == 150.0
    assert view("bridge")["rows"][0]["amount"] == 180.0
    assert view("metrics")["revenue_metrics"]["mrr"] == 180.0


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("history", {"metrics": "mrr,profit"}, "There is no series “profit”; known: mrr, arr,"),
        ("history", {"interval": "year"}, "interval is one of day, week, month, quarter, not “year”."),
        ("history", {"start": "May"}, "from is a day like 2026-10-31, not “May”."),
        ("movements", {"end": "2026-02-30"}, "to is a day like 2026-10-31, not “2026-02-30”."),
        ("history", {"start": "0001-01-01"}, "from is a day from 1971 to 2200, not “0001-01-01”."),
        (
            "movements",
            {"start": "2026-05-02", "end": "2026-05-01"},
            "from (2026-05-02) lies after to (2026-05-01).",
        ),
        (
            "history",
            {"start": "2000-01-01", "interval": "day"},
            "The range has more than 5,000 days: ask for a shorter one.",
        ),
        ("movement_customers", {"kind": "upgrade"}, "There is no movement “upgrade”; known: new,"),
        ("movement_customers", {}, "period is like 2026-10, 2026-Q4, 2026-W41 or 2026-10-05, not “”."),
        ("movement_customers", {"period": "2026-Q5"}, "period is like 2026-10,"),
        ("movement_customers", {"period": "2026-W54"}, "period is like 2026-10,"),
        ("movement_customers", {"period": "2026-13"}, "period is like 2026-10,"),
        ("customers", {"limit": "-1"}, "limit is a whole number from 0 up, not “-1”."),
        ("changes", {"days": "a week"}, "days is a whole number from 0 up, not “a week”."),
        ("cohorts", {"measure": "arr"}, "Cohorts are measured in customers or mrr, not in “arr”."),
        ("customer", {"customer": "nobody"}, "There is no customer “nobody” of all-products."),
    ],
)
def test_an_argument_that_means_nothing_is_refused_in_one_sentence(
    name: str, arguments: dict[str, str], sentence: str
) -> None:
    assert refusal(name, **arguments).startswith(sentence)


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("2026-05-31", "2026-05-31", "does not lie before"),
        ("2026-06-02", "2026-05-31", "does not lie before"),
        ("2026-05-31", "2026-06-16", "lies after the day the numbers stand for"),
        ("", "2026-06-01", "from is a day"),
    ],
)
def test_a_change_is_explained_between_two_days_that_have_come(start: str, end: str, sentence: str) -> None:
    assert sentence in refusal("explain", start=start, end=end)


def test_a_forecast_is_asked_for_at_most_three_years() -> None:
    assert "months is a whole number from 1 to 36" in refusal("forecast", months="37")
    assert view("forecast", months="5")["undefined"]["points"].endswith("there are 5")
