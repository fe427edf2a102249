"""How far back the newest bills alone tell what all bills would: while older ones are still to be read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from eqho.billing.objects import Account, Invoice, Line, LineDiscount, Price, Subscription
from eqho.ledger.proposals import is_proposal, item_of
from eqho.ledger.statements import is_licensed
from eqho.ledger.status import taken_back_at_once

_NEVER_SERVED = ("incomplete", "incomplete_expired")


def horizon(account: Account, read_from: int, now: int) -> int:
    """The instant from which balances are told exactly by the invoices created at or after `read_from`, when
    everything else is there: the latest of those from which each subscription is known. `now` where one is
    not known before today.

    A subscription is known from its first whole bill on; one that was made since `read_from` from the start.
    """
    bills: dict[str | None, list[Invoice]] = defaultdict(list)
    for invoice in sorted(account.invoices, key=lambda i: i.created):
        if invoice.created >= read_from:
            bills[invoice.subscription].append(invoice)
    known = [
        _known_from(subscription, bills.get(subscription.id, ()), account.prices, now)
        for subscription in account.subscriptions.values()
        if subscription.created < read_from and not _is_over(subscription, read_from)
    ]
    unlisted = [
        invoices[0].created
        for name, invoices in bills.items()
        if name is not None and name not in account.subscriptions
    ]
    return min(now, max([read_from, *known, *unlisted]))


def tells_nothing_before(subscriptions: Iterable[Subscription], now: int) -> int:
    """While no older invoices are read than from here, the horizon is `now`: who pays by the year was billed
    last when the year began."""
    living = [s for s in subscriptions if s.ended_at is None and s.status in ("active", "past_due")]
    begun = (
        max((i.period_start or now for i in s.items if not i.price.metered), default=now) for s in living
    )
    return min(begun, default=now)


def _is_over(subscription: Subscription, at: int) -> bool:
    ended = subscription.ended_at
    return subscription.status in _NEVER_SERVED or (ended is not None and ended <= at)


def _known_from(
    subscription: Subscription, bills: Sequence[Invoice], prices: Mapping[str, Price], now: int
) -> int:
    items = {item.id for item in subscription.items if not item.price.metered}
    if subscription.items and not items:
        return 0  # usage is no MRR
    later = subscription.ended_at or now
    tried = subscription.trial_end or 0
    if tried > later:
        return later
    decisive = [bill for bill in bills if _is_decisive(bill, subscription)]
    found = dict(_first_periods(decisive, prices, tried))
    begun = max(found.values(), default=later)
    made = {item.id: item.created for item in subscription.items}
    # An item that came after the first whole bill is told by what brought it.
    first = min(found.values(), default=later)
    told = all(item in found or made[item] > first for item in items)
    return max(begun, tried) if found and told else later


def _is_decisive(bill: Invoice, subscription: Subscription) -> bool:
    """Whether it tells by itself what was served and whether that counted. A bill that a pause took back
    does; one of nothing says little of a pause before it, and one that was settled from a balance too; of a
    discount that is gone since, older bills may know more."""
    if any(_is_gone(off, subscription) for line in bill.lines for off in line.discounts):
        return False
    if bill.status == "draft" or is_proposal(bill, subscription):
        return False
    if bill.status == "void":
        return taken_back_at_once(bill)
    if bill.total == 0:
        return subscription.trial_end is None and all(map(_is_free, bill.lines))
    return bill.amount_due > 0


def _is_gone(off: LineDiscount, subscription: Subscription) -> bool:
    if off.discount is None:
        return True
    standing = (subscription.discounts, *(item.discounts for item in subscription.items))
    once = off.discount.coupon.duration == "once"
    return not once and all(off.discount.id != one.id for held in standing for one in held)


def _is_free(line: Line) -> bool:
    """By its price, or by a coupon that takes all of it for ever: one that ends may hide others."""
    coupons = [off.discount.coupon for off in line.discounts if off.discount is not None]
    return line.amount == 0 or any(c.duration == "forever" and c.percent_off == 100 for c in coupons)


def _first_periods(
    bills: Iterable[Invoice], prices: Mapping[str, Price], after: int
) -> Iterable[tuple[str, int]]:
    """By item, the start of the first period that was billed whole."""
    found: dict[str, int] = {}
    for bill in bills:
        for line in bill.lines:
            if not line.proration and line.start >= after and is_licensed(line, prices):
                found.setdefault(item_of(line), line.start)
    return found.items()
