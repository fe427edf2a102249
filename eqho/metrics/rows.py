"""What each view answers. Money in major units, rates as fractions, days as YYYY-MM-DD, instants RFC 3339."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from eqho.metrics.movements import Kind

Waiting = dict[str, str] | UnsetType
"""Path of what cannot be told yet → the reason; only while the past is not read."""


class MovementCustomers(Struct, frozen=True):
    """Customers at the ends of a period and by kind of movement."""

    start: int
    new: int
    reactivation: int
    expansion: int
    entering: int
    contraction: int
    churn: int
    leaving: int
    end: int


class MovementRow(Struct, frozen=True):
    """All amounts but `fx` positive: start + gains − losses + fx = end. `fx` is what the opening
    balance gained, or below 0 lost, by exchange rates; movements are at the rates of the period's end."""

    period: str
    start: float
    new: float
    reactivation: float
    expansion: float
    entering: float
    contraction: float
    churn: float
    leaving: float
    fx: float
    end: float
    customers: MovementCustomers
    open: bool


class Movements(Struct, frozen=True):
    rows: list[MovementRow]
    undefined: Waiting = UNSET


class ChangeRow(Struct, frozen=True):
    """One customer's net change: MRR before and after."""

    customer: str
    name: str
    kind: Kind
    before: float
    after: float
    change: float


class Changed(Struct, frozen=True):
    rows: list[ChangeRow]
    undefined: Waiting = UNSET


class NamedCustomer(Struct, frozen=True):
    customer: str
    name: str


class CameAndWent(Struct, frozen=True):
    """Customers that came within a period and were gone before its end."""

    rows: list[NamedCustomer]
    undefined: Waiting = UNSET


class DatedChange(ChangeRow, frozen=True, kw_only=True):
    """`date` is the day of the customer's last change, `line` the product line of its largest stretch."""

    date: str | None
    line: str


class ChangedCustomer(Struct, frozen=True):
    """`amount` is null where no price tells it."""

    customer: str
    name: str
    amount: float | None


class ChangeGroup(Struct, frozen=True, omit_defaults=True):
    """One kind of movement (signed); what exchange rates made of the opening MRR (`fx`, signed); MRR that is
    past due; trials that end, and large bills that come, in the next 7 days; or, of the month `period`, by
    how much its MRR is another than when it was frozen."""

    kind: Kind | Literal["fx", "at_risk", "trials", "renewals", "restated"]
    amount: float | None
    customers: list[ChangedCustomer]
    period: str | UnsetType = UNSET


class Changes(Struct, frozen=True):
    """What changed since the beginning of a day; the groups of movements add up to `net`."""

    since: str
    currency: str
    start: float | None
    end: float
    net: float | None
    rows: list[DatedChange]
    groups: list[ChangeGroup]
    sentences: list[str]
    undefined: Waiting = UNSET


class CohortRow(Struct, frozen=True):
    """`values[n]` is what is left n months later, null where that month has not closed."""

    cohort: str
    size: int
    values: list[int | float | None]


class CohortTable(Struct, frozen=True):
    cohorts: list[CohortRow]
    undefined: Waiting = UNSET


class BridgeRow(Struct, frozen=True):
    """One step with the ids of the subscriptions behind it."""

    step: str
    amount: float
    subscriptions: list[str]


class Bridge(Struct, frozen=True):
    rows: list[BridgeRow]
    undefined: Waiting = UNSET


class SpendApart(Struct, frozen=True):
    """Spend that is in no total, for want of an exchange rate; major units of its own currency."""

    currency: str
    amount: float


class SpendShare(Struct, frozen=True):
    category: str
    spend: float
    share: float | None


class MonthAlone(Struct, frozen=True):
    """Spend and CAC of one month by itself: what its cohort cost."""

    spend: float | None
    new_customers: int
    cac: float | None
    by_category: list[SpendShare]


class EconomicsRow(Struct, frozen=True):
    """As the document has it at the month's end; `spend` and `cac` are of the 3 closed months before."""

    period: str
    spend: float | None
    new_customers: int
    by_category: list[SpendShare]
    arpa: float | None
    gross_margin: float | None
    cac: float | None
    ltv: float | None
    ltv_cac: float | None
    payback_months: float | None
    monthly_churn: float | None
    month: MonthAlone
    open: bool


class PaybackRow(Struct, frozen=True):
    """`cumulative_margin[n]` is what a customer of the cohort has brought n months later; `payback_month` the
    first n at which that reaches the CAC."""

    cohort: str
    size: int
    cac: float | None
    cumulative_margin: list[float]
    payback_month: int | None


class UnitEconomics(Struct, frozen=True):
    rows: list[EconomicsRow]
    cohorts: list[PaybackRow]
    undefined: dict[str, str]


class CashRow(Struct, frozen=True):
    """Payments by their own date; `failed` and `recovered` are invoices, in the period each is of; `open` and
    `overdue` are what was waited for at the period's end, `running` one that has not closed."""

    period: str
    paid: float
    refunded: float | None
    credited: float | None
    disputed: float | None
    failed: int
    failed_amount: float
    recovered: int
    recovered_amount: float
    recovery_rate: float | None
    usage_revenue: float
    running: bool
    open: float
    overdue: float


class CashApart(Struct, frozen=True):
    """A currency without an exchange rate: what is in no total, in major units of its own."""

    currency: str
    paid: float
    open: float


class AgeRow(Struct, frozen=True):
    """What is overdue by so many days."""

    age: str
    amount: float


class RenewalRow(Struct, frozen=True):
    """A bill of the next 30 days, before usage and tax."""

    customer: str
    name: str
    product: str
    date: str
    amount: float


class FailedPayment(Struct, frozen=True):
    """An invoice by when its payment was first tried in vain: its day, and `at` in UTC seconds."""

    date: str
    at: int
    amount: float


class FailedPayments(Struct, frozen=True):
    rows: list[FailedPayment]
    undefined: Waiting = UNSET


class Cash(Struct, frozen=True):
    rows: list[CashRow]
    apart: list[CashApart]
    ages: list[AgeRow]
    renewals: list[RenewalRow]
    undefined: dict[str, str]
