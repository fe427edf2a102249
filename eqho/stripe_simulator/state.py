"""The simulator's own state of each billing object; `render*` turns it into Stripe's JSON."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from eqho.stripe_simulator.terms import Discount, Price, TaxRate

Raw = dict[str, Any]
Collection = Literal["charge_automatically", "send_invoice"]
Resolution = Literal["recover", "cancel", "unpaid", "uncollectible"]
PauseBehavior = Literal["keep_as_draft", "mark_uncollectible", "void"]
Proration = Literal["create_prorations", "always_invoice", "none"]

ENDED = frozenset({"canceled", "incomplete_expired"})


@dataclass(slots=True)
class Customer:
    id: str
    created: int
    name: str
    email: str
    prefix: str
    currency: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    balance: int = 0
    discount: Discount | None = None
    invoices: int = 0
    deleted: bool = False


@dataclass(slots=True)
class Item:
    """`billed` is the invoice and the lines that charge the running period: what a credit refers to."""

    id: str
    price: Price
    quantity: int | None
    created: int
    discounts: list[Discount] = field(default_factory=list)
    taxes: tuple[TaxRate, ...] = ()
    usage: int = 0
    billed: tuple[str, list[str]] | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    behavior: PauseBehavior
    resumes_at: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """What the next payment will meet: it fails, and `after` seconds later it comes to `resolution`."""

    resolution: Resolution
    after: int


@dataclass(slots=True)
class Subscription:
    id: str
    customer: Customer
    currency: str
    created: int
    start: int
    anchor: int
    cycle: int
    period_start: int
    period_end: int
    status: str
    collection: Collection
    billing_mode: Literal["classic", "flexible"]
    items: list[Item]
    discounts: list[Discount] = field(default_factory=list)
    taxes: tuple[TaxRate, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    trial_start: int | None = None
    trial_end: int | None = None
    trial_end_behavior: Literal["create_invoice", "pause", "cancel"] = "create_invoice"
    free: bool = False
    """Whether what is `trialing` was given to somebody who paid before."""
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    reason: str | None = None
    pause: Pause | None = None
    schedule: str | None = None
    latest_invoice: str | None = None
    proposal: str | None = None
    """The bill of a change that waits for its payment."""
    pays_after: int = 0
    failure: Failure | None = None
    failing: bool = False

    @property
    def effective_discounts(self) -> list[Discount]:
        """Its own discounts, or else the customer's."""
        if self.discounts or self.customer.discount is None:
            return self.discounts
        return [self.customer.discount]


@dataclass(slots=True)
class Entry:
    """A line in the making, or a pending invoice item (then `id` is set)."""

    description: str
    amount: int
    currency: str
    start: int
    end: int
    price: Price | None = None
    quantity: int | None = None
    unit: Decimal | None = None
    item: Item | None = None
    subscription: Subscription | None = None
    customer: Customer | None = None
    proration: bool = False
    discountable: bool = True
    discounts: list[tuple[int, Discount]] = field(default_factory=list)
    taxes: tuple[TaxRate, ...] = ()
    credited: tuple[str, list[str]] | None = None
    id: str | None = None
    date: int = 0


@dataclass(slots=True)
class Invoice:
    """`lines` are already Stripe's JSON: a line never changes once it is on an invoice."""

    id: str
    customer: Customer
    subscription: Subscription | None
    currency: str
    created: int
    reason: str
    collection: Collection
    period_start: int
    period_end: int
    lines: list[Raw]
    discounts: list[str]
    subtotal: int
    discounted: list[Raw]
    taxes: list[Raw]
    total: int
    status: str = "draft"
    auto_advance: bool = True
    number: str | None = None
    due_date: int | None = None
    finalized_at: int | None = None
    paid_at: int | None = None
    voided_at: int | None = None
    uncollectible_at: int | None = None
    amount_due: int = 0
    amount_paid: int = 0
    attempts: int = 0
    next_attempt: int | None = None
    starting_balance: int = 0
    ending_balance: int | None = None
    credited_before_payment: int = 0
    credited_after_payment: int = 0
    revises: str | None = None
    revised_by: str | None = None
    payment_intent: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """`items` are price and quantity, in the order of the subscription's items."""

    start: int
    end: int
    items: tuple[tuple[Price, int], ...]
    discounts: tuple[Discount, ...] = ()


@dataclass(slots=True)
class Schedule:
    id: str
    customer: Customer
    created: int
    phases: list[Phase]
    end_behavior: Literal["release", "cancel"]
    subscription: str | None = None
    status: str = "not_started"
    current: int | None = None
    completed_at: int | None = None
    released_at: int | None = None
