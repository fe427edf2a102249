"""What is sold and at what terms, with its exact arithmetic. Amounts are minor units of the currency."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple

from eqho.stripe_simulator.calendar import Interval, per_month

Duration = Literal["once", "repeating", "forever"]


def rounded(amount: Fraction) -> int:
    """To whole minor units, half away from zero, so that a credit mirrors its charge."""
    return floor(amount + Fraction(1, 2)) if amount >= 0 else -floor(-amount + Fraction(1, 2))


class Charge(NamedTuple):
    """One part of what a quantity costs: a tier's units, or its flat fee (quantity 0)."""

    quantity: int
    unit: Decimal
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    name: str
    created: int
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to and including `up_to`; None is without end."""

    up_to: int | None
    unit: Decimal
    flat: int = 0


@dataclass(slots=True)
class Price:
    """`interval` None is one-time. Tiered prices have no `unit`. A metered price is charged in arrears.

    What it costs in another currency is a price of its own under the same id, which shows as its `base`."""

    id: str
    product: Product
    created: int
    currency: str
    unit: Decimal | None
    interval: Interval | None
    count: int
    metered: bool
    tiers_mode: Literal["graduated", "volume"] | None
    tiers: tuple[Tier, ...]
    divide_by: int
    nickname: str | None
    active: bool = True
    listed: bool = True
    options: "tuple[Price, ...]" = ()
    base: "Price | None" = None

    def charges(self, quantity: int) -> list[Charge]:
        """The parts of the charge for one period, exact."""
        if self.unit is not None:
            packages = -(-quantity // self.divide_by)
            return [Charge(quantity, self.unit, Fraction(self.unit) * packages)]
        if self.tiers_mode == "volume":
            tier = next(t for t in self.tiers if t.up_to is None or quantity <= t.up_to)
            return _tier_charges(tier, quantity)
        parts: list[Charge] = []
        used = 0
        for tier in self.tiers:
            units = quantity - used if tier.up_to is None else min(quantity, tier.up_to) - used
            if units <= 0 and parts:
                break
            parts += _tier_charges(tier, units)
            used += units
        return parts

    def amount(self, quantity: int) -> Fraction:
        """The exact charge for one period."""
        return sum((part.amount for part in self.charges(quantity)), Fraction())

    @property
    def periods_per_month(self) -> Fraction:
        if self.interval is None:
            raise ValueError(f"The price {self.id} is one-time: it has no monthly amount.")
        return per_month(self.interval, self.count)


def _tier_charges(tier: Tier, units: int) -> list[Charge]:
    parts = [Charge(units, tier.unit, Fraction(tier.unit) * units)]
    if tier.flat:
        parts.append(Charge(0, Decimal(tier.flat), Fraction(tier.flat)))
    return parts


@dataclass(slots=True)
class Coupon:
    """Either `percent` (0..100) or `amount` in `currency`. No `products` means every product."""

    id: str
    created: int
    name: str
    percent: Decimal | None
    amount: int | None
    currency: str | None
    duration: Duration
    months: int | None
    products: frozenset[str]
    redeemed: int = 0


@dataclass(frozen=True, slots=True)
class Discount:
    """A coupon at work on one subscription, item or customer, in `[start, end)`."""

    id: str
    coupon: Coupon
    customer: str
    start: int
    end: int | None
    subscription: str | None = None
    item: str | None = None

    def covers(self, product: str) -> bool:
        return not self.coupon.products or product in self.coupon.products


@dataclass(frozen=True, slots=True)
class TaxRate:
    id: str
    created: int
    percent: Decimal
    inclusive: bool

    def tax(self, amount: int) -> int:
        """The tax on (exclusive) or within (inclusive) an amount."""
        percent = Fraction(self.percent)
        return rounded(amount * percent / (100 + percent if self.inclusive else 100))


def after_percentages(amount: Fraction, discounts: Sequence[Discount]) -> Fraction:
    """Percentages compound."""
    for discount in discounts:
        if discount.coupon.percent is not None:
            amount *= 1 - Fraction(discount.coupon.percent) / 100
    return amount
