"""The next bills of subscriptions that go on: when, for whom, and how much."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec

from eqho.billing.objects import Item, Subscription
from eqho.ledger.facts import Sold
from eqho.ledger.spans import State
from eqho.ledger.timeline import Stretch
from eqho.money import MRR_SCALE, interval_factor
from eqho.periods import FAR

_BILLED = ("active", "past_due")


class Renewal(msgspec.Struct, frozen=True):
    """`amount` in minor units, after discounts, without usage and tax; `at` is when the period ends."""

    customer: str
    line: str
    currency: str
    at: int
    amount: int


def renewals_of(
    subscription: Subscription, stretches: Sequence[Stretch], now: int, ending: int | None
) -> Iterator[tuple[Renewal, Sold]]:
    """One for each item that is paid for now and whose subscription does not end before its next bill, beside
    what its product line is told by."""
    if subscription.status not in _BILLED or subscription.pause is not None:
        return
    running = {s.item: s for s in stretches if s.end == FAR and s.state != State.PAUSED}
    for item in subscription.items:
        stretch = running.get(item.id)
        if stretch is None or item.period_end is None or item.period_end <= now:
            continue
        if ending is not None and ending <= item.period_end:
            continue
        if amount := _amount(item, stretch):
            due = Renewal(subscription.customer, "", item.price.currency, item.period_end, amount)
            yield due, Sold(item.price.id, item.price.product)


def _amount(item: Item, stretch: Stretch) -> int:
    price = item.price
    if price.interval is None or price.metered:
        return 0
    monthly = Fraction(stretch.worth.after_repeating, MRR_SCALE)
    return round(monthly / interval_factor(price.interval, price.interval_count))
