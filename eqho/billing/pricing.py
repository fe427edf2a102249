"""What an item is worth per month: price × quantity, tiers, packages, discounts, inclusive tax.

All arithmetic is exact fractions of minor units; `worth` rounds once.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import msgspec

from eqho.billing.objects import Discount, Price
from eqho.money import interval_factor, scaled


class Worth(NamedTuple):
    """MRR units (1/10 000 minor unit): before discounts, after forever coupons, after repeating ones too."""

    gross: int
    after_forever: int
    after_repeating: int


NOTHING = Worth(0, 0, 0)


def charge(price: Price, quantity: Decimal | int) -> Fraction:
    """Minor units per billing interval. ValueError when the price has no amount."""
    if price.unit_amount is not None and price.tiers_mode is None and price.divide_by == 1:
        return _times(price.unit_amount, quantity)
    units = Fraction(quantity)
    if price.divide_by != 1:
        packages, rest = divmod(units, price.divide_by)
        units = Fraction(packages + (1 if price.round_up and rest else 0))
    if price.tiers_mode == "volume":
        return _volume(price, units)
    if price.tiers_mode == "graduated":
        return _graduated(price, units)
    if price.unit_amount is None and (billed := price.billed.get(Decimal(quantity))) is not None:
        return Fraction(billed)
    if price.unit_amount is None:
        raise ValueError(f"price {price.id} has no amount")
    return Fraction(price.unit_amount) * units


def _times(amount: Decimal, quantity: Decimal | int) -> Fraction:
    a, b = amount.as_integer_ratio()
    c, d = quantity.as_integer_ratio()
    return Fraction(a * c) if b == d == 1 else Fraction(a * c, b * d)


def _volume(price: Price, units: Fraction) -> Fraction:
    for tier in price.tiers:
        if tier.up_to is None or units <= tier.up_to:
            return Fraction(tier.unit_amount) * units + Fraction(tier.flat_amount)
    raise ValueError(f"price {price.id} has no tier for {units} units")


def _graduated(price: Price, units: Fraction) -> Fraction:
    """The first tier's flat fee is due even for no units."""
    total, below = Fraction(0), Fraction(0)
    for position, tier in enumerate(price.tiers):
        if units <= below and position:
            return total
        top = units if tier.up_to is None else min(units, Fraction(tier.up_to))
        total += Fraction(tier.unit_amount) * (top - below) + Fraction(tier.flat_amount)
        below = top if tier.up_to is None else Fraction(tier.up_to)
    if units > below and price.tiers[-1].up_to is not None:
        raise ValueError(f"price {price.id} has no tier for {units} units")
    return total


class ItemState(msgspec.Struct, frozen=True, gc=False):
    """What one subscription item stands for: enough to value it.

    `gross` (minor units per interval, before discounts) overrides price × quantity where an invoice says
    otherwise. Once coupons are not kept here: no policy subtracts them.
    """

    price: Price
    quantity: Decimal | int
    discounts: tuple[Discount, ...] = ()
    inclusive_tax_percent: Fraction = Fraction(0)
    gross: Fraction | None = None


def worths(states: Sequence[ItemState]) -> list[Worth]:
    """MRR of items that are billed together on one subscription, in the same order.

    Percentages compound, then amounts are taken off, never below zero. An amount coupon that several items
    carry is one amount off their invoice, spread over them by what is left of each after their own.
    """
    gross = [charge(s.price, s.quantity) if s.gross is None else s.gross for s in states]
    if not any(s.discounts for s in states):
        return [_worth(state, whole, whole, whole) for state, whole in zip(states, gross, strict=True)]
    forever = [tuple(d for d in s.discounts if d.coupon.duration == "forever") for s in states]
    lasting = [s.discounts for s in states]
    after_forever = _reduced(states, gross, forever)
    after_repeating = after_forever if forever == lasting else _reduced(states, gross, lasting)
    return [_worth(*each) for each in zip(states, gross, after_forever, after_repeating, strict=True)]


def _worth(state: ItemState, gross: Fraction, after_forever: Fraction, after_repeating: Fraction) -> Worth:
    assert state.price.interval is not None
    factor = _monthly(state.price.interval, state.price.interval_count)
    if state.inclusive_tax_percent:
        factor /= 1 + state.inclusive_tax_percent / 100
    whole = scaled(gross, factor)
    kept = whole if after_forever is gross else scaled(after_forever, factor)
    return Worth(whole, kept, kept if after_repeating is after_forever else scaled(after_repeating, factor))


_monthly = cache(interval_factor)


def applies(discount: Discount, price: Price) -> bool:
    products = discount.coupon.products
    return not products or price.product in products


def _reduced(
    states: Sequence[ItemState], gross: Sequence[Fraction], discounts: Sequence[Sequence[Discount]]
) -> list[Fraction]:
    left = list(gross)
    carriers: dict[tuple[str, str, int], tuple[Discount, list[int]]] = {}
    for i, state in enumerate(states):
        for discount in discounts[i]:
            if not applies(discount, state.price):
                continue
            if discount.coupon.percent_off is not None:
                left[i] *= 1 - Fraction(discount.coupon.percent_off) / 100
            else:
                invoice = (discount.id, state.price.interval or "", state.price.interval_count)
                carriers.setdefault(invoice, (discount, []))[1].append(i)
    # An item's own amount goes before those that are spread.
    for discount, items in sorted(carriers.values(), key=lambda c: (len(c[1]), c[0].start, c[0].id)):
        total = sum((left[i] for i in items), Fraction(0))
        if total <= 0:
            continue
        off = min(Fraction(discount.coupon.amounts_off.get(states[items[0]].price.currency, 0)), total)
        for i in items:
            left[i] -= off * left[i] / total
    return left
