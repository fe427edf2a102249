"""`movement_metrics`: the bridge from the last month end to now."""

from eqho.metrics.definitions import computed
from eqho.metrics.document_fields import MovementMetrics
from eqho.metrics.moment import running
from eqho.metrics.movements import KINDS
from eqho.metrics.query import Scene, Undefined


def movement_metrics(scene: Scene, undefined: Undefined) -> MovementMetrics:
    month = scene.month
    return MovementMetrics(
        period=month.period.label,
        start=scene.money(month.start),
        **{kind: scene.money(month.amounts[kind]) for kind in KINDS},
        fx=scene.money(month.fx),
        end=scene.money(month.end),
        **computed(running(scene), "movement_metrics", undefined),
    )
