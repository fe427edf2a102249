"""`revenue_metrics`: recurring revenue at the instant."""

from eqho.metrics.definitions import computed
from eqho.metrics.document_fields import RevenueMetrics
from eqho.metrics.moment import running
from eqho.metrics.query import Scene, Undefined


def revenue_metrics(scene: Scene, undefined: Undefined) -> RevenueMetrics:
    return RevenueMetrics(**computed(running(scene), "revenue_metrics", undefined))
