"""`trial_metrics`: trials under way, and what became of those that ended in the running month."""

from eqho.metrics import trials
from eqho.metrics.definitions import computed
from eqho.metrics.document_fields import TrialMetrics
from eqho.metrics.moment import running
from eqho.metrics.query import Scene, Undefined


def trial_metrics(scene: Scene, undefined: Undefined) -> TrialMetrics:
    return TrialMetrics(
        trialing=len(scene.trialing),
        ended=len(trials.ended(scene)),
        converted=trials.converted(scene),
        **computed(running(scene), "trial_metrics", undefined),
    )
