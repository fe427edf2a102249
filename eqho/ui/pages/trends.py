"""The Trends page: metrics × products over a range, compared with an earlier one, with notes on days."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import streamlit as st

from eqho.inputs.annotations import Annotation
from eqho.metrics.definitions import METRICS, Definition, Unit
from eqho.metrics.history_rows import Point
from eqho.periods import Period, period_of, periods
from eqho.products import ALL
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries
from eqho.ui.charts.clicks import closable_section, draw_noting, draw_spanning
from eqho.ui.charts.figures import INK
from eqho.ui.charts.trends import Note, Span, TrendLine, trend_chart
from eqho.ui.customer_tables import customer_table
from eqho.ui.date_ranges import earlier, period_title
from eqho.ui.layout import section
from eqho.ui.navigation import PAGES
from eqho.ui.pages.trend_choice import OVERLAYS, Choice
from eqho.ui.tables import Column, Kind, cells, table

_DRAGGED = "dragged"
_KINDS: dict[Unit, Kind] = {
    "money": "money",
    "count": "count",
    "rate": "rate",
    "ratio": "ratio",
    "months": "months",
}
_NOT_ENTERED = (
    "spend or a margin is not entered (page Unit economics), or nobody came or left in the months before"
)


class Trends(NamedTuple):
    """`values[product][metric]` has one value per period of the span, `before` one per earlier period."""

    choice: Choice
    span: Span
    values: dict[str, dict[str, list[float | None]]]
    before: dict[str, dict[str, list[float | None]]]


def read(choice: Choice) -> Trends:
    """One look-up per product, and one more for the overlay."""
    zone, length = queries.zone(), choice.interval
    shown = periods(choice.start, choice.end, length, zone)
    compared = earlier(shown, length, choice.overlay, zone)
    points = {product: _points(product, choice, shown) for product in choice.products}
    before = {product: _points(product, choice, compared) for product in choice.products} if compared else {}
    open_last = any(own[-1] is not None and own[-1].open for own in points.values())
    return Trends(
        choice,
        Span(shown, compared, length, open_last),
        {product: _by_metric(own, choice) for product, own in points.items()},
        {product: _by_metric(own, choice) for product, own in before.items()},
    )


def _points(product: str, choice: Choice, wanted: Sequence[Period]) -> list[Point | None]:
    """The point of each period, None where there is none."""
    asked = views.History(tuple(choice.metrics), wanted[0].first, wanted[-1].first, choice.interval)
    by_day = {point.date: point for point in queries.view(asked, product).points}
    return [by_day.get(period.last.isoformat()) for period in wanted]


def _by_metric(points: Sequence[Point | None], choice: Choice) -> dict[str, list[float | None]]:
    return {metric: [getattr(point, metric, None) for point in points] for metric in choice.metrics}


def draw(trends: Trends, notes: Sequence[Annotation]) -> None:
    """One chart per metric; a click notes the day in the URL."""
    metrics = trends.choice.metrics
    currency = product_lines.currency()
    placed = _placed(notes, trends)
    with st.grid(2 if len(metrics) > 1 else 1, min_column_width=340, gap="medium") as wall:
        for metric in metrics:
            with wall.cell():
                definition = METRICS[metric]
                section(definition.title, _latest(trends, definition, currency))
                chart = trend_chart(_lines(trends, metric), trends.span, definition, currency, placed)
                if trends.choice.pointer == "drag":
                    draw_spanning(chart, f"drag-{metric}", _note_span)
                else:
                    draw_noting(chart, f"trend-{metric}", _note_day)
    _explain(trends.choice)


def _lines(trends: Trends, metric: str) -> list[TrendLine]:
    return [
        TrendLine(
            product_lines.title(product),
            INK if product == ALL else product_lines.colour(product),
            trends.values[product][metric],
            trends.before[product][metric] if trends.before else (),
        )
        for product in trends.choice.products
    ]


def _latest(trends: Trends, definition: Definition, currency: str) -> str:
    """The last value of each product: what the eye looks for first."""
    products = trends.choice.products
    said = []
    for product in products:
        value = trends.values[product][definition.slug][-1]
        text = fmt.value(value, definition.unit, currency)
        if value is None:
            text += f" ({_why(definition)})"
        said.append(f"{product_lines.title(product)} {text}" if len(products) > 1 else text)
    title = period_title(trends.span.periods[-1], trends.choice.interval)
    return f"{title}{', open' if trends.span.open_last else ''}: {' · '.join(said)}"


def _placed(notes: Sequence[Annotation], trends: Trends) -> list[Note]:
    """The notes of the products shown, on the periods shown."""
    shown = set(trends.span.periods)
    found = []
    for note in notes:
        period = period_of(date.fromisoformat(note.date), trends.choice.interval, queries.zone())
        if period in shown and note.product in {ALL, *trends.choice.products}:
            found.append(Note(period, note.text))
    return found


def _note_day(day: str | None) -> None:
    if day is not None:
        st.query_params["at"] = day
    elif "at" in st.query_params:
        del st.query_params["at"]


def _note_span(first: str, last: str) -> None:
    st.session_state[_DRAGGED] = first, last


def _explain(choice: Choice) -> None:
    """What was dragged over, on its own page: a callback cannot change the page."""
    dragged: tuple[str, str] | None = st.session_state.pop(_DRAGGED, None)
    if dragged is None:
        return
    today = queries.last_day().isoformat()
    first, last = (min(day, today) for day in dragged)
    product = ALL if ALL in choice.products else choice.products[0]
    st.switch_page(str(PAGES / "explain.py"), query_params={"product": product, "from": first, "to": last})


def customers_at(choice: Choice) -> None:
    """The customers with MRR on the day that was clicked, largest first, one column per product."""
    day = _clicked_day()
    if day is None:
        return
    rows: dict[str, dict[str, Any]] = {}
    for product in choice.products:
        for row in queries.view(views.Customers(), product, at=day).rows:
            if row.mrr:
                rows.setdefault(row.customer, cells(row, mrr=None))[product] = row.mrr
    closable_section(
        f"Customers on {fmt.day(day.isoformat())}",
        f"{fmt.count(len(rows))} with MRR at the end of that day.",
        close=lambda: _note_day(None),
    )
    columns = [
        Column(product, f"MRR, {product_lines.title(product)}", "money") for product in choice.products
    ]
    customer_table(
        sorted(rows.values(), key=lambda row: (-max(row.get(p) or 0 for p in choice.products), row["name"])),
        [
            Column("name", "Customer"),
            *columns,
            Column("plans", "Plans", "list"),
            Column("customer", "Stripe id"),
            Column("stripe_url", "Stripe", "link", width="small"),
        ],
        key=f"customers-at-{day}",
        empty="Nobody had MRR on that day.",
    )


def _clicked_day() -> date | None:
    """The last day of an open period has not come: today stands for it."""
    try:
        day = date.fromisoformat(st.query_params.get("at", ""))
    except ValueError:
        return None
    return min(day, queries.last_day())


def numbers(trends: Trends) -> None:
    """The table of what the charts show, newest first."""
    section("Numbers")
    choice, span = trends.choice, trends.span
    columns = [
        Column("period", "Period", in_file="label"),
        Column("end", "Last day", "day"),
        Column("open", "Open", "file"),
    ]
    rows: list[dict[str, Any]] = [
        {
            "period": period_title(period, choice.interval),
            "label": period.label,
            "end": period.last.isoformat(),
            "open": "no",
        }
        for period in span.periods
    ]
    if span.open_last:
        rows[-1]["period"] += ", open"
        rows[-1]["open"] = "yes"
    for metric in choice.metrics:
        for product in choice.products:
            title = METRICS[metric].title
            name = f"{title}, {product_lines.title(product)}" if len(choice.products) > 1 else title
            columns.append(_fill(rows, f"{metric} {product}", name, metric, trends.values[product][metric]))
            if trends.before:
                before = f"{name}, {OVERLAYS[choice.overlay].lower()}"
                values = trends.before[product][metric]
                columns.append(_fill(rows, f"{metric} {product} before", before, metric, values))
    table(
        rows[::-1],
        columns,
        key="trends",
        currency=product_lines.currency(),
        empty="Nothing yet.",
        max_rows=13,
    )
    if reasons := _reasons(trends):
        st.caption(fmt.markdown(f"{fmt.UNDEFINED} is not defined: {'; '.join(reasons)}."))


def _fill(
    rows: Sequence[dict[str, Any]], field: str, title: str, metric: str, values: Sequence[float | None]
) -> Column:
    for row, value in zip(rows, values, strict=True):
        row[field] = value
    definition = METRICS[metric]
    return Column(field, title, _KINDS[definition.unit], help=definition.help)


def _why(definition: Definition) -> str:
    """Why a value is missing at some period's end, which is not looked at: what can be said of any."""
    return definition.why if isinstance(definition.why, str) else _NOT_ENTERED


def _reasons(trends: Trends) -> list[str]:
    """Why numbers are missing, one reason per metric."""
    found = []
    for metric in trends.choice.metrics:
        values = [
            v for known in (trends.values, trends.before) for own in known.values() for v in own[metric]
        ]
        if None in values:
            found.append(f"{METRICS[metric].title}, {_why(METRICS[metric])}")
    return found
