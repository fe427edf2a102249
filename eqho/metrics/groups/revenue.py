"""`revenue_metrics`: recurring revenue at the instant."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from eqho.ledger.spans import State
from eqho.metrics.query import Document, Scene, Undefined
from eqho.metrics.retention import ratio
from eqho.money import MRR_SCALE
from eqho.periods import day_of, same_day_months_ago
from eqho.products import ALL


def revenue_metrics(scene: Scene, undefined: Undefined) -> Document:
    path = "revenue_metrics."
    scope, month = scene.book.scope, scene.month
    active = scope.active(scene.at)
    away = scene.spans.running(scene.at, State.PAUSED, State.FREE_PERIOD)
    subscriptions = len(np.unique(scope.subscription[active]))
    scheduled = int(scope.mrr[active & (scope.requested <= scene.at)].sum())
    today = day_of(scene.at, scene.zone)
    month_before = scene.running.first - timedelta(days=1)
    largest = int(np.sort(scene.balance)[-10:].sum())
    return {
        "mrr": scene.money(scene.mrr),
        "arr": scene.money(12 * scene.mrr),
        "arpa": undefined.unless(
            path + "arpa", scene.average(scene.mrr, scene.customers), "no paying customers"
        ),
        "asp": undefined.unless(
            path + "asp",
            scene.average(month.amounts["new"], month.counts["new"]),
            "no new customers in the running month",
        ),
        "acv": undefined.unless(
            path + "acv", scene.average(12 * scene.mrr, subscriptions), "no paying subscriptions"
        ),
        "subscriptions": subscriptions,
        "at_risk_mrr": scene.money(int(scene.spans.running(scene.at, State.PAST_DUE).mrr.sum())),
        "scheduled_churn_mrr": scene.money(scheduled),
        "committed_mrr": scene.money(scene.mrr - scheduled),
        "paused_mrr": scene.money(int(away.mrr.sum())),
        "usage_revenue": _usage_revenue(scene),
        "mrr_growth_month": _growth(scene, undefined, path + "mrr_growth_month", month_before),
        "mrr_growth_year": _growth(
            scene, undefined, path + "mrr_growth_year", same_day_months_ago(today, 12)
        ),
        "top10_share": undefined.unless(path + "top10_share", ratio(largest, scene.mrr), "no MRR"),
    }


def _growth(scene: Scene, undefined: Undefined, path: str, earlier: date) -> float | None:
    """MRR against that at the end of an earlier day."""
    then = scene.book.scope.total(scene.end_of(earlier))
    growth = scene.mrr / then - 1 if then else None
    return undefined.unless(path, growth, f"no MRR at the end of {earlier.isoformat()}")


def _usage_revenue(scene: Scene) -> float:
    """Mean of metered revenue over the three last closed months."""
    months = [month.period for month in scene.closed[-3:]]
    billed = sum(
        usage.amount
        for usage in scene.ledger.usage
        if usage.currency == scene.currency
        and scene.product in (ALL, usage.line)
        and months[0].start <= usage.at < months[-1].end
    )
    return scene.money(round(Fraction(billed * MRR_SCALE, len(months))))
