"""Payback of cohorts: what a customer has brought by each month, against what it cost."""

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
        _, cac, no_cac = book.cac_of_month(months[cohort.cohort])
        curve = _curve(scene, cohort)
        paid_back = next((n for n, brought in enumerate(curve) if cac is not None and brought >= cac), None)
        reason = no_cac if cac is None else _NOT_YET if curve else economics.NO_MARGIN
        found.append(
            PaybackRow(
                cohort=cohort.cohort,
                size=cohort.size,
                cac=undefined.unless(f"cohorts.{i}.cac", scene.rounded(cac), no_cac),
                cumulative_margin=[scene.rounded(brought) for brought in curve],
                payback_month=undefined.unless(f"cohorts.{i}.payback_month", paid_back, reason),
            )
        )
    return found


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
