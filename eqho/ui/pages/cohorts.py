"""The Cohorts page: what is left of the customers and the MRR that began in each month."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

import streamlit as st

from eqho.metrics import rows
from eqho.metrics.cohort_shares import shares, shares_of_all
from eqho.metrics.cohorts import Measure
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries, url_state
from eqho.ui.charts.clicks import closable_section, draw_noting
from eqho.ui.charts.cohorts import HeatRow, heat_map
from eqho.ui.customer_tables import customer_table
from eqho.ui.date_ranges import MONTHS, MONTHS_TITLES
from eqho.ui.layout import section
from eqho.ui.pages.movements import came_and_went
from eqho.ui.tables import Column, Kind, cells, table
from eqho.ui.vocabulary import MEASURES, STATUSES

Shown = Literal["percent", "absolute"]
_BY_KEYS = Path(__file__).parent.parent / "assets" / "scrolled_by_keys.html"
_SHOWN: dict[Shown, str] = {"percent": "Percent", "absolute": "Absolute"}
_BASE: dict[Measure, str] = {
    "customers": "the customers who began in the month",
    "mrr": "the cohort's MRR at the end of its first month",
}
_CUSTOMERS = (
    Column("name", "Customer"),
    Column("mrr", "MRR now", "money"),
    Column("status", "Status"),
    Column("since", "Since", "day"),
    Column("plans", "Plans", "list"),
    Column("customer", "Stripe id"),
    Column("stripe_url", "Stripe", "link", width="small"),
)


class Choice(NamedTuple):
    product: str
    measure: Measure
    shown: Shown
    months: str


def choose() -> Choice:
    product = product_lines.choice()
    with st.container(horizontal=True, gap="medium"):
        measure = url_state.chosen("of", "customers", get_args(Measure), _measure)
        shown = url_state.chosen("as", "percent", get_args(Shown), _shown)
        months = url_state.chosen("cohorts", "24", MONTHS_TITLES, _months)
    return Choice(product, cast(Measure, measure), cast(Shown, shown), months)


def _measure(key: str) -> str | None:
    return st.segmented_control(
        "Of", list(MEASURES), format_func=lambda m: MEASURES[cast(Measure, m)], required=True, key=key
    )


def _shown(key: str) -> str | None:
    return st.segmented_control(
        "As", list(_SHOWN), format_func=lambda s: _SHOWN[cast(Shown, s)], required=True, key=key
    )


def _months(key: str) -> str | None:
    return st.segmented_control(
        "Cohorts", list(MONTHS_TITLES), format_func=MONTHS_TITLES.__getitem__, required=True, key=key,
        help="The cohorts of the last so many months.",
    )  # fmt: skip


def read(choice: Choice) -> list[rows.CohortRow]:
    """Every cohort, oldest first."""
    return queries.view(views.Cohorts(choice.measure), choice.product).cohorts


def of_last_months(choice: Choice, cohorts: Sequence[rows.CohortRow]) -> list[rows.CohortRow]:
    """Those that are shown."""
    if choice.months == "all":
        return list(cohorts)
    first = f"{queries.first_day(MONTHS[choice.months]):%Y-%m}"
    return [cohort for cohort in cohorts if cohort.cohort >= first]


def heat(choice: Choice, cohorts: Sequence[rows.CohortRow]) -> None:
    """The heat map; a click on a cell picks its cohort."""
    if not cohorts:
        st.caption("Nobody began in these months.")
        return
    what = MEASURES[choice.measure]
    note = f"Percent of {_BASE[choice.measure]}. " if choice.shown == "percent" else ""
    section(
        f"{what} by months since the first",
        f"{note}Months that have not closed are empty. Click a cell to see its customers.",
    )
    heated = [_row(choice, cohort) for cohort in cohorts]
    if choice.shown == "percent":
        whole = shares_of_all(cohorts, choice.measure)
        size = sum(cohort.size for cohort in cohorts)
        heated.insert(0, HeatRow("", f"All · {fmt.count(size)}", whole, *_percent(whole)))
    with st.container(key="cohort-map", gap=None):
        draw_noting(heat_map(heated, what), f"cohorts-{'-'.join(choice)}", _note)
        st.html(_BY_KEYS.read_text(), unsafe_allow_javascript=True)


def _row(choice: Choice, cohort: rows.CohortRow) -> HeatRow:
    heat = shares(cohort, choice.measure)
    title = f"{fmt.month(cohort.cohort)} · {fmt.count(cohort.size)}"
    if choice.shown == "percent":
        return HeatRow(cohort.cohort, title, heat, *_percent(heat))
    values = cohort.values
    if choice.measure == "customers":
        texts = [fmt.count(value) if value is not None else "" for value in values]
        return HeatRow(cohort.cohort, title, heat, texts, texts)
    exact = [fmt.money(value, product_lines.currency()) if value is not None else "" for value in values]
    short = [
        fmt.short_money(value, product_lines.currency()) if value is not None else "" for value in values
    ]
    return HeatRow(cohort.cohort, title, heat, short, exact)


def _percent(values: Sequence[float | None]) -> tuple[list[str], list[str]]:
    short = [f"{100 * value:.0f}" if value is not None else "" for value in values]
    return short, [fmt.rate(value) if value is not None else "" for value in values]


def numbers(choice: Choice, cohorts: Sequence[rows.CohortRow]) -> None:
    """Every cell of the heat map with all its digits; the CSV holds every cohort there is."""
    kind: Kind = "rate" if choice.shown == "percent" else "money" if choice.measure == "mrr" else "count"
    width = max((len(cohort.values) for cohort in cohorts), default=0)
    every = [_number_row(choice, cohort) for cohort in cohorts]
    shown = len(of_last_months(choice, cohorts))
    section("Numbers")
    table(
        every[len(every) - shown :],
        [
            Column("cohort", "Cohort", in_file="month"),
            Column("size", "Customers", "count"),
            *(Column(f"month {month}", f"Month {month}", kind) for month in range(width)),
        ],
        key=f"cohort-table-{choice.product}-{choice.measure}-{choice.shown}",
        currency=product_lines.currency(),
        empty="Nobody began in these months.",
        max_rows=13,
        file_rows=every,
    )


def _number_row(choice: Choice, cohort: rows.CohortRow) -> dict[str, Any]:
    values = shares(cohort, choice.measure) if choice.shown == "percent" else cohort.values
    named = {"cohort": fmt.month(cohort.cohort), "month": cohort.cohort, "size": cohort.size}
    return named | {f"month {month}": value for month, value in enumerate(values)}


def _note(cohort: str | None) -> None:
    if cohort:
        st.query_params["cohort"] = cohort
    elif "cohort" in st.query_params:
        del st.query_params["cohort"]


def customers(choice: Choice) -> None:
    """The customers of the picked cohort; nothing while none is picked."""
    cohort = st.query_params.get("cohort")
    if not cohort:
        return
    began = [
        row
        for row in queries.view(views.Customers(), choice.product).rows
        if row.since and queries.day_in_zone(row.since).isoformat()[:7] == cohort
    ]
    if not began:
        st.caption("Nobody began in the month of the address.")
        return
    paying = sum(row.mrr > 0 for row in began)
    closable_section(
        f"Cohort of {fmt.month(cohort)}, {product_lines.title(choice.product)}",
        f"{fmt.count(len(began))} began, {fmt.count(paying)} have MRR now.",
        close=lambda: _note(None),
    )
    came_and_went(choice.product, cohort)
    shown = [cells(row, status=STATUSES[row.status]) for row in began]
    customer_table(shown, _CUSTOMERS, key=f"cohort-{cohort}-{choice.product}", empty="")
