"""CAC, LTV and payback, from the ledger and from what people entered."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import msgspec

from eqho.metrics.entered import Margin, Spend
from eqho.metrics.movements import Movement
from eqho.products import ALL

MARGIN_HOLDS = 12
"""Months for which an entered margin carries forward."""

_ENTER_SPEND = "enter it on the page Unit economics or with PUT /api/v1/spend"
NO_SPEND = f"no sales and marketing spend is entered for the 3 closed months before: {_ENTER_SPEND}"
NO_NEW = "no new customers in the 3 closed months before"
NO_MARGIN = (
    "no gross margin is entered for this month or the 12 before: "
    "enter it on the page Unit economics or with PUT /api/v1/margins"
)
NO_CHURN = "no customer churned in the 6 closed months before"
NO_BASE = "no customers in the 6 closed months before"
NO_CUSTOMERS = "no paying customers"
NO_MRR_LEFT = "gross margin of 0: nothing of the revenue pays a customer back"
NO_RATE = (
    "the spend entered is in another currency, and no exchange rate of it is at most 7 days older than the "
    "month's end: enter rates on the page Unit economics or with PUT /api/v1/fx"
)
NOTHING_SPENT = "the spend entered for the 3 closed months before is 0"
NO_SPEND_OF_MONTH = f"no sales and marketing spend is entered for this month: {_ENTER_SPEND}"
NO_NEW_IN_MONTH = "no new customers in the month"


class SpendOf(msgspec.Struct, frozen=True):
    """Spend of some months by category, major units of the reporting currency. `shared` is the part of the
    total that was entered for all product lines together."""

    by_category: Mapping[str, Fraction]
    shared: Fraction = Fraction(0)

    @property
    def total(self) -> Fraction:
        return sum(self.by_category.values(), Fraction(0))


class Unit(msgspec.Struct, frozen=True):
    """Unit economics at an instant. What is None has its reason in `missing`, by the same name."""

    spend: SpendOf | None
    new_customers: int
    cac: Fraction | None
    arpa: Fraction | None
    gross_margin: Fraction | None
    monthly_churn: Fraction | None
    ltv: Fraction | None
    ltv_cac: Fraction | None
    payback_months: Fraction | None
    missing: Mapping[str, str]


Worth = Callable[[Spend], Fraction | None]
"""A row's amount in the reporting currency, None without a rate."""


def spend_of(
    rows: Sequence[Spend],
    months: Sequence[str],
    worth: Worth,
    product: str = ALL,
    share: Callable[[], Fraction] = lambda: Fraction(1),
) -> SpendOf | None:
    """None where nothing with a worth is entered for any of the months (`YYYY-MM`). A line has its own spend,
    and its share of what was entered for all lines together. A category is one whatever its case."""
    by_category: dict[str, Fraction] = {}
    written: dict[str, str] = {}
    shared = Fraction(0)
    for row in _concerned(rows, months, product):
        amount = worth(row)
        if amount is None:
            continue
        if row.product is None:
            amount *= share()
            shared += amount
        category = written.setdefault(row.category.casefold(), row.category)
        by_category[category] = by_category.get(category, Fraction(0)) + amount
    return SpendOf(by_category, shared) if by_category else None


def spend_apart(
    rows: Sequence[Spend], months: Sequence[str], worth: Worth, product: str = ALL
) -> dict[str, Fraction]:
    """Currency → spend that is in no total, for want of a rate."""
    apart: dict[str, Fraction] = {}
    for row in _concerned(rows, months, product):
        if worth(row) is None:
            apart[row.currency] = apart.get(row.currency, Fraction(0)) + Fraction(row.amount)
    return apart


def _concerned(rows: Sequence[Spend], months: Sequence[str], product: str) -> Iterator[Spend]:
    for row in rows:
        if row.month in months and (product == ALL or row.product in (None, product)):
            yield row


def gross_margin_of(rows: Sequence[Margin], product: str, month: str) -> Fraction | None:
    """The latest margin entered for the product up to a month, else the company's; a margin carries forward
    for MARGIN_HOLDS months."""
    for name in (product, ALL):
        known = {row.month: row.gross_margin for row in rows if row.product == name and row.month <= month}
        if known and months_between(latest := max(known), month) <= MARGIN_HOLDS:
            return Fraction(known[latest])
    return None


def months_between(earlier: str, later: str) -> int:
    """Of two months `YYYY-MM`."""
    (from_year, from_month), (to_year, to_month) = (map(int, text.split("-")) for text in (earlier, later))
    return 12 * (to_year - from_year) + to_month - from_month


def new_customers(months: Sequence[Movement]) -> int:
    return sum(month.counts["new"] for month in months)


def churn_of(months: Sequence[Movement]) -> Fraction | None:
    """Σ churned / Σ customers at the start; None without any customer."""
    base = sum(month.customers_start for month in months)
    return Fraction(sum(month.counts["churn"] for month in months), base) if base else None


def lifetime_value(
    arpa: Fraction,
    margin: Fraction | None,
    churn: Fraction | float | None,
    months_at_zero_churn: int | None,
) -> Fraction | None:
    """ARPA × margin / churn; without a margin it is revenue LTV. None where churn is 0 or not defined."""
    value = arpa * (1 if margin is None else margin)
    if churn:
        return value / Fraction(churn)
    if churn == 0 and months_at_zero_churn is not None:
        return value * months_at_zero_churn
    return None


def unit(
    spend: SpendOf | None,
    new: int,
    arpa: Fraction | None,
    margin: Fraction | None,
    churn: Fraction | None,
    months_at_zero_churn: int | None,
    no_spend: str = NO_SPEND,
) -> Unit:
    """The chain from spend to payback. `new` customers are those of the months the spend is of; `no_spend`
    says why there is none."""
    cac = spend.total / new if spend is not None and new else None
    ltv = None if arpa is None else lifetime_value(arpa, margin, churn, months_at_zero_churn)
    payback = cac / (arpa * margin) if cac is not None and arpa and margin else None
    no_cac = no_spend if spend is None else NO_NEW
    no_ltv = NO_CUSTOMERS if arpa is None else NO_BASE if churn is None else NO_CHURN
    no_payback = (
        no_cac if cac is None else NO_CUSTOMERS if not arpa else NO_MARGIN if margin is None else NO_MRR_LEFT
    )
    return Unit(
        spend=spend,
        new_customers=new,
        cac=cac,
        arpa=arpa,
        gross_margin=margin,
        monthly_churn=churn,
        ltv=ltv,
        ltv_cac=ltv / cac if ltv is not None and cac else None,
        payback_months=payback,
        missing={
            "spend": no_spend,
            "cac": no_cac,
            "arpa": NO_CUSTOMERS,
            "gross_margin": NO_MARGIN,
            "monthly_churn": NO_BASE,
            "ltv": no_ltv,
            "ltv_cac": no_ltv if ltv is None else no_cac if cac is None else NOTHING_SPENT,
            "payback_months": no_payback,
        },
    )
