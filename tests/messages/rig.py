"""A company whose week from 9 to 15 November 2026 is known, and messengers over it.

MRR was $200 before; on the 11th customer 3 came with $100, on the 12th customer 2 left with $100. On the 19th
a payment of $300 failed.
"""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from eqho.messages.destinations import parse_destinations
from eqho.messages.messenger import Messenger
from eqho.messages.outbox import Outbox
from eqho.messages.rules import Rules
from eqho.refresh.pipeline import Builder
from eqho.store.base import Store
from eqho.stripe_simulator.account import StripeAccount
from eqho.sync import Owner, Sync
from eqho.tiers import Tiers
from tests.services.plain_account import DAY, customer, invoice, price, product, subscription
from tests.tiers.rig import CONVENTIONS, LINES, SmallSource

ORIGIN = "stripe-test"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


SET_UP = at("2026-11-13T09:00:00")
MONDAY = at("2026-11-16T08:00:00")
WEEK = (
    "MRR went from 200.00 USD to 200.00 USD since 2026-11-09: +0.00 USD.",
    "1 new customer brings 100.00 USD: Customer 3.",
    "1 customer was lost with 100.00 USD: Customer 2.",
)
WEEK_PLAIN = (
    "MRR is what it was since 2026-11-09.",
    "1 new customer: Customer 3.",
    "1 customer was lost: Customer 2.",
)


def company(now: int) -> StripeAccount:
    account = StripeAccount(now=now)
    began = at("2026-08-01T00:00:00")
    account.put("product", product(created=began - DAY))
    account.put("price", price(created=began - DAY))
    left = at("2026-11-12T10:00:00")
    for number, created in ((1, began), (2, began + DAY), (3, at("2026-11-11T10:00:00"))):
        account.put("customer", customer(number, created))
        gone = {"status": "canceled", "ended_at": left, "canceled_at": left} if number == 2 else {}
        account.put("subscription", subscription(number, created, **gone))
        account.put("invoice", invoice(number, number, created, attempt_count=1, amount_paid=10_000))
    failed = {"status": "open", "attempt_count": 1, "amount_due": 30_000, "amount_paid": 0}
    if now > (on := at("2026-11-19T12:00:00")):
        account.put("invoice", invoice(9, 1, on, **failed))
    return account


def tiers_at(store: Store, source: SmallSource, now: int, zone: str = "UTC") -> Tiers:
    conventions = replace(CONVENTIONS, zone=ZoneInfo(zone))
    owner = Owner(source, ORIGIN)
    sync = Sync(source, store, lambda: now, owner=owner)
    builder = Builder(sync, store, LINES, conventions, lambda: now, owner)
    return Tiers(builder, store, LINES, conventions, source.name, owner, 300, lambda: source.requests)


class Desk:
    """One process: tiers that have read the company at `now`, and their messenger."""

    def __init__(
        self,
        store: Store,
        now: int,
        urls: str,
        rules: Rules | None = None,
        zone: str = "UTC",
        source: SmallSource | None = None,
        wall: float | None = None,
        first_pause: int = 60,
    ) -> None:
        self.now = now
        self.source = source or SmallSource(company(now))
        self.tiers = tiers_at(store, self.source, now, zone)
        self.tiers.refresh(wait=True)
        assert self.tiers.settled(30)
        self.wall = wall or float(now)
        self.messenger = Messenger(
            self.tiers,
            store,
            Outbox(store, ORIGIN, lambda: self.wall, first_pause),
            parse_destinations(urls),
            rules or Rules(quiet_hours="", stale_minutes=None),
            ZoneInfo(zone),
            lambda: self.now,
            "https://metrics.eqho.example",
        )
