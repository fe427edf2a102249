"""CAC, LTV and payback, from the ledger and from what people entered."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from eqho.metrics.entered import Margin, Spend
from eqho.metrics.movements import Movement
from eqho.products import ALL

MARGIN_HOLDS = 12
"""Months for which an entered margin carries forward."""

NO_SPEND = "no sales and marketing spend is entered for the 3 closed months before"
COMPANY_SPEND = "spend is entered for the whole company, not per product line"
NO_NEW = "no new customers in the 3 closed months before"
NO_MARGIN = "no gross margin is entered"
NO_CHURN = "no customer churned in the 6 closed months before"
NO_BASE = "no customers in the 6 closed months before"


class SpendOf(msgspec.Struct, frozen=True):
    """Spend of some months by category, major units of the reporting currency."""

    by_category: Mapping[str, Fraction]

    @property
    def total(self) -> Fraction:
        return sum(self.by_category.values(), Fraction(0))


def spend_of(rows: Sequence[Spend], months: Sequence[str], currency: str) -> SpendOf | None:
    """None where nothing is entered for any of the months (`YYYY-MM`)."""
    by_category: dict[str, Fraction] = {}
    for row in rows:
        if row.month in months and row.currency.lower() == currency:
            by_category[row.category] = by_category.get(row.category, Fraction(0)) + Fraction(row.amount)
    return SpendOf(by_category) if by_category else None


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


def lifetime_value(
    arpa: Fraction, margin: Fraction | None, churn: float | None, months_at_zero_churn: int | None
) -> Fraction | None:
    """ARPA × margin / churn; without a margin it is revenue LTV. None where churn is 0 or not defined."""
    value = arpa * (1 if margin is None else margin)
    if churn:
        return value / Fraction(churn)
    if churn == 0 and months_at_zero_churn is not None:
        return value * months_at_zero_churn
    return None
