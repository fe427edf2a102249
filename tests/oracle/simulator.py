"""The simulator with its truth kept beside it: what no code of the engine has worked out."""

from typing import Any

from eqho.sources.demo import company
from eqho.stripe_simulator import simulator
from eqho.stripe_simulator.state import Subscription
from tests.oracle.truth import Truth


class Simulator(simulator.Simulator):
    """`truth` is what is true of every subscription item at every instant."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.truth = Truth()
        super().__init__(*arguments, **options)

    def _observe(self, sub: Subscription, at: int) -> None:
        self.truth.observe(sub, at)


def build_company(now: int, *, seed: int = company.SEED) -> Simulator:
    """The demo company, with its truth."""
    built = company.build_company(now, seed=seed, simulator=Simulator)
    assert isinstance(built, Simulator)
    return built
