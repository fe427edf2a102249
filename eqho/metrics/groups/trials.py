"""`trial_metrics`: trials under way, and what became of those that ended in the running month."""

from eqho.metrics.query import Document, Scene, Undefined
from eqho.metrics.retention import ratio


def trial_metrics(scene: Scene, undefined: Undefined) -> Document:
    since = scene.running.start
    ended = [f for f in scene.facts if f.trial_over is not None and since <= f.trial_over <= scene.at]
    converted = sum(fact.converted for fact in ended)
    return {
        "trialing": len(scene.trialing),
        "ended": len(ended),
        "converted": converted,
        "conversion_rate": undefined.unless(
            "trial_metrics.conversion_rate",
            ratio(converted, len(ended)),
            "no trial ended in the running month",
        ),
    }
