"""Payback of cohorts: what a customer has brought by each month, against what it cost."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from eqho.metrics import unit_economics as economics
from eqho.metrics.cohorts import cohort_rows
from eqho.metrics.economics_by_month import MonthlyEconomics
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.rows import CohortRow, PaybackRow
from eqho.periods import Period, add_months, period_of

_NOT_YET = "the cohort has not paid back its CAC yet"


def payback_rows(scene: Scene, undefined: Undefined) -> list[PaybackRow]:
    """Oldest cohort first.

    `cumulative_margin[n]`: gross margin per customer that began, over the months 0..n, in major units; the
    MRR at a month's end stands for the month. It ends with the last closed month, or before the first month
    without a known margin. `payback_month` is the first n at which it reaches the CAC of the cohort's month.
    """
    cohorts = cohort_rows(scene, "mrr")
    if not cohorts:
        return []
    book = MonthlyEconomics.before(scene, _month(scene, cohorts[0].cohort, 0))
    months = {row.period.label: row for row in book.months}
    found: list[PaybackRow] = []
    for i, cohort in enumerate(cohorts):
        cost = book.cac_of_month(months[cohort.cohort])
        curve = _curve(scene, cohort)
        found.append(
            PaybackRow(
                cohort=cohort.cohort,
                size=cohort.size,
                cac=undefined.unless(f"cohorts.{i}.cac", scene.rounded(cost.cac), cost.no_cac),
                cumulative_margin=[scene.rounded(brought) for brought in curve],
                payback_month=undefined.unless(
                    f"cohorts.{i}.payback_month",
                    None if cost.cac is None else _paid_back(curve, cost.cac),
                    cost.no_cac or _why_not_yet(scene, cohort),
                ),
            )
        )
    return found


def _paid_back(curve: Sequence[Fraction], cac: Fraction) -> int | None:
    return next((month for month, brought in enumerate(curve) if brought >= cac), None)


def _why_not_yet(scene: Scene, cohort: CohortRow) -> str:
    """Of a cohort whose CAC is known."""
    margin = economics.gross_margin_of(scene.inputs.margins, scene.product, cohort.cohort)
    return economics.NO_MARGIN if margin is None else _NOT_YET


def _curve(scene: Scene, cohort: CohortRow) -> list[Fraction]:
    """Cumulative margin per customer."""
    curve: list[Fraction] = []
    brought = Fraction(0)
    for n, mrr in enumerate(cohort.values):
        month = _month(scene, cohort.cohort, n).label
        margin = economics.gross_margin_of(scene.inputs.margins, scene.product, month)
        if margin is None or mrr is None:
            break
        brought += Fraction(str(mrr)) / cohort.size * margin
        curve.append(brought)
    return curve


def _month(scene: Scene, label: str, later: int) -> Period:
    return period_of(add_months(date.fromisoformat(f"{label}-01"), later), "month", scene.zone)
