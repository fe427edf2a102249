"""A deterministic company generated as Stripe objects: the demo, and the test bed with known truth."""

from eqho.sources.demo.account import AccountError, StripeAccount
from eqho.sources.demo.company import build_company
from eqho.sources.demo.shapes import downgrade
from eqho.sources.demo.simulator import Simulator
from eqho.sources.demo.source import DemoSource
from eqho.sources.demo.truth import Fact, Truth

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
