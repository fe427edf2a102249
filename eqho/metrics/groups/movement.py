"""`movement_metrics`: the bridge from the last month end to now."""

from eqho.metrics.definitions import computed
from eqho.metrics.moment import running
from eqho.metrics.movements import KINDS
from eqho.metrics.query import Document, Scene, Undefined


def movement_metrics(scene: Scene, undefined: Undefined) -> Document:
    month = scene.month
    return {
        "period": month.period.label,
        "start": scene.money(month.start),
        **{kind: scene.money(month.amounts[kind]) for kind in KINDS},
        "fx": scene.money(month.fx),
        "end": scene.money(month.end),
        **computed(running(scene), "movement_metrics", undefined),
    }
