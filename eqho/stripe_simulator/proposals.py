"""Changes with `payment_behavior=pending_if_incomplete` whose payment fails: billed, and never made."""

from collections.abc import Mapping
from functools import partial

from eqho.stripe_simulator.calendar import HOUR
from eqho.stripe_simulator.changes import Changes
from eqho.stripe_simulator.state import Invoice, Subscription

EXPIRES_AFTER = 23 * HOUR


class Proposals(Changes):
    def propose(self, subscription_id: str, wanted: Mapping[str, tuple[str, int]]) -> str | None:
        """Item → (price, quantity) of the same interval. The bill's id; None where there is nothing to pay,
        so that the change could not fail: then nothing is done."""
        sub = self._living(subscription_id)
        changed = [item for item in sub.items if item.id in wanted]
        before = {item.id: (item.price, item.quantity) for item in changed}
        charged = self._remaining(sub, changed, -1)
        for item in changed:
            item.price, item.quantity = self._prices[wanted[item.id][0]], wanted[item.id][1]
        charged += self._remaining(sub, changed, 1)
        for item in changed:
            item.price, item.quantity = before[item.id]
        pays = sub.collection == "charge_automatically" and sub.status == "active" and sub.pause is None
        settled = sub.effective_discounts or sub.customer.balance or any(item.discounts for item in sub.items)
        if not pays or settled or sum(entry.amount for entry in charged) <= 0:
            return None
        for entry in charged:
            entry.id, entry.date = self._ids.new("ii"), self.now
        bill = self._invoice(sub.customer, sub, "subscription_update", charged)
        sub.proposal = bill.id
        self._publish(sub)
        self._finalise(bill)
        self._at(self.now + EXPIRES_AFTER, partial(self._expire_proposal, sub, bill))
        return bill.id

    def _collect(self, bill: Invoice) -> None:
        sub = bill.subscription
        if sub is None or sub.proposal != bill.id:
            super()._collect(bill)
            return
        bill.attempts += 1
        self._publish_invoice(bill, "payment_failed")

    def _expire_proposal(self, sub: Subscription, bill: Invoice) -> None:
        sub.proposal = None
        if bill.status == "open":
            self.void(bill.id)
        self._publish(sub)
