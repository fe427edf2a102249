"""Frozen months of which the ledger says something else today, and the button that accepts it."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from eqho.errors import BadArgument, NoBuild
from eqho.metrics.definitions import Unit
from eqho.metrics.restatements import Restatement
from eqho.store.base import StoreError
from eqho.tiers.recorded_views import Restatements
from eqho.ui import banners, product_lines, queries
from eqho.ui import format as fmt
from eqho.ui.layout import section
from eqho.ui.tables import Column, table
from eqho.ui.vocabulary import MEASURES

_SCROLLS_FROM = 5
_HEIGHT = 420
_CAUSES = (
    Column("name", "Customer"),
    Column("frozen", "Frozen", "money"),
    Column("today", "Today", "money"),
    Column("why", "What the ledger says today", width="large"),
    Column("customer", "Stripe id"),
)


def restatements(product: str) -> None:
    """The restated months of a product, newest first, each with the customers that explain it.

    They are those of the policy months are frozen under, whatever the sidebar says.
    """
    section(
        f"Restated months, {product_lines.title(product)}",
        "What was frozen when a month closed, where the ledger says something else of it today.",
    )
    try:
        rows = queries.app().tiers.view(Restatements(), product).value.rows
    except StoreError as error:
        banners.unread("Frozen months", error)
        return
    if not rows:
        st.caption("Every frozen month is still as it was frozen.")
        return
    by_month = [(month, list(group)) for month, group in groupby(rows, key=lambda row: row.month)]
    with st.container(height=_HEIGHT if len(by_month) > _SCROLLS_FROM else "content", border=False):
        for month, of_month in reversed(by_month):
            _month(product, month, of_month)


def _month(product: str, month: str, rows: Sequence[Restatement]) -> None:
    causes = max((row.causes for row in rows), key=len)
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            told = " · ".join(_difference(row) for row in rows)
            st.markdown(f"**{fmt.markdown(fmt.month(month))}** · {told}", width="content")
            st.button(
                "Accept",
                key=f"accept-{product}-{month}",
                on_click=_accept,
                args=(product, month),
                help="Make today's value the frozen one. What was frozen before stays in the store.",
            )
        if any(row.definition_changed for row in rows):
            st.caption("The definitions have changed since this month was frozen.")
        with st.expander(f"Why: {fmt.count(len(causes))} customer{'s' if len(causes) != 1 else ''}"):
            table(
                causes,
                _CAUSES,
                key=f"restated-{product}-{month}",
                currency=product_lines.currency(),
                policy=queries.app().settings.policy,
                empty="No customer differs.",
            )


def _difference(row: Restatement) -> str:
    unit: Unit = "money" if row.metric == "mrr" else "count"
    frozen, today, gap = (
        fmt.value(amount, unit, product_lines.currency())
        for amount in (row.frozen, row.today, row.difference)
    )
    signed = gap if row.difference < 0 else f"+{gap}"
    return fmt.markdown(f"{MEASURES[row.metric]} {frozen} → {today} ({signed})")


def _accept(product: str, month: str) -> None:
    try:
        queries.app().tiers.accept_restatement(product, month)
    except (BadArgument, NoBuild, StoreError) as error:
        st.toast(fmt.markdown(str(error)), icon=":material/info:")
