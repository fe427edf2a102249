"""Customers as they stand, and one of them through time. Money in major units, instants RFC 3339."""

from msgspec import UNSET, Struct

from eqho.metrics.rows import Waiting
from eqho.metrics.standing import Status


class ListedCustomer(Struct, frozen=True):
    """`customer` is the Stripe id; `since` the first instant with MRR."""

    customer: str
    name: str
    mrr: float
    since: str | None
    status: Status
    lines: list[str]
    plans: list[str]
    stripe_url: str | None


class CustomerRow(ListedCustomer, frozen=True, kw_only=True):
    """With what only people see. `at_risk`: past due. `scheduled_churn` and `trial_end` are days; `trial_mrr`
    is what the trial would bring: null without one, and where no price tells an amount in the currency."""

    email: str
    at_risk: bool
    scheduled_churn: str | None
    trial_end: str | None
    trial_mrr: float | None


class Customers(Struct, frozen=True):
    """`total` counts all, null while not all are told; `rows` are those of the page asked for."""

    total: int | None
    rows: list[ListedCustomer]
    undefined: Waiting = UNSET


class AllCustomers(Struct, frozen=True):
    """`total` is null while not all are told."""

    total: int | None
    rows: list[CustomerRow]
    undefined: Waiting = UNSET


class Stretch(Struct, frozen=True):
    """A time in which an item was worth the same, in its own currency; `mrr` is what counts under the policy,
    0 while paused; `end` null while it runs."""

    subscription: str
    line: str
    plan: str
    quantity: float
    currency: str
    list_mrr: float
    mrr: float
    state: str
    start: str
    end: str | None
    evidence: str
    inferred: bool
    invoice: str | None
    invoice_url: str | None


class LineSteps(Struct, frozen=True):
    """MRR of one product line in one currency from each instant `at` on; the last is the one asked for."""

    currency: str
    line: str
    at: list[str]
    mrr: list[float]


class CustomerHistory(Struct, frozen=True):
    """`spans` newest first; `steps` by currency and line."""

    customer: str
    name: str
    stripe_url: str | None
    steps: list[LineSteps]
    spans: list[Stretch]
    undefined: Waiting = UNSET
