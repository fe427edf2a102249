"""Every metric, declared once: name, formula, unit, direction, how it is computed and why it may be undefined.

The metrics document, series, pages, API and README read from here: a new metric is an entry more.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from eqho.metrics import cash, formulas, retention, trials
from eqho.metrics.economics_by_month import plain
from eqho.metrics.moment import Moment
from eqho.metrics.query import Undefined

Value = float | int | None

VERSION = "2026-11"

Unit = Literal["money", "count", "rate", "ratio", "months"]
Direction = Literal["up", "down", "neutral"]


class _Said(msgspec.Struct, frozen=True):
    slug: str
    title: str
    path: str
    unit: Unit
    good: Direction
    formula: str
    note: str = ""
    series: bool = False


class Definition(_Said, frozen=True, kw_only=True):
    """`path` is the place in the API's metrics document; `good` tells which way is good news.

    `series` metrics have a value at every period end and can be charted. `value` computes it; where that is
    None, `why` is the reason.
    """

    value: Callable[[Moment], Value]
    why: str | Callable[[Moment], str] = ""

    def reason(self, moment: Moment) -> str:
        return self.why if isinstance(self.why, str) else self.why(moment)

    @property
    def help(self) -> str:
        return f"{self.formula}. {self.note}".strip() if self.note else f"{self.formula}."


_ALL = (
    Definition(
        "mrr", "MRR", "revenue_metrics.mrr", "money", "up",
        "Sum over active and past-due subscription items of price × quantity per month, after discounts and inclusive tax",
        "Year = 1/12, week = 52/12, day = 365/12. Trials, paused and usage-based prices are not in it.",
        series=True,
        value=lambda m: m.scene.money(m.row.end),
    ),
    Definition(
        "arr", "ARR", "revenue_metrics.arr", "money", "up", "12 × MRR",
        "Rounded once, from the exact MRR: 12 × the MRR shown, which is rounded itself, may be 6 cents off.",
        series=True,
        value=lambda m: m.scene.money(12 * m.row.end),
    ),
    Definition(
        "customers", "Customers", "customer_metrics.customers", "count", "up",
        "Distinct customers with MRR > 0", "Customers with only $0 plans are counted apart as free.", series=True,
        value=lambda m: m.row.customers_end,
    ),
    Definition(
        "arpa", "ARPA", "revenue_metrics.arpa", "money", "up", "MRR / customers", series=True,
        value=lambda m: m.scene.average(m.row.end, m.row.customers_end),
        why="no paying customers",
    ),
    Definition(
        "asp", "ASP", "revenue_metrics.asp", "money", "up", "New MRR / new customers", "Running month.",
        value=lambda m: m.scene.average(m.row.amounts["new"], m.row.counts["new"]),
        why="no new customers in the running month",
    ),
    Definition(
        "acv", "ACV", "revenue_metrics.acv", "money", "up", "12 × MRR / paying subscriptions",
        value=lambda m: m.scene.average(12 * m.scene.mrr, formulas.subscriptions(m)),
        why="no paying subscriptions",
    ),
    Definition(
        "subscriptions", "Subscriptions", "revenue_metrics.subscriptions", "count", "up",
        "Subscriptions with MRR > 0", series=True,
        value=formulas.subscriptions,
    ),
    Definition(
        "at_risk_mrr", "At-risk MRR", "revenue_metrics.at_risk_mrr", "money", "down",
        "MRR of past-due subscriptions", "It is still in MRR.",
        value=lambda m: m.scene.money(formulas.at_risk(m.scene)),
    ),
    Definition(
        "scheduled_churn_mrr", "Scheduled churn", "revenue_metrics.scheduled_churn_mrr", "money", "down",
        "MRR of subscriptions that are set to cancel", "It is still in MRR until it ends.",
        value=lambda m: m.scene.money(formulas.scheduled(m.scene)),
    ),
    Definition(
        "committed_mrr", "Committed MRR", "revenue_metrics.committed_mrr", "money", "up",
        "MRR − scheduled churn",
        value=lambda m: m.scene.money(m.scene.mrr - formulas.scheduled(m.scene)),
    ),
    Definition(
        "paused_mrr", "Paused", "revenue_metrics.paused_mrr", "money", "down",
        "What paused subscriptions would bring per month", "Not in MRR and not churn: a customer who pauses leaves, and enters again on resuming.",
        value=lambda m: m.scene.money(formulas.away(m.scene)),
    ),
    Definition(
        "usage_revenue", "Usage revenue", "revenue_metrics.usage_revenue", "money", "up",
        "Mean of metered revenue of the 3 closed months before", "Metered prices are not MRR.",
        value=lambda m: formulas.usage_revenue(m.scene),
    ),
    Definition(
        "mrr_growth_month", "MRR growth, month", "revenue_metrics.mrr_growth_month", "rate", "up",
        "MRR / MRR at the end of the month before − 1",
        value=lambda m: formulas.growth(m.scene, formulas.month_before(m.scene)),
        why=lambda m: f"no MRR at the end of {formulas.month_before(m.scene)}",
    ),
    Definition(
        "mrr_growth_year", "MRR growth, year", "revenue_metrics.mrr_growth_year", "rate", "up",
        "MRR / MRR at the end of the same day one year before − 1",
        value=lambda m: formulas.growth(m.scene, formulas.year_before(m.scene)),
        why=lambda m: f"no MRR at the end of {formulas.year_before(m.scene)}",
    ),
    Definition(
        "top10_share", "Concentration", "revenue_metrics.top10_share", "rate", "down",
        "MRR of the 10 largest customers / MRR",
        value=lambda m: formulas.top10_share(m.scene),
        why="no MRR",
    ),
    Definition(
        "net_new", "Net new MRR", "movement_metrics.net_new", "money", "up",
        "New + reactivation + expansion + entering − contraction − churn − leaving", series=True,
        value=lambda m: m.scene.money(m.row.net),
    ),
    Definition(
        "quick_ratio", "Quick ratio", "movement_metrics.quick_ratio", "ratio", "up",
        "(New + expansion + reactivation) / (contraction + churn)", series=True,
        value=lambda m: retention.quick_ratio(m.row),
        why=retention.NOTHING_LOST,
    ),
    Definition(
        "customer_churn_rate", "Customer churn", "retention_metrics.customer_churn_rate", "rate", "down",
        "Customers at the start who are at 0 at the end / customers at the start", "Last closed month.", series=True,
        value=formulas.customer_churn_rate,
        why=retention.NO_CUSTOMERS,
    ),
    Definition(
        "gross_mrr_churn_rate", "Gross MRR churn", "retention_metrics.gross_mrr_churn_rate", "rate", "down",
        "(Churn + contraction) / MRR at the start", "Last closed month.", series=True,
        value=lambda m: retention.gross_mrr_churn_rate(m.row),
        why=retention.NO_MRR,
    ),
    Definition(
        "net_mrr_churn_rate", "Net MRR churn", "retention_metrics.net_mrr_churn_rate", "rate", "down",
        "(Churn + contraction − expansion − reactivation) / MRR at the start", "Last closed month.", series=True,
        value=lambda m: retention.net_mrr_churn_rate(m.row),
        why=retention.NO_MRR,
    ),
    Definition(
        "nrr_12m", "NRR, 12 months", "retention_metrics.nrr_12m", "rate", "up",
        "MRR today of the customers that had MRR 12 months ago / their MRR then", series=True,
        value=lambda m: formulas.year_retention(m)[0],
        why=retention.NO_MRR_YEAR_AGO,
    ),
    Definition(
        "grr_12m", "GRR, 12 months", "retention_metrics.grr_12m", "rate", "up",
        "Sum per customer of min(then, today) / MRR then", series=True,
        value=lambda m: formulas.year_retention(m)[1],
        why=retention.NO_MRR_YEAR_AGO,
    ),
    Definition(
        "recovery_rate", "Recovery", "cash_metrics.recovery_rate", "rate", "up",
        "Failed invoices of the month that were paid later / failed invoices of the month", "Last closed month.",
        value=lambda m: cash.recovery_rate(m.scene, m.row.period),
        why=cash.NOTHING_FAILED,
    ),
    Definition(
        "conversion_rate", "Trial conversion", "trial_metrics.conversion_rate", "rate", "up",
        "Of the trials that ended in the month, the share with a paid first invoice",
        value=lambda m: trials.conversion_rate(m.scene),
        why=trials.NONE_ENDED,
    ),
    Definition(
        "cac", "CAC", "cac_metrics.cac", "money", "down",
        "Sales and marketing spend / new customers, both summed over the 3 closed months before",
        "Who returns is not new. Of spend that names no product line, a line has the share that its new customers are of those of all lines.", series=True,
        value=lambda m: m.scene.rounded(m.unit.cac),
        why=lambda m: m.unit.missing["cac"],
    ),
    Definition(
        "payback_months", "Payback", "cac_metrics.payback_months", "months", "down",
        "CAC / (ARPA × gross margin)", series=True,
        value=lambda m: plain(m.unit.payback_months),
        why=lambda m: m.unit.missing["payback_months"],
    ),
    Definition(
        "ltv", "LTV", "ltv_metrics.ltv", "money", "up",
        "ARPA × gross margin / monthly churn",
        "With no gross margin entered it is revenue LTV. Churn is that of the 6 closed months before. A margin holds for 12 months.", series=True,
        value=lambda m: m.scene.rounded(m.unit.ltv),
        why=lambda m: m.unit.missing["ltv"],
    ),
    Definition(
        "monthly_churn", "Churn used in LTV", "ltv_metrics.monthly_churn", "rate", "down",
        "Customers churned / customers at the start, both summed over the 6 closed months before", series=True,
        value=lambda m: plain(m.unit.monthly_churn),
        why=lambda m: m.unit.missing["monthly_churn"],
    ),
    Definition(
        "ltv_cac", "LTV / CAC", "ltv_metrics.ltv_cac", "ratio", "up", "LTV / CAC", series=True,
        value=lambda m: plain(m.unit.ltv_cac),
        why=lambda m: m.unit.missing["ltv_cac"],
    ),
)  # fmt: skip

METRICS = {definition.slug: definition for definition in _ALL}
SERIES = tuple(definition.slug for definition in _ALL if definition.series)


def computed(moment: Moment, group: str, undefined: Undefined) -> dict[str, Value]:
    """The metrics of one group of the document, by name."""
    found: dict[str, Value] = {}
    for definition in _ALL:
        where, _, name = definition.path.partition(".")
        if where == group:
            found[name] = value = definition.value(moment)
            if value is None:
                undefined[definition.path] = definition.reason(moment)
    return found
