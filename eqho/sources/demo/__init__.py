"""A deterministic company generated as Stripe objects: the demo, and the test bed with known truth."""

from eqho.sources.demo.company import build_company
from eqho.sources.demo.source import DemoSource
from eqho.stripe_simulator.account import AccountError, StripeAccount
from eqho.stripe_simulator.api_shapes import downgrade
from eqho.stripe_simulator.simulator import Simulator
from eqho.stripe_simulator.truth import Fact, Truth

__all__ = [
    "AccountError",
    "DemoSource",
    "Fact",
    "Simulator",
    "StripeAccount",
    "Truth",
    "build_company",
    "downgrade",
]
