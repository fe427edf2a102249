"""The customers of a product as lists and sentences: moved, in trial, at risk, leaving."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

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


def movement_sentence(document: Mapping[str, Any]) -> str:
    """The customers who moved in the running month, and those who are counted apart."""
    customers = document["customer_metrics"]
    moved = [
        f"{fmt.count(customers[kind])} {kind}"
        for kind in ("new", "reactivated", "churned", "entered", "left")
        if customers[kind]
    ]
    apart = [
        f"{fmt.count(customers[field])} {name}"
        for field, name in (("trialing_customers", "in trial"), ("free_customers", "on free plans"))
        if customers[field]
    ]
    sentences = [f"This month: {', '.join(moved)}." if moved else "Nobody moved this month."]
    if customers["new"] is None:
        sentences = [f"Who moved is told {document['undefined']['customer_metrics.new']}."]
    if apart:
        sentences.append(f"Not counted: {', '.join(apart)}.")
    return " ".join(sentences)


def lifetime_sentence(document: Mapping[str, Any]) -> str:
    lifetime = document["ltv_metrics"]
    margin = lifetime["gross_margin"]
    if margin is None:
        return "Revenue LTV: no gross margin is entered."
    return f"At a gross margin of {fmt.rate(margin)}."


def trial_sentence(document: Mapping[str, Any]) -> str:
    trials = document["trial_metrics"]
    if trials["ended"] is None:
        return f"{fmt.count(trials['trialing'])} running."
    return (
        f"{fmt.count(trials['trialing'])} running; of {fmt.count(trials['ended'])} that ended in the month, "
        f"{fmt.count(trials['converted'])} paid."
    )


def at_risk_sentence(document: Mapping[str, Any]) -> str:
    return f"Past due: {_amount(document, 'at_risk_mrr')} of MRR, still counted."


def scheduled_churn_sentence(document: Mapping[str, Any]) -> str:
    return f"Set to cancel: {_amount(document, 'scheduled_churn_mrr')} of MRR, still counted."


def _amount(document: Mapping[str, Any], field: str) -> str:
    return fmt.money(document["revenue_metrics"][field], document["currency"])


def trials(product: str, currency: str) -> None:
    _table(
        product,
        lambda row: row["trial_end"] is not None,
        (_NAME, Column("trial_end", "Trial ends", "day"), _WOULD_BRING, _PLANS, _STRIPE),
        "trials",
        currency,
        "No trial is running.",
    )


def at_risk(product: str, currency: str) -> None:
    _table(
        product,
        lambda row: row["at_risk"],
        (_NAME, _MRR, _STRIPE, _PLANS),
        "at-risk",
        currency,
        "Nobody is past due.",
    )


def scheduled_churn(product: str, currency: str) -> None:
    _table(
        product,
        lambda row: row["scheduled_churn"] is not None,
        (_NAME, _MRR, Column("scheduled_churn", "Ends", "day"), _STRIPE),
        "scheduled-churn",
        currency,
        "Nobody is set to cancel.",
    )


def _table(
    product: str,
    belongs: Callable[[queries.Row], bool],
    columns: Sequence[Column],
    key: str,
    currency: str,
    empty: str,
) -> None:
    rows = [row for row in queries.rows("customers", product) if belongs(row)]
    table(rows, columns, key=f"{key}-{product}", currency=currency, empty=empty)
