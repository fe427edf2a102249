"""The simulator's ground: its clock, its queue of due tasks, and how a change becomes object and event."""

from collections import defaultdict
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from eqho.stripe_simulator import render
from eqho.stripe_simulator.account import StripeAccount
from eqho.stripe_simulator.ids import Ids
from eqho.stripe_simulator.state import Customer, Entry, Invoice, Raw, Schedule, Subscription
from eqho.stripe_simulator.terms import Coupon, Discount, Price, Product, TaxRate

Task = Callable[[], None]

# Of tasks due at the same second: a discount has ended and a new phase has begun before the renewal bills.
FIRST, PHASE, RESUME, RENEWAL, LATER = range(5)


class SimulationError(Exception):
    """The simulated account does not allow this. The message says why."""


class Core:
    """`now` is the simulated instant; `account` is what has come of it so far."""

    def __init__(self, start: int, *, seed: int = 0, events_since: int = 0) -> None:
        self.now = start
        self.account = StripeAccount(start, events_since)
        self._ids = Ids(seed)
        self._tasks: list[tuple[int, int, int, Task]] = []
        self._serial = 0
        self._products: dict[str, Product] = {}
        self._prices: dict[str, Price] = {}
        self._coupons: dict[str, Coupon] = {}
        self._taxes: dict[str, TaxRate] = {}
        self._customers: dict[str, Customer] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._invoices: dict[str, Invoice] = {}
        self._invoices_of: dict[str, list[Invoice]] = defaultdict(list)
        self._schedules: dict[str, Schedule] = {}
        self._pending: dict[str, list[Entry]] = defaultdict(list)

    def advance(self, to: int) -> None:
        """Let time pass up to and including `to`: renewals, finalisations, retries, expiries happen."""
        if to < self.now:
            raise SimulationError(f"Time does not run back from {self.now} to {to}.")
        while self._tasks and self._tasks[0][0] <= to:
            due, _, _, task = heappop(self._tasks)
            self._set_now(due)
            task()
        self._set_now(to)

    def _set_now(self, now: int) -> None:
        self.now = now
        self.account.now = now

    def _at(self, due: int, task: Task, order: int = LATER) -> None:
        self._serial += 1
        heappush(self._tasks, (due, order, self._serial, task))

    def _emit(self, event: str, body: Raw, previous: Raw | None = None, *, listed: bool = True) -> None:
        self.account.put(body["object"], body, listed=listed)
        self.account.record(self._ids.new("evt"), event, body, self.now, previous)

    def _publish(self, sub: Subscription, change: str = "updated") -> None:
        """The subscription's new form, with what it was before, to the account and to whoever observes."""
        self._seen(sub, change)
        self._observe(sub, self.now)

    def _observe(self, sub: Subscription, at: int) -> None:
        """Called when the terms of a subscription may have changed; the tests keep the truth here."""

    def _seen(self, sub: Subscription, change: str) -> None:
        before = self.account.stored("subscription", sub.id)
        body = render.subscription(sub)
        previous = _previous_attributes(before, body) if change == "updated" and before else None
        self._emit(f"customer.subscription.{change}", body, previous)

    def _publish_customer(self, customer: Customer, change: str = "updated") -> None:
        before = self.account.stored("customer", customer.id)
        body = render.customer(customer)
        previous = _previous_attributes(before, body) if change == "updated" and before else None
        self._emit(f"customer.{change}", body, previous)

    def _discount_gone(self, discount: Discount) -> None:
        self._emit("customer.discount.deleted", render.discount(discount), listed=False)


def _previous_attributes(before: Raw, after: Raw) -> Raw:
    """The old values of what changed, nested like the object; lists as a whole."""
    changed: dict[str, Any] = {}
    for name, value in after.items():
        old = before.get(name)
        if old == value:
            continue
        if isinstance(old, dict) and isinstance(value, dict):
            changed[name] = _previous_attributes(old, value)
        else:
            changed[name] = old
    return changed
