"""Series, movements, cohorts, customers and the bridge, as API.md has them."""

from collections.abc import Callable
from typing import Any

Get = Callable[..., Any]


def test_history_has_one_point_for_every_month_touched(get: Get) -> None:
    found = get("history/towpilot", **{"from": "2026-09-15", "to": "2026-11-30"})
    assert found == {
        "points": [
            {"date": "2026-09-30", "mrr": 100.0, "customers": 1, "open": False},
            {"date": "2026-10-31", "mrr": 500.0, "customers": 2, "open": False},
            {"date": "2026-11-30", "mrr": 400.0, "customers": 2, "open": True},
        ]
    }


def test_history_by_day_week_and_quarter(get: Get) -> None:
    days = get(
        "history/towpilot", metrics="mrr", interval="day", **{"from": "2026-11-09", "to": "2026-11-10"}
    )
    assert [(p["date"], p["mrr"]) for p in days["points"]] == [("2026-11-09", 800.0), ("2026-11-10", 400.0)]
    weeks = get("history/towpilot", metrics="arr", interval="week", **{"from": "2026-11-02"})
    assert [(p["date"], p["arr"]) for p in weeks["points"]] == [
        ("2026-11-08", 9_600.0), ("2026-11-15", 4_800.0), ("2026-11-22", 4_800.0),
    ]  # fmt: skip
    quarters = get("history/towpilot", metrics="customers", interval="quarter")
    assert [(p["date"], p["customers"]) for p in quarters["points"]] == [("2026-09-30", 1), ("2026-12-31", 2)]


def test_a_value_of_history_that_is_not_defined_is_null(get: Get) -> None:
    points = get("history/towpilot", metrics="nrr_12m")["points"]
    assert [p["nrr_12m"] for p in points] == [None, None, None]


def test_movements_begin_and_end_with_the_balances(get: Get) -> None:
    october, november = get("movements/towpilot", **{"from": "2026-10-01"})["rows"]
    assert october == {
        "period": "2026-10", "start": 100.0, "new": 400.0, "reactivation": 0.0, "expansion": 0.0,
        "entering": 0.0, "contraction": 0.0, "churn": 0.0, "leaving": 0.0, "fx": 0.0, "end": 500.0,
        "customers": {
            "start": 1, "new": 1, "reactivation": 0, "expansion": 0, "entering": 0, "contraction": 0,
            "churn": 0, "leaving": 0, "end": 2,
        },
        "open": False,
    }  # fmt: skip
    assert (november["start"], november["new"], november["churn"], november["end"]) == (500, 300, 400, 400)
    assert november["open"] is True


def test_the_customers_behind_a_cell(get: Get) -> None:
    both = get("movements/towpilot/customers", period="2026-11")["rows"]
    assert [(row["name"], row["kind"]) for row in both] == [("Bob", "churn"), ("Cy", "new")]
    assert get("movements/towpilot/customers", period="2026-11", kind="churn") == {
        "rows": [
            {
                "customer": "cus_000002", "name": "Bob", "kind": "churn", "before": 400.0, "after": 0.0,
                "change": -400.0,
            }
        ]
    }  # fmt: skip
    quarter = get("movements/towpilot/customers", period="2026-Q4")["rows"]
    assert [(row["name"], row["kind"]) for row in quarter] == [("Cy", "new")]


def test_cohorts_leave_open_months_empty(get: Get) -> None:
    assert get("cohorts/towpilot") == {
        "cohorts": [
            {"cohort": "2026-09", "size": 1, "values": [1, 1, None]},
            {"cohort": "2026-10", "size": 1, "values": [1, None]},
            {"cohort": "2026-11", "size": 1, "values": [None]},
        ]
    }
    money = get("cohorts/towpilot", measure="mrr")["cohorts"]
    assert [row["values"] for row in money] == [[100.0, 100.0, None], [400.0, None], [None]]


def test_customers_with_the_largest_first_and_those_at_nothing_last(get: Get) -> None:
    found = get("customers/towpilot")
    assert found["total"] == 3
    assert found["rows"][0] == {
        "customer": "cus_000003",
        "name": "Cy",
        "mrr": 300.0,
        "since": "2026-11-03T00:00:00Z",
        "status": "active",
        "lines": ["towpilot"],
        "plans": ["TowPilot 1"],
        "stripe_url": "https://dashboard.stripe.com/test/customers/cus_000003",
    }
    assert [(row["name"], row["mrr"], row["status"]) for row in found["rows"][1:]] == [
        ("Ann", 100.0, "active"), ("Bob", 0.0, "churned"),
    ]  # fmt: skip


def test_customers_page_by_page_and_at_a_past_day(get: Get) -> None:
    second = get("customers/towpilot", limit=1, offset=1)
    assert (second["total"], [row["name"] for row in second["rows"]]) == (3, ["Ann"])
    assert get("customers/towpilot", offset=3) == {"total": 3, "rows": []}
    october = get("customers/towpilot", as_of="2026-10-31")
    assert [(row["name"], row["mrr"]) for row in october["rows"]] == [("Bob", 400.0), ("Ann", 100.0)]


def test_the_bridge_leads_from_list_prices_to_both_totals(get: Get) -> None:
    rows = get("bridge/towpilot")["rows"]
    assert rows[0] == {"step": "List MRR", "amount": 400.0, "subscriptions": ["sub_000001", "sub_000003"]}
    totals = {row["step"]: row["amount"] for row in rows if row["step"] in {"eqho", "stripe"}}
    assert totals == {"eqho": 400.0, "stripe": 400.0}
    assert get("bridge/towpilot", as_of="2026-10-31")["rows"][0]["amount"] == 500.0


def test_as_of_a_past_day_series_movements_and_customers_end_with_it(get: Get) -> None:
    points = get("history/towpilot", as_of="2026-10-15", **{"from": "2026-09-01"})["points"]
    assert [(point["date"], point["open"]) for point in points] == [
        ("2026-09-30", False),
        ("2026-10-31", True),
    ]
    rows = get("movements/towpilot", as_of="2026-10-31")["rows"]
    assert (rows[-1]["period"], rows[-1]["end"], rows[-1]["open"]) == ("2026-10", 500.0, False)
    early = get("movements/towpilot/customers", period="2026-11", as_of="2026-11-01")["rows"]
    assert {row["name"] for row in early} <= {"Cy"}


def test_the_bridge_is_the_same_whatever_the_policy_asked_under(get: Get) -> None:
    assert get("bridge/towpilot", policy="stripe") == get("bridge/towpilot")
