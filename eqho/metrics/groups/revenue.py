"""`revenue_metrics`: recurring revenue at the instant."""

from eqho.metrics.definitions import computed
from eqho.metrics.moment import running
from eqho.metrics.query import Document, Scene, Undefined


def revenue_metrics(scene: Scene, undefined: Undefined) -> Document:
    return computed(running(scene), "revenue_metrics", undefined)
