"""Trials that ended in the running month, and what became of them."""

from eqho.ledger.facts import SubscriptionFact
from eqho.metrics.query import Scene
from eqho.metrics.retention import ratio

NONE_ENDED = "no trial ended in the running month"


def ended(scene: Scene) -> list[SubscriptionFact]:
    since = scene.running.start
    return [f for f in scene.facts if f.trial_over is not None and since <= f.trial_over <= scene.at]


def converted(scene: Scene) -> int:
    return sum(fact.converted for fact in ended(scene))


def conversion_rate(scene: Scene) -> float | None:
    return ratio(converted(scene), len(ended(scene)))
