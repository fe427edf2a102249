"""What moved: the waterfall of last month, and the customers behind the bar that was clicked."""

from typing import NamedTuple

import streamlit as st

from eqho.metrics.movements import KINDS
from eqho.metrics.rows import ChangeRow, MovementRow
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries
from eqho.ui.charts.clicks import draw_noting
from eqho.ui.charts.waterfall import waterfall
from eqho.ui.customer_tables import customer_table
from eqho.ui.layout import section
from eqho.ui.tables import Column
from eqho.ui.vocabulary import MOVEMENTS

_CUSTOMERS = (
    Column("name", "Customer"),
    Column("change", "Change", "money", width=95),
    Column("before", "Before", "money", width=95),
    Column("after", "After", "money", width=95),
    Column("customer", "Stripe id"),
)
CROSSING = "Entering and leaving: from or to another product line, or a pause. Neither is churn."


class Picked(NamedTuple):
    """A bar of a waterfall; `kind` is None while none is clicked."""

    product: str
    period: str
    kind: str | None


def last_month(product: str) -> Picked | None:
    """Draw the last closed month's waterfall of a product; None when no month has closed yet."""
    closed: list[MovementRow] | None = None
    with queries.once_told():
        closed = [row for row in queries.movements(product) if not row.open]
    if closed == []:
        st.caption("No month has closed yet.")
    if not closed:
        return None
    row = closed[-1]
    draw_noting(waterfall(row, product_lines.currency()), f"waterfall-{product}-{row.period}", _note)
    if row.entering or row.leaving:
        st.caption(CROSSING)
    came_and_went(product, row.period)
    return Picked(product, row.period, st.query_params.get("kind"))


def _note(kind: str | None) -> None:
    if kind in MOVEMENTS:
        st.query_params["kind"] = kind
    elif "kind" in st.query_params:
        del st.query_params["kind"]


def customers_of(period: str, kind: str | None, product: str) -> list[ChangeRow]:
    """Of one movement, or of all; [] of what exchange rates made, which no customer did."""
    movement = next((known for known in KINDS if known == kind), None)
    if kind is not None and movement is None:
        return []
    return queries.view(views.MovementCustomers(period, movement), product).rows


def came_and_went(product: str, period: str) -> None:
    """Who joined and left within the month, where its movements meet its cohort; nothing where nobody did."""
    names = [row.name for row in queries.view(views.CameAndWent(period), product).rows]
    if names:
        people = "customer" if len(names) == 1 else "customers"
        said = fmt.markdown(f"{', '.join(names[:3])}{', …' if len(names) > 3 else ''}")
        st.caption(
            f"{fmt.count(len(names))} {people} came and went within the month ({said}): "
            "part of its cohort, and in no movement."
        )


def customers_behind(picked: Picked | None) -> None:
    """The table behind a clicked bar; nothing while no movement is clicked."""
    if picked is None or picked.kind not in MOVEMENTS:
        return
    section(f"{MOVEMENTS[picked.kind]}, {fmt.month(picked.period)}, {product_lines.title(picked.product)}")
    customer_table(
        customers_of(picked.period, picked.kind, picked.product),
        _CUSTOMERS,
        key=f"{picked.kind}-{picked.period}-{picked.product}",
        empty="No customer is behind this bar.",
    )
