"""What is true of every subscription item at every instant, known without looking at an invoice.

The oracle of the tests: computed in fractions from the terms in force, with no code of the engine.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from eqho.stripe_simulator.state import Item, Subscription
from eqho.stripe_simulator.terms import Discount, TaxRate, after_percentages

State = Literal["active", "past_due", "paused", "free_period"]
AWAY: frozenset[State] = frozenset({"paused", "free_period"})
"""Neither counts as MRR, and neither has left."""
Policy = Literal["eqho", "stripe"]

# Which coupons each policy subtracts; a `once` coupon belongs to neither.
_SUBTRACTED: dict[Policy, frozenset[str]] = {
    "eqho": frozenset({"forever", "repeating"}),
    "stripe": frozenset({"forever"}),
}


class _Value(NamedTuple):
    product: str
    price: str
    quantity: int
    state: State
    list: Fraction
    net_eqho: Fraction
    net_stripe: Fraction


@dataclass(frozen=True, slots=True)
class Fact:
    """One subscription item in one state in `[start, end)`; `end` None: it still lasts.

    `list`, `net_eqho` and `net_stripe` are minor units per month, exact, without inclusive tax. Both nets
    differ in the coupons only: policy stripe's earlier churn instant is `canceled_at` of the subscription.
    """

    subscription: str
    item: str
    customer: str
    product: str
    price: str
    quantity: int
    currency: str
    start: int
    end: int | None
    state: State
    list: Fraction
    net_eqho: Fraction
    net_stripe: Fraction

    def covers(self, at: int) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def net(self, policy: Policy) -> Fraction:
        return self.net_eqho if policy == "eqho" else self.net_stripe


class Truth:
    """Told of each change by the simulator, it keeps the facts of the past and the open ones."""

    def __init__(self) -> None:
        self._closed: list[Fact] = []
        self._open: dict[str, dict[str, tuple[int, _Value]]] = defaultdict(dict)
        self._subscriptions: dict[str, Subscription] = {}

    def observe(self, sub: Subscription, at: int) -> None:
        """The subscription is as it stands from `at` on."""
        self._subscriptions[sub.id] = sub
        current = _values(sub)
        running = self._open[sub.id]
        for item_id, (start, value) in list(running.items()):
            if current.get(item_id) != value:
                del running[item_id]
                if start < at:
                    self._closed.append(_fact(sub, item_id, start, at, value))
        for item_id, value in current.items():
            running.setdefault(item_id, (at, value))

    def facts(self) -> list[Fact]:
        """In order of start."""
        return sorted(
            [*self._closed, *self._running()], key=lambda fact: (fact.start, fact.subscription, fact.item)
        )

    def canceled_at(self, subscription: str) -> int | None:
        """When cancellation was asked for, as far as it still stands."""
        return self._subscriptions[subscription].canceled_at

    def at(self, instant: int, policy: Policy = "eqho") -> list[Fact]:
        """The facts that are MRR at `instant`: active and past due, under the policy's churn instant."""
        return [
            fact
            for fact in self.facts()
            if fact.covers(instant)
            and fact.state not in AWAY
            and not (policy == "stripe" and self._cancel_requested(fact.subscription, instant))
        ]

    def mrr(self, instant: int, policy: Policy = "eqho") -> dict[str, Fraction]:
        """Minor units per month, by currency."""
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for fact in self.at(instant, policy):
            sums[fact.currency] += fact.net(policy)
        return dict(sums)

    def _cancel_requested(self, subscription: str, instant: int) -> bool:
        requested = self.canceled_at(subscription)
        return requested is not None and requested <= instant

    def _running(self) -> Iterator[Fact]:
        for subscription, items in self._open.items():
            for item_id, (start, value) in items.items():
                yield _fact(self._subscriptions[subscription], item_id, start, None, value)


def _fact(sub: Subscription, item_id: str, start: int, end: int | None, value: _Value) -> Fact:
    return Fact(
        subscription=sub.id,
        item=item_id,
        customer=sub.customer.id,
        product=value.product,
        price=value.price,
        quantity=value.quantity,
        currency=sub.currency,
        start=start,
        end=end,
        state=value.state,
        list=value.list,
        net_eqho=value.net_eqho,
        net_stripe=value.net_stripe,
    )


def _values(sub: Subscription) -> dict[str, _Value]:
    state = _state(sub)
    if state is None:
        return {}
    licensed = [item for item in sub.items if item.quantity is not None]
    full = [item.price.amount(item.quantity or 0) for item in licensed]
    nets = {
        policy: _discounted(licensed, full, sub.effective_discounts, durations)
        for policy, durations in _SUBTRACTED.items()
    }
    values = {}
    for index, item in enumerate(licensed):
        factor = item.price.periods_per_month * _untaxed(item.taxes or sub.taxes)
        values[item.id] = _Value(
            product=item.price.product.id,
            price=item.price.id,
            quantity=item.quantity or 0,
            state=state,
            list=full[index] * factor,
            net_eqho=nets["eqho"][index] * factor,
            net_stripe=nets["stripe"][index] * factor,
        )
    return values


def _state(sub: Subscription) -> State | None:
    if sub.status == "trialing" and sub.free:
        return "free_period"
    if sub.status not in ("active", "past_due"):
        return None
    if sub.pause is not None and sub.pause.behavior != "keep_as_draft":
        return "paused"
    return "active" if sub.status == "active" else "past_due"


def _discounted(
    items: Sequence[Item], full: Sequence[Fraction], shared: Sequence[Discount], durations: frozenset[str]
) -> list[Fraction]:
    """Percentages first, then each item's own amounts, then the shared amounts over what they cover."""
    shared = [d for d in shared if d.coupon.duration in durations]
    left = []
    for item, amount in zip(items, full, strict=True):
        own = [d for d in item.discounts if d.coupon.duration in durations]
        product = item.price.product.id
        rest = after_percentages(amount, [d for d in [*own, *shared] if d.covers(product)])
        left.append(max(Fraction(), rest - sum(d.coupon.amount or 0 for d in own if d.covers(product))))
    for discount in shared:
        if discount.coupon.amount is None:
            continue
        covered = [i for i, item in enumerate(items) if discount.covers(item.price.product.id)]
        base = sum((left[i] for i in covered), Fraction())
        if base > 0:
            kept = 1 - min(Fraction(1), discount.coupon.amount / base)
            for i in covered:
                left[i] *= kept
    return left


def _untaxed(rates: Sequence[TaxRate]) -> Fraction:
    """The part of a price that is not inclusive tax."""
    percent = sum((Fraction(rate.percent) for rate in rates if rate.inclusive), Fraction())
    return 100 / (100 + percent)
