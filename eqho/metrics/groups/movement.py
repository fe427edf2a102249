"""`movement_metrics`: the bridge from the last month end to now."""

from eqho.metrics.movements import KINDS
from eqho.metrics.query import Document, Scene, Undefined
from eqho.metrics.retention import NOTHING_LOST, quick_ratio


def movement_metrics(scene: Scene, undefined: Undefined) -> Document:
    month = scene.month
    return {
        "period": month.period.label,
        "start": scene.money(month.start),
        **{kind: scene.money(month.amounts[kind]) for kind in KINDS},
        "fx": 0.0,
        "end": scene.money(month.end),
        "net_new": scene.money(month.net),
        "quick_ratio": undefined.unless("movement_metrics.quick_ratio", quick_ratio(month), NOTHING_LOST),
    }
