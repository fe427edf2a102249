"""*This week*: what changed since the last Monday, in sentences that lead to their customers."""

from datetime import date, timedelta

import streamlit as st

from eqho.metrics import rows
from eqho.metrics.week import Words, days_since_monday, sentences
from eqho.products import ALL
from eqho.tiers.recorded_views import Changes
from eqho.ui import format as fmt
from eqho.ui import links, product_lines, queries
from eqho.ui.layout import section
from eqho.ui.tables import Column, cells, table
from eqho.ui.vocabulary import MOVEMENTS

_CHANGES = (
    Column("name", "Customer"),
    Column("change", "Change in MRR", "money"),
    Column("kind", "Movement"),
    Column("date", "Day", "day"),
    Column("line", "Line"),
)
_LISTS = {
    "at_risk": lambda: links.customers("past_due"),
    "trials": lambda: links.customers("trialing"),
    "renewals": links.cash,
    "restated": links.restatements,
}
"""Where all customers of a group are, if it is no movement."""


def this_week() -> None:
    days = days_since_monday(queries.last_day())
    section("This week", "Since the last Monday; on a Monday, the week that has passed.")
    with queries.once_told():
        told = queries.view(Changes(days), ALL)
        st.markdown("\n".join(f"- {sentence}" for sentence in sentences(told, _words(told))))
        if told.rows:
            with st.expander(f"Every change ({fmt.count(len(told.rows))})", icon=":material/list:"):
                _every_change(told)


def _words(told: rows.Changes) -> Words:
    """Markdown: amounts in bold, names as links to the customer's page, counts as links to all of them."""
    currency = told.currency
    before = (date.fromisoformat(told.since) - timedelta(days=1)).isoformat()
    today = queries.last_day().isoformat()

    def money(amount: float, signed: bool) -> str:
        return f"**{fmt.markdown(fmt.money(amount, currency, signed=signed))}**"

    def customer(identity: str, name: str) -> str:
        return f"[{fmt.markdown(name)}]({links.customer(identity)})"

    def all_of(group: rows.ChangeGroup, said: str) -> str:
        kind = group.kind
        address = _LISTS[kind]() if kind in _LISTS else links.explained(ALL, before, today, kind)
        return f"[{fmt.markdown(said)}]({address})"

    return Words(money, customer, fmt.day, fmt.month, all_of)


def _every_change(told: rows.Changes) -> None:
    shown = [cells(row, kind=MOVEMENTS[row.kind], line=product_lines.title(row.line)) for row in told.rows]
    table(shown, _CHANGES, key="changes", currency=told.currency, empty="Nothing changed.")
