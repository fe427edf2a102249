"""What a customer is given: a balance that settles bills to come, and free time while paying."""

from functools import partial

from eqho.stripe_simulator import entries
from eqho.stripe_simulator.calendar import DAY
from eqho.stripe_simulator.engine import RENEWAL, SimulationError
from eqho.stripe_simulator.proposals import Proposals


class Concessions(Proposals):
    def give_balance(self, customer_id: str, amount: int) -> None:
        """Minor units of the customer's currency, which bills to come are settled from."""
        customer = self._customers[customer_id]
        customer.balance -= amount
        self._publish_customer(customer)

    def give_free_time(self, subscription_id: str, days: int, *, prorated: bool = True) -> None:
        """A new `trial_end` for a subscription that is paid for: Stripe sets it to `trialing`, moves its
        anchor to the end of that, and bills nothing for the time; `prorated` gives back what was paid."""
        sub = self._living(subscription_id)
        if sub.status != "active":
            raise SimulationError(f"{subscription_id} is {sub.status}: free time is given to who pays.")
        charged = self._remaining(sub, sub.items, -1) if prorated else []
        for entry in charged:
            self._pend(entry)
        charged = self._take_pending(sub.customer, sub, sub.currency) + self._arrears(sub)
        sub.status, sub.free = "trialing", True
        sub.trial_start, sub.trial_end = self.now, self.now + days * DAY
        sub.anchor, sub.cycle = sub.trial_end, -1
        sub.period_start, sub.period_end = sub.trial_start, sub.trial_end
        self._at(sub.period_end, partial(self._renew, sub, sub.period_end), RENEWAL)
        for item in sub.items:
            charged += entries.full_period(sub, item, sub.period_start, sub.period_end, trial=True)
        bill = self._invoice(sub.customer, sub, "subscription_update", charged)
        self._publish(sub)
        self._finalise(bill)

    def end_free_time(self, subscription_id: str) -> None:
        """`trial_end=now`: a new period begins, billed at once."""
        sub = self._living(subscription_id)
        if sub.status != "trialing":
            raise SimulationError(f"{subscription_id} is {sub.status}: no free time runs.")
        sub.status, sub.trial_end = "active", self.now
        self._new_cycle(sub, [])
