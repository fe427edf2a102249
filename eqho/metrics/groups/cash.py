"""`cash_metrics`: paid, given back and recovered in the last closed month, and waited for now."""

from eqho.metrics.cash import cash_rows, outstanding
from eqho.metrics.definitions import computed
from eqho.metrics.document_fields import CashMetrics
from eqho.metrics.moment import closed
from eqho.metrics.query import Scene, Undefined

_FIELDS = ("paid", "refunded", "failed", "recovered")


def cash_metrics(scene: Scene, undefined: Undefined) -> CashMetrics:
    found = Undefined()
    month = scene.closed[-1].period
    (row,) = cash_rows(scene, [month], found)
    told = {
        field: undefined.unless(
            f"cash_metrics.{field}", getattr(row, field), found.get(f"rows.0.{field}", "")
        )
        for field in _FIELDS
    }
    return CashMetrics(
        period=month.label,
        **told,
        **computed(closed(scene), "cash_metrics", undefined),
        **outstanding(scene, scene.at),
    )
