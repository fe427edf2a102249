"""The body of the Compare page: what is asked, the totals by cause, and every difference."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from eqho.errors import BadArgument
from eqho.inputs.exports import LARGEST_FILE
from eqho.products import ALL
from eqho.store.base import StoreError
from eqho.tiers.comparing import ComparedExport
from eqho.tiers.saved_comparisons import SavedComparison
from eqho.ui import banners, product_lines, queries
from eqho.ui import format as fmt
from eqho.ui.layout import section
from eqho.ui.tables import Column, table
from eqho.ui.uploads import dropped
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
    "per subscriber per month”, customers of ChartMogul, Baremetrics or ProfitWell, or your own. The file "
    "is read here and kept nowhere."
)

_SHOWN = 200
"""Rows that are named on the page."""


class Asked(NamedTuple):
    content: bytes
    product: str
    kind: str
    month: str


def ask() -> Asked | None:
    """The file and what is to be known of it; None before there is one."""
    file = dropped("Export", ("csv", "xlsx", "txt", "tsv"), "export", LARGEST_FILE, _HOW)
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
    _keep(found, asked.product)
    _totals(found)
    _differences(found)


def _keep(found: ComparedExport, product: str) -> None:
    with st.form("keep", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Keep it as", placeholder="Stripe, October", max_chars=80, width=260)
        if not st.form_submit_button("Keep", icon=":material/bookmark_add:"):
            return
    build = queries.served(product).provenance.build
    try:
        saved = queries.app().comparisons.save(found, name, product, build)
    except (BadArgument, StoreError) as wrong:
        st.error(fmt.markdown(str(wrong)), icon=":material/error:")
    else:
        st.success(fmt.markdown(f"Kept as “{saved.name}”."), icon=":material/bookmark_added:")


def kept() -> None:
    """The comparisons that were kept, one of them open; nothing where there is none."""
    try:
        _kept(queries.app().comparisons.all())
    except StoreError as error:
        banners.unread("Kept comparisons", error)


def _kept(found: Sequence[SavedComparison]) -> None:
    if not found:
        return
    section(
        "Kept comparisons", "What both sides said on the day each was kept; later figures change nothing."
    )
    by_id = {one.id: one for one in found}
    chosen = st.selectbox(
        "Open",
        list(by_id),
        index=None,
        format_func=lambda one: _called(by_id[one]),
        placeholder="Choose one",
        key="kept",
        width=520,
    )
    if chosen is not None:
        opened = queries.app().comparisons.open(chosen)
        _read(opened)
        _totals(opened, "kept-")
        _differences(opened, "kept-")


def _called(one: SavedComparison) -> str:
    day = fmt.instant(one.saved_at, queries.app().settings.timezone)
    difference = fmt.money(one.totals.difference, one.currency, signed=True)
    return f"{one.name} · {day} · {product_lines.title(one.product)} · {difference}"


def _read(found: ComparedExport) -> None:
    columns = ", ".join(f"“{column}” as {field}" for field, column in found.columns.items())
    matched = [f"{fmt.count(n)} by {how}" for how, n in found.comparison.matched.items() if n]
    who = ", ".join(matched) or "none"
    st.caption(fmt.markdown(f"Read {columns or 'months as columns'}. Customers found: {who}."))
    if found.problems:
        said = f"{fmt.count(len(found.problems))} rows could not be used"
        with st.expander(said, icon=":material/warning:"):
            st.markdown("\n".join(f"- {fmt.markdown(problem)}" for problem in found.problems[:_SHOWN]))
            if len(found.problems) > _SHOWN:
                st.caption(f"And {fmt.count(len(found.problems) - _SHOWN)} more; POST /compare names all.")


def _totals(found: ComparedExport, key: str = "") -> None:
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
        key=f"{key}causes",
        policy=compared.policy,
        currency=compared.currency,
        empty="They agree to the cent.",
    )


def _differences(found: ComparedExport, key: str = "") -> None:
    compared = found.comparison
    section(
        "Every difference",
        f"{fmt.count(compared.agreeing)} amounts agree. The parts of a difference add up to it exactly.",
    )
    table(
        [{field: getattr(part, field) for field in part.__struct_fields__} for part in compared.differences],
        _DIFFERENCES,
        key=f"{key}differences",
        policy=compared.policy,
        currency=compared.currency,
        empty="There is none.",
        max_rows=15,
    )


def _months(months: tuple[str, ...]) -> str:
    if len(months) == 1:
        return f"MRR of {months[0]}, summed over the customers of both sides."
    return f"MRR of {len(months)} months from {months[0]} to {months[-1]}, summed over months and customers."
