"""Goals of the chosen product: how far each is, and whether the pace of the last months leads there."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from eqho.errors import NotToldYet
from eqho.inputs.entries import GOALS
from eqho.metrics.definitions import METRICS
from eqho.metrics.goals import GoalState
from eqho.periods import period_named
from eqho.products import ALL
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries
from eqho.ui.charts.forecast import Target
from eqho.ui.layout import section, steady
from eqho.ui.pages import entry

_WIDTH = 240


def of(product: str) -> list[GoalState]:
    """The goals of a product, soonest first; [] while the past that their pace needs is not read."""
    try:
        rows = queries.view(views.Goals(), ALL).rows
    except NotToldYet:
        return []
    return [row for row in rows if row.product == product]


def targets(rows: Sequence[GoalState]) -> list[Target]:
    """Those of MRR, for the chart."""
    return [Target(_last_month(row.period), row.target) for row in rows if row.metric == "mrr"]


def _last_month(label: str) -> str:
    period = period_named(label, queries.zone())
    assert period is not None, label  # checked when it was entered
    return f"{period.last:%Y-%m}"


def goals(product: str, rows: Sequence[GoalState]) -> None:
    """A card for each goal, the open ones first, and the list to change them in."""
    section("Goals", "At the pace of the last three closed months.")
    with steady():
        if queries.app().tiers.entries.read(GOALS).sample:
            st.caption("These goals are demo data, as the company is; what you enter takes their place.")
        if not rows:
            st.caption(f"No goal is set for {fmt.markdown(product_lines.title(product))}: enter one below.")
    ordered = [row for row in rows if not row.closed] + [row for row in rows[::-1] if row.closed]
    with st.grid(4, min_column_width=_WIDTH, gap="xsmall"):
        for row in ordered:
            _card(row)
    with st.expander("Set goals", icon=":material/flag:"):
        entry.edit(GOALS)


def _card(row: GoalState) -> None:
    currency = product_lines.currency()
    definition = METRICS[row.metric]
    target = fmt.value(row.target, definition.unit, currency, headline=True)
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{fmt.markdown(f'{definition.title} {target}')}**", width="content")
            label, colour, icon = verdict(row)
            st.badge(label, color=colour, icon=icon)
        if row.actual is not None and row.target:
            st.progress(min(1.0, max(0.0, row.actual / row.target)))
        st.caption(fmt.markdown(sentence(row, currency)))


def verdict(row: GoalState) -> tuple[str, Any, str]:
    """(word, colour, icon)."""
    if row.on_pace is None:
        return "not known", "gray", ":material/help:"
    if row.closed:
        return (
            ("reached", "green", ":material/check:") if row.on_pace else ("missed", "red", ":material/close:")
        )
    if row.on_pace:
        return "on pace", "green", ":material/trending_up:"
    return "behind", "orange", ":material/trending_down:"


def sentence(row: GoalState, currency: str) -> str:
    """Where it is, what it needs in a month, and what the last months brought."""
    unit = METRICS[row.metric].unit
    when = _when(row.period)
    if row.actual is None:
        return f"By the end of {when}: {row.undefined}."
    actual = fmt.value(row.actual, unit, currency)
    if row.closed:
        return f"{actual} at the end of {when}."
    if _is_there(row):
        said, until = f"{actual} now, already there", f" a month until the end of {when}"
    else:
        needed = _change(row.needed, unit, currency)
        said, until = f"{actual} now; by the end of {when} it needs {needed} a month", ""
    if row.pace is None:
        return f"{said}. {fmt.sentence(row.undefined or '')}"
    return f"{said}; the pace is {_change(row.pace, unit, currency)}{until}."


def _is_there(row: GoalState) -> bool:
    """Before its day: what is needed points away from the goal."""
    if row.needed is None:
        return False
    return row.needed >= 0 if METRICS[row.metric].good == "down" else row.needed <= 0


def _when(period: str) -> str:
    year, rest = period.split("-")
    return f"{rest} {year}" if rest.startswith("Q") else fmt.month(period)


def _change(amount: float | None, unit: str, currency: str) -> str:
    if amount is None:
        return fmt.UNDEFINED
    match unit:
        case "money":
            return fmt.money(amount, currency, signed=True)
        case "rate":
            return fmt.points(amount)
        case _:
            return fmt.decimal(amount, 1, signed=True)
