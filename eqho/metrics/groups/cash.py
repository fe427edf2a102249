"""`cash_metrics`: paid, given back and recovered in the last closed month, and waited for now."""

from eqho.metrics.cash import cash_rows, outstanding
from eqho.metrics.query import Document, Scene, Undefined

_FIELDS = ("paid", "refunded", "failed", "recovered", "recovery_rate")


def cash_metrics(scene: Scene, undefined: Undefined) -> Document:
    found = Undefined()
    month = scene.closed[-1].period
    (row,) = cash_rows(scene, [month], found)
    told = {
        field: undefined.unless(f"cash_metrics.{field}", row[field], found.get(f"rows.0.{field}", ""))
        for field in _FIELDS
    }
    return {"period": month.label, **told, **outstanding(scene, scene.at)}
