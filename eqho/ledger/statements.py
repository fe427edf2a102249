"""Invoice lines as statements about state.

A prorated amount is never divided by days. A full line and a positive proration assert the state from their
period's start; a negative proration ends the old state there; a $0 line of a priced item is a trial.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from operator import lt

import msgspec
from msgspec.structs import replace

from eqho.billing.objects import Discount, Item, Line, Price, Subscription
from eqho.billing.pricing import ItemState, applies, charge
from eqho.ledger.spans import Evidence
from eqho.periods import FAR


class Assertion(msgspec.Struct, frozen=True, gc=False):
    """From `at` on the item is in `state` (None: nothing is billed); `until` is how far the evidence itself
    reaches, beyond it the state is carried."""

    at: int
    until: int
    state: ItemState | None
    evidence: Evidence
    invoice: str | None = None
    given: bool = False
    """Nothing was asked for it, so that no discount shows."""


class LineGroup(msgspec.Struct, frozen=True, gc=False):
    """The lines that state one fact: a price in tiers has several, any other has one. `price` is in their
    currency, the numbers are of all of them."""

    first: Line
    lines: tuple[Line, ...]
    price: Price
    amount: int
    quantity: Decimal
    discounted: int
    inclusive_tax: int

    @property
    def discounts(self) -> tuple[Discount, ...]:
        """Billed discounts hold from the start of the line, whenever they were attached."""
        found = [d.discount for line in self.lines for d in line.discounts if d.discount]
        if not found:
            return ()
        start = self.first.start
        return lasting(replace(d, start=min(d.start, start)) for d in found)

    @property
    def taxed(self) -> int:
        return self.amount - self.discounted


def lasting(discounts: Iterable[Discount]) -> tuple[Discount, ...]:
    """Without once coupons, in a stable order, so that equal states compare equal."""
    kept = {d.id: d for d in discounts if d.coupon.duration != "once"}
    return tuple(kept[key] for key in sorted(kept))


def group_lines(lines: Iterable[Line], prices: Mapping[str, Price]) -> list[LineGroup]:
    """Those of licensed prices by invoice, period, kind and sign, in the order of the lines."""
    found: list[LineGroup] = []
    tiers: dict[tuple[object, ...], int] = {}
    for line in lines:
        price = prices.get(line.price or "")
        if price is None or price.interval is None or price.metered:
            continue
        group = _group_of(line, price)
        if price.tiered:
            sign = (line.amount > 0) - (line.amount < 0 or line.credit) if line.proration else 0
            fact = line.invoice, line.start, line.end, line.proration, sign, line.price
            place = tiers.setdefault(fact, len(found))
            if place < len(found):
                found[place] = _together(found[place], group)
                continue
        found.append(group)
    return found


def _group_of(line: Line, price: Price) -> LineGroup:
    discounted = sum([d.amount for d in line.discounts]) if line.discounts else 0
    return LineGroup(
        line,
        (line,),
        price if price.currency == line.currency else price.in_currency(line.currency),
        line.amount,
        line.quantity or Decimal(0),
        discounted,
        line.inclusive_tax,
    )


def _together(one: LineGroup, other: LineGroup) -> LineGroup:
    return LineGroup(
        one.first,
        one.lines + other.lines,
        one.price,
        one.amount + other.amount,
        one.quantity + other.quantity,
        one.discounted + other.discounted,
        one.inclusive_tax + other.inclusive_tax,
    )


Renewals = dict[tuple[object, ...], ItemState | None]
"""The states of lines that say the same, period after period: worked out once."""


def _plain_bills(lines: Iterable[Line], prices: Mapping[str, Price]) -> list[Assertion] | None:
    """What the lines say where each bills a whole period and nothing else is to be known of it, as of most
    items; None where one does not."""
    told: list[Assertion] = []
    states: Renewals = {}
    evidence = Evidence.INVOICE
    for line in lines:
        price = prices.get(line.price or "")
        if price is None or price.interval is None or price.metered:
            continue
        if line.proration or not line.amount or line.discounts or line.inclusive_tax or price.tiered:
            return None
        said = (line.price, line.currency, line.quantity, line.amount)
        state = states.get(said)
        if state is None:
            state = states[said] = _billed_state(_group_of(line, price), Fraction(0))
        told.append(Assertion(line.start, line.end, state, evidence, line.invoice))
    return told


def assertions_of(
    lines: Sequence[Line], prices: Mapping[str, Price], tax: Fraction = Fraction(0), served: int = FAR
) -> list[Assertion]:
    """What the lines of one subscription item say, oldest first. `tax`: the inclusive rate it names. Lines of
    nothing that begin after `served` are no trials: they say what is given for a time."""
    if not tax and (plain := _plain_bills(lines, prices)) is not None:
        return in_order(plain)
    groups = [group for group in group_lines(lines, prices) if not _is_mute(group, served)]
    billed_from = {g.first.start for g in groups if not g.first.proration or g.amount > 0}
    rates = _inclusive_rates(groups, tax)
    renewals: Renewals = {}
    return in_order(
        [_assertion(g, billed_from, rate, renewals, served) for g, rate in zip(groups, rates, strict=True)]
    )


def in_order(assertions: Sequence[Assertion]) -> list[Assertion]:
    """Oldest first. At one instant events come last, for they say how it ended; before them the stronger
    evidence comes later, and an ending that a new state follows at once is none."""
    instants = [a.at for a in assertions]
    if all(map(lt, instants, instants[1:])):
        return list(assertions)
    ordered = sorted(
        assertions, key=lambda a: (a.at, a.evidence is Evidence.EVENT, a.state is not None, -a.evidence)
    )
    return [a for a, b in zip_longest(ordered, ordered[1:]) if a.state or b is None or a.at < b.at]


def with_standing_discounts(history: Sequence[Assertion]) -> list[Assertion]:
    """Discounts that stood although a line does not show them: a proration, or a bill of nothing, keeps those
    of the state before it, and what the next invoice takes off has stood since the discount's own start."""
    told = list(history)
    if not any(a.state is not None and a.state.discounts for a in told):
        return told
    for i, assertion in enumerate(told):
        before = told[i - 1].state if i else None
        if assertion.state is None:
            continue
        standing_before = before.discounts if before else ()
        if standing_before and (assertion.evidence is Evidence.PRORATION or _is_free(assertion)):
            standing = (d for d in standing_before if d.end is None or d.end > assertion.at)
            told[i] = _discounted(assertion, standing)
        for discount in assertion.state.discounts:
            reach_back(told, i, discount)
    return told


def reach_back(told: list[Assertion], latest: int, discount: Discount) -> None:
    """Into the states before `latest` that `discount` must have touched: not past one that denies it, nor
    into an event, which would have been followed by another."""
    for i in range(latest - 1, -1, -1):
        earlier = told[i]
        if earlier.state is None or any(d.id == discount.id for d in earlier.state.discounts):
            return
        if earlier.evidence is Evidence.EVENT or denies(earlier, discount):
            return
        told[i] = _discounted(earlier, (discount,))
        if earlier.at < discount.start:
            return


def denies(assertion: Assertion, discount: Discount) -> bool:
    """Whether it would show the discount if it stood: an event does, and an invoice that was written after
    its start, unless the coupon is for other products or nothing was left to take off."""
    if assertion.evidence is Evidence.INVOICE and assertion.state is not None:
        covered = applies(discount, assertion.state.price)
        return covered and assertion.at > discount.start and not _is_free(assertion)
    return assertion.evidence is Evidence.EVENT and assertion.at >= discount.start


def _is_free(assertion: Assertion) -> bool:
    """An invoice with nothing left to take off shows no discount but the one that took everything."""
    state = assertion.state
    if state is None or assertion.evidence is not Evidence.INVOICE:
        return False
    if assertion.given:
        return True
    whole = any(d.coupon.percent_off == 100 for d in state.discounts)
    return whole or state.gross == 0 or (state.gross is None and _value(state.price, state.quantity) == 0)


def _discounted(assertion: Assertion, more: Iterable[Discount]) -> Assertion:
    assert assertion.state is not None
    discounts = lasting([*more, *assertion.state.discounts])
    return replace(assertion, state=replace(assertion.state, discounts=discounts))


def collapsed(assertions: Iterable[Assertion]) -> list[Assertion]:
    """Renewals that say what was said before become one assertion that reaches further."""
    kept: list[Assertion] = []
    reach = 0
    for assertion in assertions:
        if kept and assertion.at <= reach and _is_same(kept[-1].state, assertion.state):
            reach = max(reach, assertion.until)
            continue
        if kept and kept[-1].until < reach:
            kept[-1] = replace(kept[-1], until=reach)
        kept.append(assertion)
        reach = assertion.until
    if kept and kept[-1].until < reach:
        kept[-1] = replace(kept[-1], until=reach)
    return kept


def _is_same(one: ItemState | None, other: ItemState | None) -> bool:
    """Renewals mostly share their state."""
    return one is other or one == other


def is_licensed(line: Line, prices: Mapping[str, Price]) -> bool:
    price = prices.get(line.price or "")
    return price is not None and price.interval is not None and not price.metered


def price_of(line: Line, prices: Mapping[str, Price]) -> Price:
    """In the line's own currency: one price may be sold in several. Its price must be known."""
    return prices[line.price or ""].in_currency(line.currency)


def _is_mute(group: LineGroup, served: int) -> bool:
    """Of a price without an amount, the charge for a part of a period, and what is given for a time, do not
    tell what the whole is worth."""
    line = group.first
    if line.proration:
        says_a_part = group.amount > 0 or (group.amount == 0 and not line.credit)
    else:
        says_a_part = group.amount == 0 and line.start > served
    return says_a_part and _value(group.price, group.quantity) is None


def _assertion(
    group: LineGroup, billed_from: set[int], tax: Fraction, renewals: Renewals, served: int
) -> Assertion:
    line = group.first
    if line.proration:
        credit = group.amount < 0 or line.credit or (group.amount == 0 and line.start in billed_from)
        state = None if credit else _state(group, tax, None)
        until = line.start if credit else line.end
        return Assertion(line.start, until, state, Evidence.PRORATION, line.invoice)
    if line.start > served and _is_trial(group):
        state = _state(group, tax, None)
        return Assertion(line.start, line.end, state, Evidence.INVOICE, line.invoice, given=True)
    if line.discounts or len(group.lines) > 1:
        state = _billed_state(group, tax)
    else:
        said = (line.price, line.currency, line.quantity, line.amount, line.inclusive_tax)
        if said not in renewals:
            renewals[said] = _billed_state(group, tax)
        state = renewals[said]
    return Assertion(line.start, line.end, state, Evidence.INVOICE, line.invoice)


def _billed_state(group: LineGroup, tax: Fraction) -> ItemState | None:
    """None on trial."""
    return None if _is_trial(group) else _state(group, tax, _billed(group))


def _state(group: LineGroup, tax: Fraction, gross: Fraction | None) -> ItemState:
    return ItemState(group.price, _whole(group.quantity), group.discounts, tax, gross)


def _inclusive_rates(groups: Sequence[LineGroup], stated: Fraction) -> list[Fraction]:
    """The percentage behind each group's rounded tax amount: the `stated` one or one found on a larger amount
    where it explains this one as well, else the shortest decimal that does."""
    rates = [Fraction(0)] * len(groups)
    known = [stated] if stated else []
    if not known and not any(group.inclusive_tax for group in groups):
        return rates
    for i in sorted(range(len(groups)), key=lambda i: -abs(groups[i].inclusive_tax)):
        pending = groups[i].first.invoice is None  # its tax is not worked out yet
        explaining = next((rate for rate in known if pending or _explains(rate, groups[i])), None)
        if explaining is not None:
            rates[i] = explaining
        elif groups[i].inclusive_tax:
            rates[i] = _shortest_rate(groups[i])
            known.append(rates[i])
    return rates


def _shortest_rate(group: LineGroup) -> Fraction:
    if abs(group.inclusive_tax) >= abs(group.taxed):
        return Fraction(0)
    exact = Fraction(group.inclusive_tax * 100, group.taxed - group.inclusive_tax)
    candidates = (round(exact, digits) for digits in range(4))
    return next((rate for rate in candidates if _explains(rate, group)), exact)


def _explains(rate: Fraction, group: LineGroup) -> bool:
    return abs(group.taxed * rate / (100 + rate) - group.inclusive_tax) <= len(group.lines)


def _whole(quantity: Decimal) -> Decimal | int:
    return int(quantity) if quantity == quantity.to_integral_value() else quantity


def _is_trial(group: LineGroup) -> bool:
    return (
        group.amount == 0
        and not group.discounted
        and group.quantity > 0
        and _value(group.price, group.quantity) != 0
    )


def has_value(price: Price, quantity: Decimal | int) -> bool:
    return _value(price, quantity) is not None


def _value(price: Price, quantity: Decimal | int) -> Fraction | None:
    try:
        return charge(price, quantity)
    except ValueError:
        return None


def _billed(group: LineGroup) -> Fraction | None:
    """The line's own amount where price × quantity does not explain it to within the rounding of its lines.

    Keeping price × quantity otherwise makes an unchanged subscription worth the same in every month.
    """
    expected = _value(group.price, group.quantity)
    if expected is not None:
        whole, parts = expected.as_integer_ratio()
        if abs(whole - group.amount * parts) <= len(group.lines) * parts:
            return None
    return Fraction(group.amount)


def state_today(item: Item, subscription: Subscription, tax: Fraction) -> ItemState:
    """The state Stripe reports now. `tax`: the inclusive rate last billed, where the object names none."""
    discounts = lasting([*item.discounts, *subscription.discounts])
    rate = Fraction(item.inclusive_tax_percent) or tax
    return ItemState(item.price, item.quantity or 0, discounts, rate)
