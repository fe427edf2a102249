"""`retention_metrics`: who stayed, in the last closed month and over the 12 months that end with it."""

from eqho.metrics import retention
from eqho.metrics.query import Document, Scene, Undefined
from eqho.periods import same_day_months_ago


def retention_metrics(scene: Scene, undefined: Undefined) -> Document:
    month = scene.closed[-1]
    year_before = scene.end_of(same_day_months_ago(month.period.last, 12))
    nrr, grr = retention.net_and_gross_retention(scene.book, year_before, month.period.end - 1)
    rates = {
        "customer_churn_rate": (
            retention.customer_churn_rate(scene.book, month, scene.policy, scene.at),
            retention.NO_CUSTOMERS,
        ),
        "gross_mrr_churn_rate": (retention.gross_mrr_churn_rate(month), retention.NO_MRR),
        "net_mrr_churn_rate": (retention.net_mrr_churn_rate(month), retention.NO_MRR),
        "nrr_12m": (nrr, retention.NO_MRR_YEAR_AGO),
        "grr_12m": (grr, retention.NO_MRR_YEAR_AGO),
    }
    return {
        "period": month.period.label,
        **{
            name: undefined.unless(f"retention_metrics.{name}", value, reason)
            for name, (value, reason) in rates.items()
        },
    }
