"""What people entered, as it is counted: exact amounts, months as `YYYY-MM`, days as `YYYY-MM-DD`."""

from decimal import Decimal

import msgspec

from eqho.products import ALL


class Spend(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sales and marketing spend of a month in major units of `currency` (`USD`). `product` None: it is for
    all product lines together."""

    month: str
    category: str
    amount: Decimal
    currency: str
    product: str | None = None


class Margin(msgspec.Struct, frozen=True):
    """Gross margin as a fraction, known from `month` on. `product` is a line or `all-products`."""

    month: str
    gross_margin: Decimal
    product: str = ALL


class Rate(msgspec.Struct, frozen=True):
    """Units of `currency` for one unit of the base on a day. The base is the reporting currency, or, where
    that has rates of its own, the currency whose rate is 1."""

    date: str
    currency: str
    rate: Decimal


GOAL_METRICS = ("mrr", "arr", "customers", "arpa", "subscriptions", "nrr_12m", "grr_12m")
"""What a goal can be set for: metrics that stand at an instant, so that there is a pace towards them."""


class Goal(msgspec.Struct, frozen=True):
    """What `metric` is to be at the end of `period` (`2026-12`, `2026-Q4`): money in major units, a rate as
    a fraction."""

    metric: str
    product: str
    period: str
    target: Decimal


class Inputs(msgspec.Struct, frozen=True):
    """`sample`: nobody entered these, they came with the demo company."""

    spend: tuple[Spend, ...] = ()
    margins: tuple[Margin, ...] = ()
    rates: tuple[Rate, ...] = ()
    goals: tuple[Goal, ...] = ()
    sample: bool = False
