"""Explain a change: MRR on two days, and what made the difference, down to the customers."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, cast, get_args

import streamlit as st

from eqho.metrics.explain_rows import ExplainedCustomer, ExplainedGroup, ExplainedPlan, Explanation
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries, url_choices, url_state
from eqho.ui.charts.clicks import closable_section, draw_noting
from eqho.ui.charts.steps import Step, steps_chart
from eqho.ui.customer_tables import customer_table
from eqho.ui.layout import section
from eqho.ui.tables import Column, cells, table
from eqho.ui.vocabulary import MOVEMENTS

By = Literal["movement", "line", "plan", "customer"]

_BY: dict[By, str] = {
    "movement": "Movement",
    "line": "Product line",
    "plan": "Plan",
    "customer": "Customer",
}
_MOST_STEPS = 11
_SWITCHED = "Other plan"
_EARLIEST = date(2010, 1, 1)
_CUSTOMERS = (
    Column("name", "Customer", width=175),
    Column("movement", "Movement", width=85),
    Column("change", "Change", "money", width=85),
    Column("before", "Before", "money", width=85),
    Column("after", "After", "money", width=85),
    Column("plans", "Plans", "list"),
    Column("customer", "Stripe id"),
)


class Days(NamedTuple):
    """From the end of the one to the end of the other."""

    first: date
    last: date


def days() -> Days:
    """What the URL says, else from the end of last month on."""
    today = queries.last_day()
    before = today.replace(day=1) - timedelta(days=1)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        first = url_choices.day("from", before, today, lambda key: _day("From the end of", key))
        last = url_choices.day("to", today, today, lambda key: _day("To the end of", key))
    if first > last:
        st.warning("The first day lies after the last one: they are taken the other way round.")
    return Days(min(first, last), max(first, last))


def _day(label: str, key: str) -> date | None:
    chosen: date | None = st.date_input(
        label, key=key, min_value=_EARLIEST, max_value=queries.last_day(), format=fmt.typed_day(), width=160
    )
    return chosen


def explain(product: str, chosen: Days) -> None:
    """The two values, the parts between them, and the customers behind the part that is picked."""
    if chosen.first == chosen.last:
        st.caption("Both days are the same one: choose an earlier first day.")
        return
    with queries.once_told():
        told = queries.view(views.Explain(chosen.first, chosen.last), product)
        currency, net = product_lines.currency(), told.net or 0.0
        name = f"{product}-{chosen.first}-{chosen.last}"
        sentence = _whole(told, currency)
        st.markdown(fmt.markdown(sentence))
        by = cast(By, url_state.chosen("by", "movement", get_args(By), _by))
        parts = steps(told, by)
        if not parts:
            st.caption("Nothing changed between the two days.")
            return
        picked = st.query_params.get("pick")
        known = picked if picked in {part.key for part in parts} else None
        with st.grid(2, min_column_width=460, gap="medium") as sides:
            with sides.cell():
                section(f"By {_BY[by].lower()}", "Each bar begins where the one before has ended.")
                shown = shortened(parts)
                chart = steps_chart(shown, net, currency, sentence, known)
                draw_noting(chart, f"explain-{name}-{by}", _pick)
                if rounding := _rounding(parts, net, currency):
                    st.caption(fmt.markdown(rounding))
            with sides.cell():
                _customers(told, by, known, parts, key=f"explained-{name}")
        if by in ("line", "plan"):
            _groups(told, by, key=f"explained-{by}-{name}", currency=currency)


def _by(key: str) -> str | None:
    return st.segmented_control(
        "By", get_args(By), format_func=lambda by: _BY[cast(By, by)], required=True, key=key
    )


def _whole(told: Explanation, currency: str) -> str:
    start, end = (fmt.money(amount, currency) for amount in (told.start, told.end))
    net = fmt.money(told.net, currency, signed=True)
    growth = (
        f", {fmt.rate(told.net / told.start, signed=True)}" if told.net is not None and told.start else ""
    )
    return (
        f"MRR went from {start} at the end of {fmt.day(told.start_day)} "
        f"to {end} {_until(told.end_day)}: {net}{growth}."
    )


def _until(day: str) -> str:
    """The running day has no end yet."""
    running = day == queries.today().isoformat()
    return "now" if running else f"at the end of {fmt.day(day)}"


def steps(told: Explanation, by: By) -> list[Step]:
    """Every part of the change: movements in their usual order, else the largest first."""
    match by:
        case "movement":
            return [Step(row.kind, MOVEMENTS[row.kind], row.amount) for row in told.movements]
        case "customer":
            found = [Step(row.customer, row.name, row.change) for row in told.customers]
        case _:
            found = [Step(_key(row, by), _title(row, by), row.change) for row in _rows_of(told, by)]
    return sorted((step for step in found if step.amount), key=lambda step: (-abs(step.amount), step.title))


def _rows_of(told: Explanation, by: By) -> list[ExplainedGroup]:
    return told.lines if by == "line" else told.plans


def _key(row: ExplainedGroup | ExplainedPlan, by: By) -> str:
    return row.line if by == "line" else f"{row.line}:{row.plan}"


def _title(row: ExplainedGroup, by: By) -> str:
    return product_lines.title(row.line) if by == "line" else row.plan


def shortened(parts: Sequence[Step]) -> list[Step]:
    """What a chart holds: the largest parts, and all the others as one, so that it still adds up."""
    if len(parts) <= _MOST_STEPS + 1:
        return list(parts)
    rest = parts[_MOST_STEPS:]
    return [*parts[:_MOST_STEPS], Step("", f"{fmt.count(len(rest))} others", sum(one.amount for one in rest))]


def _rounding(parts: Sequence[Step], net: float, currency: str) -> str | None:
    """Said only where a reader who adds up would find another sum."""
    shown = fmt.money(sum(part.amount for part in parts), currency)
    if shown == fmt.money(net, currency):
        return None
    return "Each amount is rounded for itself; before that they add up exactly."


def _pick(key: str | None) -> None:
    if key:
        st.query_params["pick"] = key
    elif "pick" in st.query_params:
        del st.query_params["pick"]


def _customers(told: Explanation, by: By, picked: str | None, parts: Sequence[Step], *, key: str) -> None:
    rows = customer_rows(told, by, picked)
    what = next((part.title for part in parts if part.key == picked), "All customers who changed")
    count = len({row["customer"] for row in rows})
    people = "customer" if count == 1 else "customers"
    amount = next((part.amount for part in parts if part.key == picked), told.net)
    currency = product_lines.currency()
    closable_section(
        what,
        f"{fmt.count(count)} {people}, {fmt.money(amount, currency, signed=True)} in all.",
        close=(lambda: _pick(None)) if picked else None,
        label="All customers",
    )
    customer_table(rows, _CUSTOMERS, key=f"{key}-{by}-{picked or 'all'}", empty="Nobody changed.")


def customer_rows(told: Explanation, by: By, picked: str | None) -> list[dict[str, Any]]:
    """One row a customer; where a line or a plan is picked, what each customer's change there was."""
    belongs = _belongs(by, picked)
    rows = []
    for one in told.customers:
        plans = [plan for plan in one.plans if belongs(one, plan)]
        if not plans:
            continue
        movement = MOVEMENTS[one.kind] if one.kind else _SWITCHED
        row = cells(one, movement=movement, plans=[plan.plan for plan in plans])
        if picked and (by in ("line", "plan") or len(plans) < len(one.plans)):
            row |= {
                name: sum(getattr(plan, name) for plan in plans) for name in ("before", "after", "change")
            }
        rows.append(row)
    return sorted(rows, key=lambda row: -abs(row["change"]))


def _belongs(by: By, picked: str | None) -> Callable[[ExplainedCustomer, ExplainedPlan], bool]:
    if picked is None:
        return lambda _, __: True
    match by:
        case "movement":
            return lambda _, plan: plan.kind == picked
        case "customer":
            return lambda customer, _: customer.customer == picked
        case _:
            return lambda _, plan: _key(plan, by) == picked


def _groups(told: Explanation, by: By, *, key: str, currency: str) -> None:
    section("Numbers", "Of the customers who changed there.")
    columns = [
        *([Column("plan", "Plan", width=220)] if by == "plan" else []),
        Column("line", "Product line", width=140),
        Column("change", "Change", "money"),
        Column("before", "Before", "money"),
        Column("after", "After", "money"),
        Column("customers", "Customers", "count"),
    ]
    largest_first = sorted(_rows_of(told, by), key=lambda row: -abs(row.change))
    rows = [cells(row, line=product_lines.title(row.line)) for row in largest_first]
    table(rows, columns, key=key, currency=currency, empty="Nothing changed.")
