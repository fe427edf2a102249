"""What was paid, given back, failed and recovered; what is waited for; what is billed next."""

import streamlit as st

from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.rows import Cash
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries
from eqho.ui.cards import card
from eqho.ui.charts.cash import paid_and_returned
from eqho.ui.charts.draw import draw
from eqho.ui.layout import section
from eqho.ui.tables import MONTH, Column, cells, month_cells, table

_MONTHS = 24
_COLUMNS = (
    *MONTH,
    Column("paid", "Paid", "money"),
    Column("refunded", "Refunded", "money", help="Stripe's refunds name no invoice: of all products only"),
    Column("credited", "Credited", "money", help="Credit notes"),
    Column(
        "disputed",
        "Disputed",
        "money",
        help="What customers' banks took back, by the day it was disputed, whatever came of it; inquiries "
        "are not in it. Disputes name no invoice: of all products only",
    ),
    Column("failed", "Failed", "count", help="Invoices whose payment was tried in vain"),
    Column("recovered", "Recovered", "count", help="Failed invoices of the month that were paid later"),
    Column("recovery_rate", "Recovery", "rate"),
    Column("open", "Open", "money", help="What was waited for at the month's end"),
    Column("overdue", "Overdue", "money", help="The part of it whose due day had passed"),
    Column("usage_revenue", "Usage", "money"),
)
_RENEWALS = (
    Column("date", "Day", "day"),
    Column("name", "Customer"),
    Column("line", "Line"),
    Column("amount", "Amount", "money", help="After discounts, before usage and tax"),
    Column("customer", "Stripe id"),
)
_AGES = (Column("age", "Overdue for"), Column("amount", "Amount", "money"))


def cards(product: str) -> None:
    document = queries.metrics(product)
    cash, currency = document.cash_metrics, document.currency
    month = fmt.month(cash.period)
    with st.grid(4, min_column_width=165, gap="xsmall"):
        _amount("Paid", cash.paid, currency, month)
        _amount("Refunded", cash.refunded, currency, _why(document, "refunded") or month)
        card(document, "recovery_rate")
        _amount("Open", cash.open, currency, f"of it overdue: {fmt.money(cash.overdue, currency)}")


def _amount(title: str, amount: float | None, currency: str, about: str) -> None:
    text = fmt.money(amount, currency).replace("$", r"\$")
    st.metric(title, text, delta_description=fmt.markdown(about), border=True, height="stretch")


def _why(document: MetricsDocument, field: str) -> str:
    return document.undefined.get(f"cash_metrics.{field}", "")


def months(product: str) -> Cash:
    """The chart and the table of the last months; the whole answer."""
    asked = views.Cash(queries.first_day(_MONTHS), queries.last_day())
    found = queries.answer(asked, product)
    currency = product_lines.currency()
    if not found.rows:
        st.caption(fmt.markdown(found.undefined.get("rows", "Nothing was billed yet.")))
        return found
    section(
        "Paid and given back", "By the day it was paid, refunded, credited or disputed; never mixed with MRR."
    )
    if sentence := apart(found):
        st.caption(f":material/currency_exchange: {fmt.markdown(sentence)}")
    draw(paid_and_returned(found.rows, currency), f"cash-{product}")
    table(
        [month_cells(row, row.period, running=row.running) for row in reversed(found.rows)],
        _COLUMNS,
        key=f"cash-by-month-{product}",
        currency=currency,
        empty="Nothing was billed yet.",
    )
    return found


def apart(found: Cash) -> str:
    """What is in no total for want of a rate; "" where that is nothing."""
    said = [
        f"{fmt.money(amount, one.currency)} {what}"
        for one in found.apart
        for amount, what in ((one.paid, "paid"), (one.open, "open"))
        if amount
    ]
    return f"In no total here, for want of an exchange rate of the day: {', '.join(said)}." if said else ""


def waited_for(product: str, found: Cash) -> None:
    section("Overdue by age", "Invoices whose due day has passed and that are neither paid nor given up.")
    table(
        [row for row in found.ages if row.amount],
        _AGES,
        key=f"ages-{product}",
        currency=product_lines.currency(),
        empty="Nothing is overdue.",
    )


def next_bills(product: str, found: Cash) -> None:
    rows = [cells(row, line=product_lines.title(row.product)) for row in found.renewals]
    total = fmt.money(sum(row.amount for row in found.renewals), product_lines.currency())
    section(
        "Billed in the next 30 days", f"{fmt.count(len(rows))} bills, {total} together." if rows else None
    )
    reason = found.undefined.get("renewals", "no bill is due in the next 30 days")
    table(
        rows,
        _RENEWALS,
        key=f"renewals-{product}",
        currency=product_lines.currency(),
        empty=f"{reason[:1].upper()}{reason[1:]}.",
    )
