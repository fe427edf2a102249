"""The Movements page: months of movements, one month as a waterfall, the customers behind what is picked."""

from collections.abc import Sequence
from typing import Any, cast, get_args

import streamlit as st

from eqho.metrics.rows import MovementRow
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries, url_state
from eqho.ui.charts.clicks import closable_section, draw_noting
from eqho.ui.charts.movements import Picked, amount, kinds_of, movement_bars, signed_amount
from eqho.ui.charts.waterfall import waterfall
from eqho.ui.customer_tables import customer_table
from eqho.ui.date_ranges import MONTHS, MONTHS_TITLES
from eqho.ui.layout import section
from eqho.ui.pages.movements import came_and_went, customers_of
from eqho.ui.tables import MONTH, Column, Kind, cells, table
from eqho.ui.vocabulary import MEASURES, MOVEMENTS, Measure

_MOVEMENT = Column("movement", "Movement", width=85)
_CUSTOMERS = (
    Column("name", "Customer", width=175),
    Column("change", "Change", "money", width=85),
    Column("before", "Before", "money", width=85),
    Column("after", "After", "money", width=85),
    Column("customer", "Stripe id"),
)


def months_and_measure() -> tuple[str, Measure]:
    """How many months are shown (`12` … `all`), and what is counted."""
    with st.container(horizontal=True, gap="medium"):
        months = url_state.chosen("months", "12", MONTHS_TITLES, _months)
        measure = url_state.chosen("measure", "mrr", get_args(Measure), _measure)
    return months, cast(Measure, measure)


def _months(key: str) -> str | None:
    return st.segmented_control(
        "Months", list(MONTHS_TITLES), format_func=MONTHS_TITLES.__getitem__, required=True, key=key
    )


def _measure(key: str) -> str | None:
    return st.segmented_control(
        "Of", list(MEASURES), format_func=lambda m: MEASURES[cast(Measure, m)], required=True, key=key
    )


def rows(product: str, months: str) -> list[MovementRow]:
    """Movements by month, oldest first, the running month last."""
    start = None if months == "all" else queries.first_day(MONTHS[months])
    return queries.view(views.Movements(start, queries.last_day()), product).rows


def picked_of(found: Sequence[MovementRow]) -> Picked | None:
    """What the URL picks, else the last closed month; None while there is no month."""
    periods = [row.period for row in found]
    if not periods:
        return None
    closed = [row.period for row in found if not row.open]
    period, kind = st.query_params.get("period"), st.query_params.get("kind")
    known = period if period in periods else None
    return Picked(known or (closed or periods)[-1], kind if kind in MOVEMENTS else None)


def bars(found: Sequence[MovementRow], measure: Measure, picked: Picked, product: str) -> None:
    """All months; a click on a bar picks its month and movement."""
    chart = movement_bars(found, measure, product_lines.currency(), picked)
    draw_noting(chart, f"movement-bars-{product}-{measure}", _note)


def month(found: Sequence[MovementRow], picked: Picked, product: str) -> None:
    """The picked month from start to end; a click on a bar picks its movement."""
    row = next(row for row in found if row.period == picked.period)

    def note(kind: str | None) -> None:
        _note(f"{picked.period} {kind}" if kind else picked.period)

    section(
        f"MRR in {fmt.month(picked.period)}{', open' if row.open else ''}",
        "Each bar is a change since the start of the month.",
    )
    draw_noting(waterfall(row, product_lines.currency()), f"month-{product}-{picked.period}", note)
    came_and_went(product, picked.period)


def customers(months: Sequence[MovementRow], picked: Picked, product: str) -> None:
    """The customers behind the picked month, or behind one movement of it."""
    row = next(row for row in months if row.period == picked.period)
    found = customers_of(picked.period, picked.kind, product)
    what = MOVEMENTS[picked.kind] if picked.kind else "All movements"
    closable_section(
        f"{what}, {fmt.month(picked.period)}",
        _total(row, picked.kind, len(found)),
        close=(lambda: _note(picked.period)) if picked.kind else None,
        label="All movements",
    )
    customer_table(
        [cells(row, movement=MOVEMENTS[row.kind]) for row in found],
        _CUSTOMERS if picked.kind else (_CUSTOMERS[0], _MOVEMENT, *_CUSTOMERS[1:]),
        key=f"movement-customers-{picked.period}-{picked.kind or 'all'}-{product}",
        empty="Nobody moved.",
        max_rows=7,
    )


def _total(row: MovementRow, kind: str | None, count: int) -> str:
    """The amount of the bar: rounded once, where a sum of rounded rows would not be."""
    kinds = [kind] if kind else list(MOVEMENTS)
    total = sum(signed_amount(row, one, "mrr") for one in kinds)
    people = "customer" if count == 1 else "customers"
    return f"{fmt.count(count)} {people}, {fmt.money(total, product_lines.currency(), signed=True)} in all."


def numbers(found: Sequence[MovementRow], measure: Measure, product: str) -> None:
    """Months × movements, newest first; a click on a cell picks it."""
    kinds = kinds_of(found)
    kind_of_column: Kind = "money" if measure == "mrr" else "count"
    shown: list[dict[str, Any]] = [
        {
            "month": fmt.period(row.period, running=row.open),
            "period": row.period,
            "running": "yes" if row.open else "no",
        }
        | {kind: amount(row, kind, measure) for kind in ("start", *kinds, "end")}
        for row in reversed(found)
    ]
    titles = {"start": "Start"} | {kind: MOVEMENTS[kind] for kind in kinds} | {"end": "End"}
    section(
        "Months",
        f"{MEASURES[measure]} by movement; contraction, churn and leaving take away. "
        "Click a cell to see its customers.",
    )
    table(
        shown,
        [
            *MONTH,
            *(Column(k, title, kind_of_column) for k, title in titles.items()),
        ],
        key=f"movements-{measure}-{product}",
        currency=product_lines.currency(),
        empty="No month has begun yet.",
        max_rows=13,
        picked=lambda row, field: _note(f"{row['period']} {field if field in MOVEMENTS else ''}"),
    )


def _note(what: str | None) -> None:
    """`2026-10 churn` or `2026-10` into the URL; letting go of a bar lets go of the movement only."""
    period, _, kind = (what or "").partition(" ")
    if period:
        st.query_params["period"] = period
    if kind in MOVEMENTS:
        st.query_params["kind"] = kind
    elif "kind" in st.query_params:
        del st.query_params["kind"]
