"""The Customers page: the searchable list, and one customer's MRR through time."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from eqho.errors import BadArgument
from eqho.metrics.customer_rows import CustomerHistory, CustomerRow, Stretch
from eqho.products import ALL
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries, url_choices
from eqho.ui.charts.customers import StackedSteps, customer_steps
from eqho.ui.charts.draw import draw
from eqho.ui.layout import section
from eqho.ui.tables import Column, cells, table
from eqho.ui.vocabulary import EVIDENCE, STATES, STATUSES

_LIST = (
    Column("name", "Customer"),
    Column("mrr", "MRR", "money"),
    Column("status", "Status"),
    Column("since", "Since", "day", help="The first day with MRR."),
    Column("lines", "Lines", "list"),
    Column("plans", "Plans", "list"),
    Column("email", "E-mail"),
    Column("customer", "Stripe id"),
    Column("stripe_url", "Stripe", "link", width="small"),
)
_SPANS = (
    Column("start", "From", "day"),
    Column("end", "To", "day", help="Empty while it runs."),
    Column("line", "Line"),
    Column("plan", "Plan"),
    Column("quantity", "Quantity", "number"),
    Column("list_mrr", "List", "money", help="Price × quantity per month, before discounts."),
    Column("mrr", "MRR", "money"),
    Column("state", "State"),
    Column("evidence", "Rests on", help="The record of Stripe's that says so."),
    Column("carried", "Carried", help="Yes: the state is carried on from an earlier record."),
    Column("invoice", "Invoice"),
    Column("invoice_url", "Stripe", "link", width="small"),
    Column("subscription", "Subscription"),
)


def picked() -> str | None:
    """The customer in the URL."""
    return st.query_params.get("customer")


def _pick(customer: str | None) -> None:
    if customer:
        st.query_params["customer"] = customer
    elif "customer" in st.query_params:
        del st.query_params["customer"]


def listed() -> list[CustomerRow]:
    """The customers that search and filters let through, largest MRR first."""
    everybody = queries.view(views.Customers(), ALL).rows
    with st.container(horizontal=True, gap="medium"):
        query = url_choices.text("q", _search)
        statuses = url_choices.several("status", (), STATUSES, _statuses)
        of_lines = url_choices.several("lines", (), product_lines.keys(), _lines)
    return [row for row in everybody if _fits(row, query, statuses, of_lines)]


def _search(key: str) -> str:
    return st.text_input(
        "Search", key=key, placeholder="Name, e-mail, plan or Stripe id", icon=":material/search:", width=300
    )


def _statuses(key: str) -> list[str]:
    return st.pills(
        "Status", list(STATUSES), selection_mode="multi", format_func=STATUSES.__getitem__, key=key, wrap=True
    )


def _lines(key: str) -> list[str]:
    return st.pills(
        "Product lines",
        product_lines.keys(),
        selection_mode="multi",
        format_func=product_lines.title,
        key=key,
        wrap=True,
    )


def _fits(row: CustomerRow, query: str, statuses: Sequence[str], of_lines: Sequence[str]) -> bool:
    words = query.casefold().split()
    text = " ".join([row.name, row.email, row.customer, *row.plans]).casefold()
    return (
        all(word in text for word in words)
        and (not statuses or row.status in statuses)
        and (not of_lines or any(line in of_lines for line in row.lines))
    )


def overview(rows: Sequence[CustomerRow]) -> None:
    """The list; a click on a customer opens it."""
    people = "customer" if len(rows) == 1 else "customers"
    paying = fmt.count(sum(row.mrr > 0 for row in rows))
    st.caption(
        f"{fmt.count(len(rows))} {people}, {paying} with MRR. "
        "Click one to see its history; click a column's title to sort."
    )
    shown = [
        cells(row, status=STATUSES[row.status], lines=[product_lines.title(line) for line in row.lines])
        for row in rows
    ]
    table(
        shown,
        _LIST,
        key="customers",
        currency=product_lines.currency(),
        empty="Nobody fits the search and the filters.",
        max_rows=20,
        picked=lambda row, _: _pick(row["customer"]),
    )


def one(customer: str) -> None:
    """A customer's MRR timeline and what each stretch of it rests on."""
    st.button(
        "All customers",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=_pick,
        args=(None,),
        key="back",
    )
    try:
        found = queries.view(views.Customer(customer), ALL)
    except BadArgument:
        st.warning(
            fmt.markdown(f"There is no customer “{customer[:40]}”: go back to all customers and pick one."),
            icon=":material/help:",
        )
        return
    row = next((row for row in queries.view(views.Customers(), ALL).rows if row.customer == customer), None)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(fmt.markdown(found.name), anchor=False, width="content")
        if row is not None:
            st.badge(STATUSES[row.status], color="green" if row.mrr else "gray")
        if (url := found.stripe_url) and url.startswith("https://"):
            st.link_button("Open in Stripe", url, icon=":material/open_in_new:", type="tertiary")
    st.caption(fmt.markdown(_facts(customer, row)))
    _timeline(found)
    _spans(found)


def _facts(customer: str, row: CustomerRow | None) -> str:
    if row is None:
        return customer
    facts = [customer, f"{fmt.money(row.mrr, product_lines.currency())} MRR"]
    if row.since:
        facts.append(f"since {fmt.day(queries.day_in_zone(row.since).isoformat())}")
    if row.trial_end:
        would = row.trial_mrr
        brings = f", would bring {fmt.money(would, product_lines.currency())}" if would is not None else ""
        facts.append(f"trial ends {fmt.day(row.trial_end)}{brings}")
    if row.scheduled_churn:
        facts.append(f"set to cancel on {fmt.day(row.scheduled_churn)}")
    if row.at_risk:
        facts.append("past due")
    return " · ".join(facts)


def _timeline(found: CustomerHistory) -> None:
    if not found.steps:
        st.caption("This customer never had a paid stretch: a trial or an unpaid start leaves no MRR.")
        return
    for currency in dict.fromkeys(steps.currency for steps in found.steps):
        section(f"MRR over time, {currency.upper()}")
        stacked = [
            StackedSteps(product_lines.title(s.line), product_lines.colour(s.line), s.at, s.mrr)
            for s in found.steps
            if s.currency == currency
        ]
        draw(customer_steps(stacked, currency, found.name), f"steps-{found.customer}-{currency}")


def _spans(found: CustomerHistory) -> None:
    for currency in dict.fromkeys(span.currency for span in found.spans):
        section(
            f"Stretches, {currency.upper()}", "Newest first: what was billed, and the record it rests on."
        )
        table(
            [_span(span) for span in found.spans if span.currency == currency],
            _SPANS,
            key=f"spans-{found.customer}-{currency}",
            currency=currency,
            empty="",
            max_rows=12,
        )


def _span(span: Stretch) -> dict[str, Any]:
    return cells(
        span,
        start=queries.day_in_zone(span.start).isoformat(),
        end=queries.day_in_zone(span.end).isoformat() if span.end else None,
        line=product_lines.title(span.line),
        state=STATES[span.state],
        evidence=EVIDENCE[span.evidence],
        carried="Yes" if span.inferred else "No",
    )
