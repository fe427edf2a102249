"""What the ledger reads: typed, frozen, version-free forms of Stripe's objects.

Amounts are minor units of the object's currency, instants are UTC seconds, percentages are 0..100.
`normalise` is the only writer. They hold no cycles, so the garbage collector need not track them
(`gc=False`): that saves a third of the time of a large account.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import msgspec

Interval = Literal["day", "week", "month", "year"]
SubscriptionStatus = Literal[
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"
]
InvoiceStatus = Literal["draft", "open", "paid", "uncollectible", "void"]
PauseBehavior = Literal["keep_as_draft", "mark_uncollectible", "void"]


class Customer(msgspec.Struct, frozen=True, gc=False):
    id: str
    created: int
    name: str = ""
    email: str = ""
    metadata: Mapping[str, str] = {}
    deleted: bool = False


class Product(msgspec.Struct, frozen=True, gc=False):
    id: str
    name: str
    active: bool = True
    metadata: Mapping[str, str] = {}


class Tier(msgspec.Struct, frozen=True, gc=False):
    """Units up to and including `up_to` (None: without end)."""

    up_to: int | None
    unit_amount: Decimal
    flat_amount: Decimal


class Price(msgspec.Struct, frozen=True, gc=False):
    """`interval` None is a one-time price. `unit_amount` None with no tiers is worth what was `billed`: minor
    units of a full period by quantity."""

    id: str
    product: str
    currency: str
    unit_amount: Decimal | None
    interval: Interval | None = "month"
    interval_count: int = 1
    metered: bool = False
    tiers_mode: Literal["graduated", "volume"] | None = None
    tiers: tuple[Tier, ...] = ()
    tiered: bool = False
    """Whether it has tiers, known or not."""
    billed: Mapping[Decimal, int] = {}
    divide_by: int = 1
    round_up: bool = True
    nickname: str = ""
    options: Mapping[str, "Price"] = {}
    """The same price in other currencies, as far as they are known."""

    @property
    def of_unknown_tiers(self) -> bool:
        return self.tiered and not self.tiers and self.unit_amount is None and not self.metered

    def in_currency(self, currency: str) -> "Price":
        """Without an amount where it is not known in that currency."""
        if currency == self.currency:
            return self
        unknown = msgspec.structs.replace(
            self, currency=currency, unit_amount=None, tiers=(), tiers_mode=None, billed={}, options={}
        )
        return self.options.get(currency, unknown)


class Coupon(msgspec.Struct, frozen=True, gc=False):
    """Either `percent_off` or `amounts_off` by currency. Empty `products` applies to every product."""

    id: str
    duration: Literal["once", "repeating", "forever"]
    percent_off: Decimal | None = None
    amounts_off: Mapping[str, int] = {}
    products: frozenset[str] = frozenset()
    name: str = ""


class Discount(msgspec.Struct, frozen=True, gc=False):
    """A coupon at work in `[start, end)`; `end` None is without end."""

    id: str
    coupon: Coupon
    start: int
    end: int | None = None


class Item(msgspec.Struct, frozen=True, gc=False):
    """One line of a subscription as it stands today. `quantity` None: metered, never 1."""

    id: str
    price: Price
    quantity: int | None
    created: int
    discounts: tuple[Discount, ...] = ()
    period_start: int | None = None
    period_end: int | None = None
    inclusive_tax_percent: Decimal = Decimal(0)


class Subscription(msgspec.Struct, frozen=True, gc=False):
    """`discounts` are the subscription's own, or the customer's where it has none.

    `inclusive_tax_percent` of an item already contains the subscription's default tax rates.
    """

    id: str
    customer: str
    status: SubscriptionStatus
    currency: str
    items: tuple[Item, ...]
    created: int
    start: int
    discounts: tuple[Discount, ...] = ()
    trial_start: int | None = None
    trial_end: int | None = None
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    pause: PauseBehavior | None = None
    pause_resumes_at: int | None = None
    collection_method: str = "charge_automatically"
    schedule: str | None = None
    latest_invoice: str | None = None
    pending_update: bool = False
    """A change waits for its payment: the items are what they were."""
    pauses_after_trial: bool = False
    """Where there is no way to pay when a trial ends, it is paused until there is one."""


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """A subscription as a stored event says it stood from `at` on."""

    at: int
    subscription: Subscription


class Sightings(msgspec.Struct, frozen=True, gc=False):
    """`changes`: forms in which the mirror saw subscriptions, each first at its `at`, oldest first. From
    `since` on none was missed: what has none was then what it is now."""

    changes: tuple[Snapshot, ...] = ()
    since: int | None = None


class LineDiscount(msgspec.Struct, frozen=True, gc=False):
    """What one discount took off a line. `discount` None: Stripe no longer tells which coupon it was."""

    amount: int
    discount: Discount | None


class Line(msgspec.Struct, frozen=True, gc=False):
    """An invoice line, or a pending invoice item (`invoice` None). `amount` is before discounts. A `credit`
    gives back the unused time of a charge, even where that was nothing."""

    id: str
    invoice: str | None
    subscription: str | None
    item: str | None
    price: str | None
    product: str | None
    quantity: Decimal | None
    unit_amount: Decimal | None
    amount: int
    currency: str
    start: int
    end: int
    proration: bool
    discounts: tuple[LineDiscount, ...] = ()
    inclusive_tax: int = 0
    credit: bool = False


class Invoice(msgspec.Struct, frozen=True, gc=False):
    id: str
    customer: str
    subscription: str | None
    status: InvoiceStatus
    currency: str
    created: int
    lines: tuple[Line, ...]
    billing_reason: str = ""
    number: str = ""
    finalized_at: int | None = None
    paid_at: int | None = None
    voided_at: int | None = None
    uncollectible_at: int | None = None
    attempt_count: int = 0
    amount_due: int = 0
    amount_paid: int = 0
    total: int = 0
    due_date: int | None = None


class CreditNote(msgspec.Struct, frozen=True, gc=False):
    id: str
    invoice: str
    customer: str
    currency: str
    amount: int
    created: int
    status: str


class Refund(msgspec.Struct, frozen=True, gc=False):
    id: str
    amount: int
    currency: str
    created: int
    status: str
    charge: str | None = None


class Dispute(msgspec.Struct, frozen=True, gc=False):
    """A payment that a customer had their bank take back, whatever came of it."""

    id: str
    amount: int
    currency: str
    created: int
    status: str


class PhaseItem(msgspec.Struct, frozen=True, gc=False):
    price: str
    quantity: int | None
    discounts: tuple[Discount, ...] = ()


class Phase(msgspec.Struct, frozen=True, gc=False):
    start: int
    end: int
    items: tuple[PhaseItem, ...]
    discounts: tuple[Discount, ...] = ()


class Schedule(msgspec.Struct, frozen=True, gc=False):
    id: str
    subscription: str | None
    phases: tuple[Phase, ...]
    status: str


class Account(msgspec.Struct, frozen=True, gc=False):
    """Everything one Stripe account says, by id. `pending` are invoice items not yet on an invoice.

    `snapshots` come from stored events, oldest first. `unread_subscriptions` are the ids of those that were
    left out, because they could not be read.
    """

    customers: Mapping[str, Customer]
    products: Mapping[str, Product]
    prices: Mapping[str, Price]
    subscriptions: Mapping[str, Subscription]
    invoices: tuple[Invoice, ...]
    pending: tuple[Line, ...] = ()
    schedules: Mapping[str, Schedule] = {}
    credit_notes: tuple[CreditNote, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    sightings: Sightings = Sightings()
    unread_subscriptions: frozenset[str] = frozenset()
