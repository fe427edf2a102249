"""`retention_metrics`: who stayed, in the last closed month and over the 12 months that end with it."""

from eqho.metrics.definitions import computed
from eqho.metrics.document_fields import RetentionMetrics
from eqho.metrics.moment import closed
from eqho.metrics.query import Scene, Undefined


def retention_metrics(scene: Scene, undefined: Undefined) -> RetentionMetrics:
    return RetentionMetrics(
        period=scene.closed[-1].period.label,
        **computed(closed(scene), "retention_metrics", undefined),
    )
