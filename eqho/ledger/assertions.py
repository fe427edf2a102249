"""Invoice lines as statements about state.

A prorated amount is never divided by days. A full line and a positive proration assert the state from their
period's start; a negative proration ends the old state there; a $0 line of a priced item is a trial.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace

from eqho.billing.objects import Discount, Item, Line, Price, Subscription
from eqho.billing.pricing import ItemState, charge


class Evidence(IntEnum):
    """What a span rests on, strongest first."""

    EVENT = 0
    SCHEDULE = 1
    PRORATION = 2
    INVOICE = 3
    TODAY = 4


class Assertion(NamedTuple):
    """From `at` on the item is in `state` (None: nothing is billed); `until` is how far the evidence itself
    reaches, beyond it the state is carried."""

    at: int
    until: int
    state: ItemState | None
    evidence: Evidence
    invoice: str | None = None


class LineGroup(NamedTuple):
    """The lines that state one fact: tiers of one price are several lines."""

    lines: tuple[Line, ...]

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def quantity(self) -> Decimal:
        return sum((line.quantity or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def discounts(self) -> tuple[Discount, ...]:
        """Billed discounts hold from the start of the line, whenever they were attached."""
        found = (d.discount for line in self.lines for d in line.discounts if d.discount)
        start = self.first.start
        return lasting(replace(d, start=min(d.start, start)) for d in found)

    @property
    def discounted(self) -> int:
        return sum(d.amount for line in self.lines for d in line.discounts)

    @property
    def inclusive_tax(self) -> int:
        return sum(line.inclusive_tax for line in self.lines)


def lasting(discounts: Iterable[Discount]) -> tuple[Discount, ...]:
    """Without once coupons, in a stable order, so that equal states compare equal."""
    kept = {d.id: d for d in discounts if d.coupon.duration != "once"}
    return tuple(kept[key] for key in sorted(kept))


def group_lines(lines: Iterable[Line]) -> list[LineGroup]:
    """By invoice, period, kind and sign, in the order of the lines."""
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        sign = (line.amount > 0) - (line.amount < 0) if line.proration else 0
        price = line.price if line.proration else None
        key = (line.invoice, line.start, line.end, line.proration, sign, price)
        groups.setdefault(key, []).append(line)
    return [LineGroup(tuple(group)) for group in groups.values()]


def assertions_of(lines: Iterable[Line], prices: Mapping[str, Price]) -> list[Assertion]:
    """What the lines of one subscription item say, oldest first; at one instant the strongest is last."""
    groups = [g for g in group_lines(lines) if _is_licensed(g, prices)]
    billed_from = {g.first.start for g in groups if not g.first.proration or g.amount > 0}
    found = [_assertion(g, prices, billed_from) for g in groups]
    return in_order(found)


def in_order(assertions: Iterable[Assertion]) -> list[Assertion]:
    """Oldest first; at one instant endings come before states, and the strongest evidence last."""
    return sorted(assertions, key=lambda a: (a.at, a.state is not None, -a.evidence))


def with_standing_discounts(history: Sequence[Assertion]) -> list[Assertion]:
    """Discounts that stood although a line does not show them: a proration keeps those of the state it
    changes, and what the next invoice takes off has stood since the discount's own start."""
    told = list(history)
    for i, assertion in enumerate(told):
        before = told[i - 1].state if i else None
        if assertion.state is None:
            continue
        if assertion.evidence is Evidence.PRORATION and before is not None:
            standing = (d for d in before.discounts if d.end is None or d.end > assertion.at)
            told[i] = _discounted(assertion, standing)
        for discount in assertion.state.discounts:
            _reach_back(told, i, discount)
    return told


def _reach_back(told: list[Assertion], latest: int, discount: Discount) -> None:
    """Into the states before `latest` that `discount` must have touched; an invoice that was written after
    its start and does not show it is believed."""
    for i in range(latest - 1, -1, -1):
        earlier = told[i]
        if earlier.state is None or any(d.id == discount.id for d in earlier.state.discounts):
            return
        if earlier.evidence is Evidence.INVOICE and earlier.at > discount.start:
            return
        told[i] = _discounted(earlier, (discount,))
        if earlier.at <= discount.start:
            return


def _discounted(assertion: Assertion, more: Iterable[Discount]) -> Assertion:
    assert assertion.state is not None
    discounts = lasting([*more, *assertion.state.discounts])
    return assertion._replace(state=replace(assertion.state, discounts=discounts))


def collapsed(assertions: Iterable[Assertion]) -> list[Assertion]:
    """Renewals that say what was said before become one assertion that reaches further."""
    kept: list[Assertion] = []
    for assertion in assertions:
        if kept and kept[-1].state == assertion.state and assertion.at <= kept[-1].until:
            kept[-1] = kept[-1]._replace(until=max(kept[-1].until, assertion.until))
        else:
            kept.append(assertion)
    return kept


def _is_licensed(group: LineGroup, prices: Mapping[str, Price]) -> bool:
    price = prices.get(group.first.price or "")
    return price is not None and price.interval is not None and not price.metered


def _assertion(group: LineGroup, prices: Mapping[str, Price], billed_from: set[int]) -> Assertion:
    line = group.first
    price = prices[line.price or ""]
    evidence = Evidence.PRORATION if line.proration else Evidence.INVOICE
    if line.proration:
        credit = group.amount < 0 or (group.amount == 0 and line.start in billed_from)
        state = None if credit else _state(group, price, None)
    else:
        state = None if _is_trial(group, price) else _state(group, price, _billed(group, price))
    until = line.start if line.proration and state is None else line.end
    return Assertion(line.start, until, state, evidence, line.invoice)


def _state(group: LineGroup, price: Price, gross: Fraction | None) -> ItemState:
    return ItemState(price, _whole(group.quantity), group.discounts, _inclusive_rate(group), gross)


def _inclusive_rate(group: LineGroup) -> Fraction:
    """The percentage behind a rounded tax amount: the shortest decimal that explains it to the minor unit."""
    taxed, tax = group.amount - group.discounted, group.inclusive_tax
    if tax <= 0 or taxed <= tax:
        return Fraction(0)
    exact = Fraction(tax * 100, taxed - tax)
    for digits in range(4):
        rate = round(exact, digits)
        if abs(taxed * rate / (100 + rate) - tax) <= len(group.lines):
            return rate
    return exact


def _whole(quantity: Decimal) -> Decimal | int:
    return int(quantity) if quantity == quantity.to_integral_value() else quantity


def _is_trial(group: LineGroup, price: Price) -> bool:
    return (
        group.amount == 0
        and not group.discounted
        and group.quantity > 0
        and _value(price, group.quantity) != 0
    )


def _value(price: Price, quantity: Decimal) -> Fraction | None:
    try:
        return charge(price, quantity)
    except ValueError:
        return None


def _billed(group: LineGroup, price: Price) -> Fraction | None:
    """The line's own amount where price × quantity does not explain it to within the rounding of its lines.

    Keeping price × quantity otherwise makes an unchanged subscription worth the same in every month.
    """
    expected = _value(price, group.quantity)
    if expected is not None and abs(expected - group.amount) <= len(group.lines):
        return None
    return Fraction(group.amount)


def state_today(item: Item, subscription: Subscription, tax: Fraction) -> ItemState:
    """The state Stripe reports now. `tax`: the inclusive rate last billed, where the object names none."""
    discounts = lasting([*item.discounts, *subscription.discounts])
    rate = Fraction(item.inclusive_tax_percent) or tax
    return ItemState(item.price, item.quantity or 0, discounts, rate)
