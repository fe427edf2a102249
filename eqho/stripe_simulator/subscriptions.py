"""The life of a subscription: start, trial, renewal, pause, cancellation."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from eqho.stripe_simulator import entries
from eqho.stripe_simulator.calendar import DAY, shift
from eqho.stripe_simulator.discounts import Discounts
from eqho.stripe_simulator.engine import RENEWAL, RESUME, SimulationError
from eqho.stripe_simulator.state import (
    ENDED,
    Collection,
    Entry,
    Failure,
    Invoice,
    Item,
    Pause,
    PauseBehavior,
    Subscription,
)
from eqho.stripe_simulator.terms import Price


class Subscriptions(Discounts):
    def subscribe(
        self,
        customer_id: str,
        items: Sequence[tuple[str, int | None]],
        *,
        coupons: Sequence[str] = (),
        item_coupons: Sequence[tuple[int, str]] = (),
        trial_days: int = 0,
        trial_end_behavior: Literal["create_invoice", "pause", "cancel"] = "create_invoice",
        backdate: int | None = None,
        collection: Collection = "charge_automatically",
        pays_after: int = 12 * DAY,
        taxes: Sequence[str] = (),
        billing_mode: Literal["classic", "flexible"] = "classic",
        first_payment_fails: bool = False,
        bills_from: int | None = None,
    ) -> str:
        """Items are (price, quantity); a metered price has quantity None. Coupons of items go by position.

        `bills_from`: the anchor lies ahead and nothing is billed until then, of a backdated start neither
        (`proration_behavior=none`). `pays_after` is how long the customer takes to pay a sent invoice. All
        prices share interval and currency.
        """
        customer = self._customers[customer_id]
        prices = [self._prices[price] for price, _ in items]
        _check_uniform(prices)
        first = prices[0]
        trial_end = self.now + trial_days * DAY if trial_days else None
        ahead = trial_end or bills_from
        sub = Subscription(
            id=self._ids.new("sub"),
            customer=customer,
            currency=first.currency,
            created=self.now,
            start=self.now if backdate is None else backdate,
            anchor=ahead or self.now,
            cycle=-1 if ahead else 0,
            period_start=self.now,
            period_end=ahead or _end_of_cycle(self.now, first, 0),
            status="trialing" if trial_end else "incomplete" if first_payment_fails else "active",
            collection=collection,
            billing_mode=billing_mode,
            items=[
                Item(self._ids.new("si"), self._prices[price], quantity, self.now)
                for price, quantity in items
            ],
            taxes=tuple(self._taxes[rate] for rate in taxes),
            trial_start=self.now if trial_end else None,
            trial_end=trial_end,
            trial_end_behavior=trial_end_behavior,
            pays_after=pays_after,
        )
        self._subscriptions[sub.id] = sub
        if first_payment_fails:
            sub.failure = Failure("cancel", 0)
        if customer.currency is None:
            customer.currency = first.currency
            self._publish_customer(customer)
        for coupon in coupons:
            self._add_discount(sub, coupon, None)
        for position, coupon in item_coupons:
            self._add_discount(sub, coupon, sub.items[position])
        if bills_from is not None:
            self._publish(sub, "created")
            self._at(sub.period_end, partial(self._renew, sub, sub.period_end), RENEWAL)
            return sub.id
        self._observe(sub, sub.start)
        bill = self._first_invoice(sub)
        self._publish(sub, "created")
        self._at(sub.period_end, partial(self._renew, sub, sub.period_end), RENEWAL)
        if collection == "send_invoice" and not trial_end:
            self._finalise_later(bill)
        else:
            self._finalise(bill)
        return sub.id

    def _first_invoice(self, sub: Subscription) -> Invoice:
        charged = self._take_pending(sub.customer, sub, sub.currency)
        for item in sub.items:
            if sub.start < self.now and item.quantity is not None:
                share = entries.periods_between(item.price, sub.start, self.now)
                charged += entries.proration(
                    sub, item, item.price, item.quantity, sub.start, self.now, share, 1
                )
            charged += entries.full_period(
                sub, item, sub.period_start, sub.period_end, trial=sub.status == "trialing"
            )
        return self._invoice(sub.customer, sub, "subscription_create", charged)

    def report_usage(self, subscription_id: str, quantity: int) -> None:
        """Usage of the running period, on every metered item."""
        for item in self._subscriptions[subscription_id].items:
            if item.quantity is None:
                item.usage += quantity

    def cancel(self, subscription_id: str, *, prorate: bool = False) -> None:
        """At once. With `prorate` the unused time stays behind as pending credits."""
        sub = self._living(subscription_id)
        if prorate:
            share = entries.share_of_period(sub, self.now)
            for item in sub.items:
                if item.quantity is not None:
                    for entry in entries.proration(
                        sub, item, item.price, item.quantity, self.now, sub.period_end, share, -1
                    ):
                        self._pend(entry)
        sub.canceled_at = self.now
        sub.cancel_at_period_end = False
        self._end(sub, "cancellation_requested")

    def cancel_at_period_end(self, subscription_id: str) -> None:
        sub = self._living(subscription_id)
        sub.cancel_at_period_end = True
        sub.canceled_at = self.now
        sub.reason = "cancellation_requested"
        self._publish(sub)

    def uncancel(self, subscription_id: str) -> None:
        """Take a scheduled cancellation back."""
        sub = self._living(subscription_id)
        sub.cancel_at_period_end = False
        sub.canceled_at = None
        sub.reason = None
        self._publish(sub)

    def pause(self, subscription_id: str, behavior: PauseBehavior, resumes_at: int | None = None) -> None:
        """Collection stops: invoices to come are voided, written off or kept as drafts."""
        sub = self._living(subscription_id)
        sub.pause = Pause(behavior, resumes_at)
        self._publish(sub)
        if resumes_at is not None:
            self._at(resumes_at, partial(self._resume_if, sub, sub.pause), RESUME)

    def resume(self, subscription_id: str) -> None:
        """Collection goes on; drafts that were kept are finalised. After a trial that paused: billed anew."""
        sub = self._living(subscription_id)
        if sub.status == "paused":
            self._restart(sub)
            return
        sub.pause = None
        self._publish(sub)
        for bill in self._invoices_of[sub.id]:
            if bill.status == "draft":
                bill.auto_advance = True
                self._finalise(bill)

    def delete_customer(self, customer_id: str) -> None:
        """The subscriptions end at once, the customer is gone, the invoices stay."""
        customer = self._customers[customer_id]
        for sub in self._subscriptions.values():
            if sub.customer is customer and sub.status not in ENDED:
                self.cancel(sub.id)
        customer.deleted = True
        self._publish_customer(customer, "deleted")
        self.account.remove("customer", customer_id)

    def status(self, subscription_id: str) -> str:
        return self._subscriptions[subscription_id].status

    def period_end(self, subscription_id: str) -> int:
        return self._subscriptions[subscription_id].period_end

    def alive(self, subscription_id: str) -> bool:
        return self._subscriptions[subscription_id].status not in ENDED

    def _living(self, subscription_id: str) -> Subscription:
        sub = self._subscriptions[subscription_id]
        if sub.status in ENDED:
            raise SimulationError(f"{subscription_id} is {sub.status}: nothing can be changed any more.")
        return sub

    def _priced(self, price: str, sub: Subscription) -> Price:
        """In the currency of the subscription, where the price is offered in it."""
        return self._prices.get(f"{price}@{sub.currency}") or self._prices[price]

    def _resume_if(self, sub: Subscription, pause: Pause) -> None:
        if sub.pause is pause and sub.status not in ENDED:
            self.resume(sub.id)

    def _renew(self, sub: Subscription, due: int) -> None:
        """The period that ended at `due`, unless the subscription has moved on since."""
        if sub.status in ENDED or sub.status in ("incomplete", "paused") or sub.period_end != due:
            return
        on_trial = sub.status == "trialing"
        if sub.cancel_at_period_end or (on_trial and sub.trial_end_behavior == "cancel"):
            self._last_invoice(sub)
            self._end(sub, sub.reason or "cancellation_requested")
            return
        if on_trial and sub.trial_end_behavior == "pause":
            sub.status = "paused"
            self._publish(sub, "paused")
            return
        ended = (sub.period_start, sub.period_end)
        charged = self._take_pending(sub.customer, sub, sub.currency) + self._arrears(sub)
        sub.cycle += 1
        self._begin_period(sub)
        for item in sub.items:
            charged += entries.full_period(sub, item, sub.period_start, sub.period_end)
        if on_trial:
            sub.status = "active"
        bill = self._invoice(sub.customer, sub, "subscription_cycle", charged, period=ended)
        self._publish(sub)
        self._finalise_later(bill)

    def _begin_period(self, sub: Subscription) -> None:
        sub.period_start = _end_of_cycle(sub.anchor, sub.items[0].price, sub.cycle - 1)
        sub.period_end = _end_of_cycle(sub.anchor, sub.items[0].price, sub.cycle)
        self._at(sub.period_end, partial(self._renew, sub, sub.period_end), RENEWAL)

    def _restart(self, sub: Subscription) -> None:
        """A new billing cycle from now, billed at once."""
        sub.status = "active"
        sub.anchor = self.now
        sub.cycle = 0
        self._begin_period(sub)
        charged: list[Entry] = []
        for item in sub.items:
            charged += entries.full_period(sub, item, sub.period_start, sub.period_end)
        bill = self._invoice(sub.customer, sub, "subscription_update", charged)
        self._publish(sub, "resumed")
        self._finalise(bill)

    def _arrears(self, sub: Subscription) -> list[Entry]:
        """The usage of the period that ends now."""
        charged: list[Entry] = []
        if sub.status == "trialing":
            return charged
        for item in sub.items:
            if item.quantity is None:
                charged += entries.usage(sub, item, sub.period_start, self.now)
                item.usage = 0
        return charged

    def _last_invoice(self, sub: Subscription) -> None:
        """What is still pending when a subscription ends with its period."""
        charged = self._take_pending(sub.customer, sub, sub.currency) + self._arrears(sub)
        if charged:
            period = (sub.period_start, sub.period_end)
            self._finalise(self._invoice(sub.customer, sub, "subscription_cycle", charged, period=period))


def _end_of_cycle(anchor: int, price: Price, cycle: int) -> int:
    if price.interval is None:
        raise SimulationError(f"{price.id} is a one-time price: it cannot be subscribed to.")
    return shift(anchor, price.interval, price.count * (cycle + 1))


def _check_uniform(prices: Sequence[Price]) -> None:
    terms = {(price.currency, price.interval, price.count) for price in prices}
    if len(terms) != 1:
        raise SimulationError("All prices of a subscription share one currency and one interval.")
