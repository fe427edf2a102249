"""The body of the Compare page: what is asked, the totals by cause, and every difference."""

from typing import NamedTuple

import streamlit as st

from eqho.errors import BadArgument
from eqho.products import ALL
from eqho.tiers.comparing import ComparedExport
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries
from eqho.ui.layout import section
from eqho.ui.tables import Column, table
from eqho.ui.vocabulary import EXPORT_KINDS

_CAUSES = (
    Column("cause", "Cause"),
    Column("amount", "Theirs − ours", "money"),
    Column("customers", "Customers", "count"),
)
_DIFFERENCES = (
    Column("name", "Customer"),
    Column("month", "Month", width="small"),
    Column("theirs", "Theirs", "money"),
    Column("ours", "Ours", "money"),
    Column("amount", "Of the difference", "money"),
    Column("cause", "Cause"),
    Column("customer", "Stripe id"),
)
_HOW = (
    "CSV or Excel with a customer (Stripe id, e-mail or name) and MRR, by month or of one day: Stripe's “MRR "
    "per subscriber per month”, customers of ChartMogul, Baremetrics or ProfitWell, or your own. It is read "
    "here and kept nowhere."
)


class Asked(NamedTuple):
    content: bytes
    product: str
    kind: str
    month: str


def ask() -> Asked | None:
    """The file and what is to be known of it; None before there is one."""
    file = st.file_uploader("Export", type=["csv", "xlsx", "txt", "tsv"], help=_HOW, key="export")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Made by", list(EXPORT_KINDS), format_func=EXPORT_KINDS.__getitem__, width=180)
        product = st.selectbox(
            "Product", (ALL, *product_lines.keys()), format_func=product_lines.title, width=180
        )
        month = st.text_input(
            "Month, if it names none", placeholder="2026-10", width=180, help="Of a list without dates."
        )
    if file is None:
        st.caption(_HOW)
        return None
    return Asked(file.getvalue(), product, kind, month.strip())


def answer(asked: Asked) -> None:
    policy, _ = queries.selection()
    try:
        with st.spinner("Comparing…", show_time=True):
            found = queries.app().tiers.compare(asked.content, asked.product, policy, asked.kind, asked.month)
    except BadArgument as wrong:
        st.error(fmt.markdown(str(wrong)), icon=":material/error:")
        return
    _read(found)
    _totals(found)
    _differences(found)


def _read(found: ComparedExport) -> None:
    columns = ", ".join(f"“{column}” as {field}" for field, column in found.columns.items())
    matched = [f"{fmt.count(n)} by {how}" for how, n in found.comparison.matched.items() if n]
    who = ", ".join(matched) or "none"
    st.caption(fmt.markdown(f"Read {columns or 'months as columns'}. Customers found: {who}."))
    if found.problems:
        said = f"{fmt.count(len(found.problems))} rows could not be used"
        with st.expander(said, icon=":material/warning:"):
            st.markdown("\n".join(f"- {fmt.markdown(problem)}" for problem in found.problems))


def _totals(found: ComparedExport) -> None:
    compared, totals = found.comparison, found.comparison.totals
    section("Why they differ", _months(compared.months))
    with st.grid(3, min_column_width=200, gap="small") as cards:
        for title, amount in (
            ("Theirs", totals.theirs),
            ("Ours", totals.ours),
            ("Theirs − ours", totals.difference),
        ):
            with cards.cell():
                st.metric(title, fmt.money(amount, compared.currency), border=True)
    table(
        [{"cause": t.cause, "amount": t.amount, "customers": t.customers} for t in totals.by_cause],
        _CAUSES,
        key="causes",
        currency=compared.currency,
        empty="They agree to the cent.",
    )


def _differences(found: ComparedExport) -> None:
    compared = found.comparison
    section(
        "Every difference",
        f"{fmt.count(compared.agreeing)} amounts agree. The parts of a difference add up to it exactly.",
    )
    table(
        [{field: getattr(part, field) for field in part.__struct_fields__} for part in compared.differences],
        _DIFFERENCES,
        key="differences",
        currency=compared.currency,
        empty="There is none.",
        max_rows=15,
    )


def _months(months: tuple[str, ...]) -> str:
    if len(months) == 1:
        return f"MRR of {months[0]}, summed over the customers of both sides."
    return f"MRR of {len(months)} months from {months[0]} to {months[-1]}, summed over months and customers."
