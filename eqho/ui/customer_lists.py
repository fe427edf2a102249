"""The customers of a product as lists and sentences: moved, in trial, at risk, leaving."""

from collections.abc import Callable, Sequence

from eqho.metrics.customer_rows import CustomerRow
from eqho.metrics.document_fields import MetricsDocument
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import queries
from eqho.ui.tables import Column, table

_NAME = Column("name", "Customer")
_MRR = Column("mrr", "MRR", "money")
_WOULD_BRING = Column(
    "trial_mrr", "Would bring", "money", help="MRR at the end of the trial, if it converts."
)
_PLANS = Column("plans", "Plans", "list")
_STRIPE = Column("stripe_url", "Stripe", "link", width="small")


def movement_sentence(document: MetricsDocument) -> str:
    """The customers who moved in the running month, and those who are counted apart."""
    customers = document.customer_metrics
    moved = [
        f"{fmt.count(count)} {kind}"
        for kind in ("new", "reactivated", "churned", "entered", "left")
        if (count := getattr(customers, kind))
    ]
    apart = [
        f"{fmt.count(count)} {name}"
        for count, name in (
            (customers.trialing_customers, "in trial"),
            (customers.free_customers, "on free plans"),
        )
        if count
    ]
    sentences = [f"This month: {', '.join(moved)}." if moved else "Nobody moved this month."]
    if customers.new is None:
        sentences = [f"Who moved is told {document.undefined['customer_metrics.new']}."]
    if apart:
        sentences.append(f"Not counted: {', '.join(apart)}.")
    return " ".join(sentences)


def lifetime_sentence(document: MetricsDocument) -> str:
    lifetime = document.ltv_metrics
    margin = lifetime.gross_margin
    if margin is None:
        return "Revenue LTV: no gross margin is entered."
    return f"At a gross margin of {fmt.rate(margin)}."


def trial_sentence(document: MetricsDocument) -> str:
    trials = document.trial_metrics
    if trials.ended is None:
        return f"{fmt.count(trials.trialing)} running."
    return (
        f"{fmt.count(trials.trialing)} running; of {fmt.count(trials.ended)} that ended in the month, "
        f"{fmt.count(trials.converted)} paid."
    )


def at_risk_sentence(document: MetricsDocument) -> str:
    late = fmt.money(document.revenue_metrics.at_risk_mrr, document.currency)
    return f"Past due: {late} of MRR, still counted."


def scheduled_churn_sentence(document: MetricsDocument) -> str:
    leaving = fmt.money(document.revenue_metrics.scheduled_churn_mrr, document.currency)
    return f"Set to cancel: {leaving} of MRR, still counted."


def trials(product: str, currency: str) -> None:
    _table(
        product,
        lambda row: row.trial_end is not None,
        (_NAME, Column("trial_end", "Trial ends", "day"), _WOULD_BRING, _PLANS, _STRIPE),
        "trials",
        currency,
        "No trial is running.",
    )


def at_risk(product: str, currency: str) -> None:
    _table(
        product,
        lambda row: row.at_risk,
        (_NAME, _MRR, _STRIPE, _PLANS),
        "at-risk",
        currency,
        "Nobody is past due.",
    )


def scheduled_churn(product: str, currency: str) -> None:
    _table(
        product,
        lambda row: row.scheduled_churn is not None,
        (_NAME, _MRR, Column("scheduled_churn", "Ends", "day"), _STRIPE),
        "scheduled-churn",
        currency,
        "Nobody is set to cancel.",
    )


def _table(
    product: str,
    belongs: Callable[[CustomerRow], bool],
    columns: Sequence[Column],
    key: str,
    currency: str,
    empty: str,
) -> None:
    rows = [row for row in queries.view(views.Customers(), product).rows if belongs(row)]
    table(rows, columns, key=f"{key}-{product}", currency=currency, empty=empty)
