"""Series: every metric of a range at the end of each period."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from eqho.metrics.definitions import METRICS, SERIES
from eqho.periods import periods
from tests.metrics.as_json import points
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of

UTC = ZoneInfo("UTC")
TOLD = ledger_of(
    paid("kept", 100, "2025-04-10"),
    paid("grew", 100, "2025-04-10", "2026-05-02"),
    paid("grew", 140, "2026-05-02"),
    paid("left", 100, "2025-04-10", "2026-05-20", requested="2026-04-20"),
    paid("second", 30, "2026-03-01", subscription="another"),
    paid("second", 20, "2026-03-01"),
)


def spring(*metrics: str, policy: str = "eqho") -> list[dict[str, object]]:
    months = periods(date(2026, 4, 1), date(2026, 6, 15), "month", UTC)
    return points(scene_of(TOLD, "all-products", policy=policy), metrics, months)


def test_each_point_is_dated_on_the_last_day_of_its_period_and_the_running_one_is_open() -> None:
    assert [(p["date"], p["open"]) for p in spring("mrr")] == [
        ("2026-04-30", False),
        ("2026-05-31", False),
        ("2026-06-30", True),
    ]


@pytest.mark.parametrize(
    ("metric", "values"),
    [
        ("mrr", [350.0, 290.0, 290.0]),
        ("arr", [4200.0, 3480.0, 3480.0]),
        ("customers", [4, 3, 3]),
        ("subscriptions", [5, 4, 4]),
        ("arpa", [87.5, 96.67, 96.67]),
        ("net_new", [0.0, -60.0, 0.0]),
        ("quick_ratio", [None, 0.4, None]),
        ("customer_churn_rate", [0.0, 0.25, 0.0]),
        ("gross_mrr_churn_rate", [0.0, 100 / 350, 0.0]),
        ("net_mrr_churn_rate", [0.0, 60 / 350, 0.0]),
        ("nrr_12m", [1.0, 240 / 300, 240 / 300]),
        ("grr_12m", [1.0, 200 / 300, 200 / 300]),
    ],
)
def test_every_series(metric: str, values: list[float | None]) -> None:
    assert [p[metric] for p in spring(metric)] == values


def test_every_series_has_a_value_and_those_of_the_api_are_there() -> None:
    assert set(spring(*SERIES)[0]) == {"date", "open", *SERIES}
    assert set(SERIES) >= {
        "mrr", "arr", "customers", "arpa", "subscriptions", "net_new", "quick_ratio", "customer_churn_rate",
        "gross_mrr_churn_rate", "net_mrr_churn_rate", "nrr_12m", "grr_12m", "cac", "payback_months", "ltv",
        "monthly_churn", "ltv_cac",
    }  # fmt: skip


def test_under_stripes_policy_a_customer_goes_when_that_was_asked_for() -> None:
    """Four paid in the 30 days before the end of April, and one of them had asked to go."""
    assert [p["mrr"] for p in spring("mrr", policy="stripe")] == [250.0, 290.0, 290.0]
    assert [p["customer_churn_rate"] for p in spring("customer_churn_rate", policy="stripe")] == [
        0.25, 0.0, 0.0,
    ]  # fmt: skip


def test_no_periods_no_points() -> None:
    assert points(scene_of(TOLD, "all-products"), ["mrr"], []) == []


def test_help_is_the_formula_and_its_note_in_sentences() -> None:
    assert METRICS["arpa"].help == "MRR / customers."
    assert METRICS["arr"].help.startswith("12 × MRR. Rounded once, from the exact MRR")
    assert METRICS["asp"].help == "New MRR / new customers. Running month."
