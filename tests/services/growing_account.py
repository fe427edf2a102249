"""A company that has grown for years, as large as a test wants, its MRR known by construction.

Some customers pay by the year, leave, come back, take more or less seats, or change in between what only an
event dates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eqho.stripe_simulator.account import StripeAccount
from eqho.stripe_simulator.calendar import Interval, shift
from tests.services.plain_account import DAY, NOW, customer, invoice, price, product, subscription

Raw = dict[str, Any]
MONTHLY, YEARLY = 10_000, 96_000
_SEATS = (1, 2, 4, 3, 5)
_NEW_SEATS_EVERY = 7
_UNBILLED_SINCE = NOW - 12 * DAY


@dataclass(frozen=True)
class Contract:
    """One subscription. `periods` are the starts of those that began; `left` when it ended."""

    number: int
    of: int
    created: int
    interval: Interval
    left: int | None
    unbilled: bool
    """Whether a seat came this month that no bill has."""

    @property
    def periods(self) -> list[int]:
        until, steps = self.left or NOW, 0
        found = []
        while (start := shift(self.created, self.interval, steps)) < until:
            found.append(start)
            steps += 1
        return found

    def seats(self, period: int) -> int:
        return _SEATS[(self.number + period // _NEW_SEATS_EVERY) % len(_SEATS)]

    @property
    def amount(self) -> int:
        return MONTHLY if self.interval == "month" else YEARLY

    def mrr(self, at: int) -> float:
        """Major units of the currency."""
        periods = self.periods
        if at < self.created or (self.left is not None and at >= self.left):
            return 0.0
        seats = self.seats(max(i for i, start in enumerate(periods) if start <= at))
        seats += self.unbilled and at >= _UNBILLED_SINCE
        return seats * self.amount / (100 if self.interval == "month" else 1_200)


def contracts(customers: int, years: float) -> Iterator[Contract]:
    """Ever more come each year; every fourth leaves, and some of those return."""
    began, number = NOW - int(years * 365 * DAY), 0
    for of in range(customers):
        created = began + int((NOW - 3 * DAY - began) * ((of + 1) / customers) ** 0.6)
        interval: Interval = "year" if of % 40 == 7 else "month"
        left = None
        if of % 4 == 1 and (end := shift(created, interval, 2 + of % 19)) < NOW:
            left = end
        # Before the last bill it would have been billed.
        unbilled = of % 50 == 10 and left is None and interval == "month"
        contract = Contract(number, of, created, interval, left, False)
        if unbilled and created < _UNBILLED_SINCE and contract.periods[-1] < _UNBILLED_SINCE:
            contract = Contract(number, of, created, interval, left, True)
        yield contract
        number += 1
        if left is not None and of % 3 == 0 and (back := left + (20 + of % 90) * DAY) < NOW:
            yield Contract(number, of, back, "month", None, False)
            number += 1


def growing_account(customers: int, years: float) -> StripeAccount:
    """About 40 % of `customers` × months of invoices."""
    account = StripeAccount(now=NOW)
    account.put("product", product())
    account.put("price", price(1))
    account.put("price", _yearly())
    known: set[int] = set()
    bills: list[tuple[int, int, Contract]] = []
    for contract in contracts(customers, years):
        if contract.of not in known:
            known.add(contract.of)
            account.put("customer", customer(contract.of, contract.created - 60))
        account.put("subscription", _subscription(account, contract))
        bills += [(start, place, contract) for place, start in enumerate(contract.periods)]
    for number, (_, place, contract) in enumerate(sorted(bills, key=lambda bill: bill[0])):
        account.put("invoice", _invoice(number, place, contract))
    return account


def _yearly() -> Raw:
    rhythm = {"interval": "year", "interval_count": 1, "usage_type": "licensed", "meter": None}
    return price(2, YEARLY, recurring=rhythm)


def _subscription(account: StripeAccount, contract: Contract) -> Raw:
    last = len(contract.periods) - 1
    start, end = (shift(contract.created, contract.interval, last + more) for more in (0, 1))
    body = subscription(contract.number, contract.created, customer=f"cus_{contract.of:06}")
    item = body["items"]["data"][0]
    item |= {
        "price": price(1) if contract.interval == "month" else _yearly(),
        "quantity": contract.seats(last),
    }
    item |= {"current_period_start": start, "current_period_end": end}
    if contract.left is not None:
        body |= {"status": "canceled", "ended_at": contract.left, "canceled_at": contract.left - 5 * DAY}
    if contract.unbilled:
        before = body["items"] | {"data": [dict(item)]}
        item["quantity"] += 1
        account.record(
            f"evt_{contract.number:06}",
            "customer.subscription.updated",
            body,
            _UNBILLED_SINCE,
            {"items": before},
        )
    return body


def _invoice(number: int, place: int, contract: Contract) -> Raw:
    start = contract.periods[place]
    amount = contract.seats(place) * contract.amount
    body = invoice(number, contract.number, start, customer=f"cus_{contract.of:06}")
    line = body["lines"]["data"][0]
    line |= {"amount": amount, "quantity": contract.seats(place)}
    line["period"] = {"start": start, "end": shift(contract.created, contract.interval, place + 1)}
    kind = "1" if contract.interval == "month" else "2"
    line["pricing"] = {
        "type": "price_details",
        "unit_amount_decimal": str(contract.amount),
        "price_details": {"price": f"price_{kind}", "product": "prod_1"},
    }
    reason = "subscription_cycle" if place else "subscription_create"
    return body | {
        "billing_reason": reason, "total": amount, "amount_due": amount, "amount_paid": amount,
        "attempt_count": 1, "status_transitions": {"finalized_at": start, "paid_at": start + 60},
        "parent": {"type": "subscription_details",
                   "subscription_details": {"subscription": f"sub_{contract.number:06}"}},
    }  # fmt: skip
