"""Payments that succeed, fail, are retried, and what a failure makes of the subscription."""

from functools import partial

from eqho.stripe_simulator.calendar import DAY, HOUR
from eqho.stripe_simulator.engine import SimulationError
from eqho.stripe_simulator.invoicing import Invoicing
from eqho.stripe_simulator.state import ENDED, Failure, Invoice, Resolution, Subscription

_RETRIES = (3 * DAY, 8 * DAY, 15 * DAY)
_FINALISED_AFTER = HOUR
_INCOMPLETE_EXPIRES_AFTER = 23 * HOUR


class Payments(Invoicing):
    def fail_next_payment(
        self, subscription_id: str, resolution: Resolution = "recover", after: int = 5 * DAY
    ) -> None:
        """The next payment fails and the subscription is past due; `after` seconds later it is resolved.

        recover: paid after all. cancel: the subscription ends. unpaid: it goes on without being billed.
        uncollectible: the invoices are written off and service goes on.
        """
        self._subscriptions[subscription_id].failure = Failure(resolution, after)

    def pay(self, invoice_id: str) -> None:
        """Pay an open or written-off invoice; its subscription is active again."""
        bill = self._invoices[invoice_id]
        if bill.status not in ("open", "uncollectible"):
            raise SimulationError(f"{invoice_id} is {bill.status}: it cannot be paid.")
        bill.attempts += 1
        self._settle(bill)
        sub = bill.subscription
        if sub is not None and sub.status in ("incomplete", "past_due", "unpaid"):
            sub.failing = False
            sub.failure = None
            self._set_status(sub, "active")

    def pay_arrears(self, subscription_id: str) -> None:
        """Pay every open invoice, those of an unpaid subscription that are still drafts included."""
        for bill in list(self._invoices_of[subscription_id]):
            if bill.status == "draft":
                self._subscriptions[subscription_id].failure = None
                self._finalise(bill)
            elif bill.status == "open":
                self.pay(bill.id)

    def mark_uncollectible(self, invoice_id: str) -> None:
        bill = self._invoices[invoice_id]
        if bill.status != "open":
            raise SimulationError(f"{invoice_id} is {bill.status}: only an open invoice can be written off.")
        self._write_off(bill)

    def _finalise_later(self, bill: Invoice) -> None:
        """A renewal stays a draft for about an hour; what is paused or unpaid stays one for longer."""
        sub = bill.subscription
        if sub is not None and (sub.pause is not None or sub.status == "unpaid"):
            bill.auto_advance = False
            self._publish_invoice(bill, "updated")
            if sub.pause is not None and sub.pause.behavior == "void":
                self.void(bill.id)
            elif sub.pause is not None and sub.pause.behavior == "mark_uncollectible":
                self._finalise(bill)
            return
        self._at(self.now + _FINALISED_AFTER, partial(self._finalise_if_advancing, bill))

    def _finalise_if_advancing(self, bill: Invoice) -> None:
        if bill.auto_advance:
            self._finalise(bill)

    def _collect(self, bill: Invoice) -> None:
        sub = bill.subscription
        if bill.amount_due == 0:
            self._settle(bill)
        elif sub is not None and sub.pause is not None and sub.pause.behavior == "mark_uncollectible":
            self._write_off(bill)
        elif bill.collection == "charge_automatically":
            self._attempt(bill)
        elif bill.due_date is not None and sub is not None and sub.failure is not None:
            self._at(bill.due_date, partial(self._attempt, bill))
        else:
            self._at(self.now + (sub.pays_after if sub else 0), partial(self._pay_if_open, bill))

    def _pay_if_open(self, bill: Invoice) -> None:
        if bill.status == "open":
            self.pay(bill.id)

    def _attempt(self, bill: Invoice) -> None:
        if bill.status != "open":
            return
        sub = bill.subscription
        if sub is None or sub.failure is None:
            bill.attempts += 1
            self._settle(bill)
            return
        bill.attempts += 1
        bill.next_attempt = self.now + _RETRIES[0]
        self._publish_invoice(bill, "payment_failed")
        if sub.failing:
            return
        sub.failing = True
        if sub.status == "incomplete":
            self._at(self.now + _INCOMPLETE_EXPIRES_AFTER, partial(self._expire, sub, bill))
            return
        if sub.status == "active":
            self._set_status(sub, "past_due")
        failure = sub.failure
        for wait in _RETRIES:
            if wait < failure.after:
                self._at(self.now + wait, partial(self._retry, sub, bill))
        self._at(self.now + failure.after, partial(self._resolve, sub, failure))

    def _retry(self, sub: Subscription, bill: Invoice) -> None:
        if bill.status == "open" and sub.failing:
            bill.attempts += 1
            self._publish_invoice(bill, "payment_failed")

    def _resolve(self, sub: Subscription, failure: Failure) -> None:
        if sub.failure is not failure or sub.status in ENDED:
            return
        sub.failing = False
        sub.failure = None
        if failure.resolution == "cancel":
            self._end(sub, "payment_failed")
        elif failure.resolution == "unpaid":
            self._set_status(sub, "unpaid")
        else:
            for bill in [b for b in self._invoices_of[sub.id] if b.status == "open"]:
                if failure.resolution == "recover":
                    bill.attempts += 1
                    self._settle(bill)
                else:
                    self._write_off(bill)
            self._set_status(sub, "active")

    def _expire(self, sub: Subscription, bill: Invoice) -> None:
        if sub.status != "incomplete":
            return
        self.void(bill.id)
        sub.ended_at = self.now
        self._set_status(sub, "incomplete_expired")

    def _set_status(self, sub: Subscription, status: str) -> None:
        sub.status = status
        self._publish(sub)

    def _end(self, sub: Subscription, reason: str) -> None:
        """The subscription is canceled now; what is still open is no longer collected."""
        sub.status = "canceled"
        sub.ended_at = self.now
        sub.canceled_at = self.now if sub.canceled_at is None else sub.canceled_at
        sub.reason = reason
        for bill in self._invoices_of[sub.id]:
            if bill.status in ("draft", "open") and bill.collection == "charge_automatically":
                bill.auto_advance = False
                bill.next_attempt = None
                self._publish_invoice(bill, "updated")
        self._publish(sub, "deleted")
