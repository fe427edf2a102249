"""From a subscription's state to the entries of an invoice: full periods, prorations, discounts, taxes."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from eqho.stripe_simulator.calendar import shift
from eqho.stripe_simulator.state import Entry, Item, Subscription
from eqho.stripe_simulator.terms import Discount, Price, TaxRate, after_percentages, rounded


def full_period(sub: Subscription, item: Item, start: int, end: int, *, trial: bool = False) -> list[Entry]:
    """What a licensed item costs for `[start, end)`, one entry for each tier; nothing while on trial."""
    if item.quantity is None:
        return []
    charges = item.price.charges(item.quantity)
    if trial:
        charges = charges[:1]
    return [
        Entry(
            description=("Trial period for " if trial else f"{charge.quantity} × ") + item.price.product.name,
            amount=0 if trial else rounded(charge.amount),
            currency=sub.currency,
            start=start,
            end=end,
            price=item.price,
            quantity=item.quantity if trial else charge.quantity,
            unit=charge.unit,
            item=item,
            subscription=sub,
            discountable=not trial,
            taxes=item.taxes or sub.taxes,
        )
        for charge in charges
    ]


def usage(sub: Subscription, item: Item, start: int, end: int) -> list[Entry]:
    """What a metered item cost in `[start, end)`, in arrears."""
    charge = item.price.charges(item.usage)[0]
    return [
        Entry(
            description=f"{item.usage} × {item.price.product.name}",
            amount=rounded(charge.amount),
            currency=sub.currency,
            start=start,
            end=end,
            price=item.price,
            quantity=item.usage,
            unit=charge.unit,
            item=item,
            subscription=sub,
            taxes=item.taxes or sub.taxes,
        )
    ]


def proration(
    sub: Subscription,
    item: Item,
    price: Price,
    quantity: int,
    start: int,
    end: int,
    share: Fraction,
    sign: int,
) -> list[Entry]:
    """`sign` +1: the remaining time on a price and quantity; −1: the unused time on them, credited.

    `share` is the part of the price's period. With classic billing the amount is already net of percent
    discounts; with flexible billing it is gross and the discounts are itemised.
    """
    shared = sub.effective_discounts
    discounts = [d for d in [*item.discounts, *shared] if d.covers(price.product.id) and d.coupon.percent]
    entries = []
    for charge in price.charges(quantity):
        gross = sign * rounded(charge.amount * share)
        net = sign * rounded(after_percentages(charge.amount * share, discounts))
        flexible = sub.billing_mode == "flexible"
        kind = "Remaining" if sign > 0 else "Unused"
        entries.append(
            Entry(
                description=f"{kind} time on {quantity} × {price.product.name}",
                amount=gross if flexible else net,
                currency=sub.currency,
                start=start,
                end=end,
                price=price,
                quantity=charge.quantity,
                unit=charge.unit,
                item=item,
                subscription=sub,
                customer=sub.customer,
                proration=True,
                discountable=False,
                discounts=_itemised(gross, discounts) if flexible else [],
                taxes=item.taxes or sub.taxes,
                credited=item.billed if sign < 0 else None,
            )
        )
    return entries


def share_of_period(sub: Subscription, at: int) -> Fraction:
    """What is left of the running period, to the second."""
    return Fraction(sub.period_end - at, sub.period_end - sub.period_start)


def periods_between(price: Price, start: int, end: int) -> Fraction:
    """How many of the price's periods lie in `[start, end)`, counted back from `end`."""
    if price.interval is None:
        raise ValueError(f"The price {price.id} is one-time: it has no periods.")
    whole = 0
    while shift(end, price.interval, -price.count * (whole + 1)) >= start:
        whole += 1
    later = shift(end, price.interval, -price.count * whole)
    earlier = shift(end, price.interval, -price.count * (whole + 1))
    return whole + Fraction(later - start, later - earlier)


def discount(entries: Sequence[Entry], shared: Sequence[Discount]) -> None:
    """Take the items' own and the shared discounts off what can be discounted: percentages, then amounts."""
    open_entries = [entry for entry in entries if entry.discountable and entry.amount > 0]
    for entry in open_entries:
        own = entry.item.discounts if entry.item else []
        product = entry.price.product.id if entry.price else ""
        percents = [d for d in [*own, *shared] if d.coupon.percent is not None and d.covers(product)]
        entry.discounts += _itemised(entry.amount, percents)
    owners = {entry.item.id: entry.item for entry in open_entries if entry.item}
    for item in owners.values():
        for off in item.discounts:
            _spread(off, [entry for entry in open_entries if entry.item is item])
    for off in shared:
        _spread(off, open_entries)


def _itemised(amount: int, percents: Sequence[Discount]) -> list[tuple[int, Discount]]:
    """What each percentage takes off, one after the other."""
    taken = []
    left = amount
    for off in percents:
        part = rounded(Fraction(left) * Fraction(off.coupon.percent or 0) / 100)
        taken.append((part, off))
        left -= part
    return taken


def _spread(off: Discount, entries: Sequence[Entry]) -> None:
    """Share an amount off among the entries it covers in proportion to what is left of them."""
    covered = [e for e in entries if off.covers(e.price.product.id if e.price else "")]
    left = [entry.amount - sum(amount for amount, _ in entry.discounts) for entry in covered]
    base = sum(left)
    taken = min(off.coupon.amount or 0, base)
    if taken <= 0:
        return
    exact = [Fraction(taken * part, base) for part in left]
    parts = [floor(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: taken - sum(parts)]:
        parts[i] += 1
    for entry, part in zip(covered, parts, strict=True):
        if part:
            entry.discounts.append((part, off))


def taxed(entry: Entry) -> list[tuple[TaxRate, int, int]]:
    """Rate, tax and taxable amount of an entry, after its discounts."""
    taxable = entry.amount - sum(amount for amount, _ in entry.discounts)
    if taxable == 0:
        return []
    inclusive = sum(rate.tax(taxable) for rate in entry.taxes if rate.inclusive)
    return [
        (rate, rate.tax(taxable), taxable - inclusive if rate.inclusive else taxable) for rate in entry.taxes
    ]
