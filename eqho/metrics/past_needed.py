"""How much past each number of the document is made of: while only the newest is read, some can be told."""

from collections.abc import Callable

import numpy as np

from eqho.metrics.formulas import month_before, year_before
from eqho.metrics.movements import customer_changes
from eqho.metrics.query import Scene
from eqho.periods import Period, same_day_months_ago

Instant = Callable[[Scene], int]
"""The earliest instant whose balance a number reads."""


def _running_month(scene: Scene) -> int:
    return scene.running.start - 1


def _closed_month(scene: Scene) -> int:
    return scene.closed[-1].period.start - 1


def _six_months(scene: Scene) -> int:
    return scene.closed[0].period.start - 1


def _month_before(scene: Scene) -> int:
    return scene.end_of(month_before(scene))


def _year_before(scene: Scene) -> int:
    return scene.end_of(year_before(scene))


def _year_before_closed(scene: Scene) -> int:
    return scene.end_of(same_day_months_ago(scene.closed[-1].period.last, 12))


BALANCES: dict[str, Instant] = {
    **dict.fromkeys(
        ("customer_metrics.churned", "customer_metrics.entered", "customer_metrics.left"), _running_month
    ),
    **{
        f"movement_metrics.{name}": _running_month
        for name in (
            "start", "expansion", "entering", "contraction", "churn", "leaving", "fx", "end", "net_new",
            "quick_ratio",
        )
    },
    "revenue_metrics.mrr_growth_month": _month_before,
    "revenue_metrics.mrr_growth_year": _year_before,
    "retention_metrics.customer_churn_rate": _closed_month,
    "retention_metrics.gross_mrr_churn_rate": _closed_month,
    "retention_metrics.nrr_12m": _year_before_closed,
    "retention_metrics.grr_12m": _year_before_closed,
    "ltv_metrics.monthly_churn": _six_months,
    "ltv_metrics.ltv": _six_months,
}  # fmt: skip
"""What balances alone tell."""

ARRIVALS: dict[str, Callable[[Scene], Period]] = {
    **dict.fromkeys(
        (
            "customer_metrics.new", "customer_metrics.reactivated", "revenue_metrics.asp",
            "movement_metrics.new", "movement_metrics.reactivation",
        ),
        lambda scene: scene.running,
    ),
    "retention_metrics.net_mrr_churn_rate": lambda scene: scene.closed[-1].period,
}  # fmt: skip
"""What also needs to know who has come for the first time in a period, and who has come back."""

OF_A_DAY = frozenset(
    (
        "customer_metrics.customers", "customer_metrics.total_customers",
        "customer_metrics.towpilot_customers", "customer_metrics.other_customers",
        "revenue_metrics.mrr", "revenue_metrics.arr", "revenue_metrics.arpa", "revenue_metrics.acv",
        "revenue_metrics.subscriptions", "revenue_metrics.top10_share",
    )
)  # fmt: skip
"""What is told of a past day by its balances."""


def told_back(scene: Scene, path: str) -> bool:
    """Whether a number is told exactly although not all of the past is read."""
    if scene.told_from > scene.at:
        return False
    if (instant := BALANCES.get(path)) is not None:
        # Stripe's rate counts who had MRR within 30 days.
        rolling = path == "retention_metrics.customer_churn_rate" and scene.policy.churn_rate != "month"
        return not rolling and scene.told_from <= instant(scene)
    if (period := ARRIVALS.get(path)) is not None:
        return arrivals_told(scene, period(scene))
    return path in OF_A_DAY


def arrivals_told(scene: Scene, period: Period) -> bool:
    """Whether everybody who came back within the period is known to have been there before: what is not read
    yet may say that they never were."""
    since = scene.told_from
    if since > period.start - 1:
        return False
    changes = customer_changes(scene.book, period, min(scene.at, period.end - 1))
    back = {change.customer for change in changes if change.kind == "reactivation"}
    company = scene.book.company
    there = (company.start < period.start) & (company.end > since)
    known = {scene.book.names[code] for code in np.unique(company.customer[there])}
    return back <= known
