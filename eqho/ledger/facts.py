"""What is true of customers and their subscriptions beside the spans."""

from typing import NamedTuple

import msgspec

from eqho.billing.objects import Subscription
from eqho.ledger.promises import Promise, promises_of
from eqho.ledger.records import Records
from eqho.ledger.timeline import Timeline
from eqho.ledger.trials import Window
from eqho.periods import FAR


class Subscriber(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    email: str = ""


class SubscriptionFact(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is true of a whole subscription today. `ending`: the instant it is set to end, if it is.

    `trial_over`: when the trial ended, by itself or with the subscription; None while it runs or without one.
    `converted`: whether the first invoice after it was paid. A trial given to somebody who was already served
    is none; while one lasts the status is `free_period`.
    """

    id: str
    customer: str
    status: str
    lines: tuple[str, ...]
    created: int
    ended: int | None = None
    ending: int | None = None
    trial_start: int | None = None
    trial_end: int | None = None
    trial_over: int | None = None
    converted: bool = False
    promises: tuple[Promise, ...] = ()
    """What the trial would bring, by item."""


class Usage(msgspec.Struct, frozen=True):
    """A billed metered line: minor units, after discounts, without inclusive tax."""

    customer: str
    line: str
    currency: str
    amount: int
    at: int


class Sold(NamedTuple):
    """Ids of a price and its product: what a product line is told by, beside the customer."""

    price: str
    product: str


def fact_of(record: Records, told: Timeline, now: int) -> SubscriptionFact:
    """Without product lines."""
    s, trial = record.subscription, told.trials.first
    over = _trial_over(s, trial, now)
    return SubscriptionFact(
        id=s.id,
        customer=s.customer,
        status="free_period" if s.status == "trialing" and told.trials.frees(now) else s.status,
        lines=(),
        created=s.created,
        ended=s.ended_at,
        ending=ending(s),
        trial_start=trial.start if trial else None,
        trial_end=trial.end if trial else None,
        trial_over=over,
        converted=over is not None and _converted(record, over),
        promises=promises_of(s),
    )


def sold_by(record: Records, told: Timeline) -> tuple[Sold, ...]:
    """What stands on the subscription; of one that only its bills know, what stood on it."""
    prices = [i.price for i in record.subscription.items] or [stretch.price for stretch in told.stretches]
    return tuple(dict.fromkeys(Sold(price.id, price.product) for price in prices))


def ending(subscription: Subscription) -> int | None:
    """The instant it is set to end; None where it is not, or has ended."""
    if subscription.ended_at is not None:
        return None
    if subscription.cancel_at_period_end:
        return max((i.period_end or 0 for i in subscription.items), default=0) or subscription.cancel_at
    return subscription.cancel_at


def requested(record: Records, now: int) -> int:
    """When the cancellation was asked for; a fixed end that Stripe does not date counts as asked for when it
    was first seen."""
    subscription = record.subscription
    if subscription.canceled_at is not None:
        return subscription.canceled_at
    if ending(subscription) is None:
        return FAR
    seen = now
    for sighting in reversed(record.sightings):
        if ending(sighting.subscription) is None:
            break
        seen = sighting.at
    return seen


def _trial_over(subscription: Subscription, trial: Window | None, now: int) -> int | None:
    if trial is None:
        return None
    over = min(trial.end, subscription.ended_at or trial.end)
    return over if over <= now else None


def _converted(record: Records, over: int) -> bool:
    """However it was settled: from the customer's balance, or beside Stripe."""
    after = (i for i in record.invoices if i.created >= over and i.status not in ("draft", "void"))
    first = next(after, None)
    return first is not None and first.status == "paid" and first.total > 0
