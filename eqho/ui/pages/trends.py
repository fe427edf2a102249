"""The Trends page: metrics × products over a range, compared with an earlier one, with notes on days."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, cast, get_args

import streamlit as st

from eqho.inputs.annotations import Annotation
from eqho.metrics.definitions import METRICS, SERIES, Definition
from eqho.periods import Period, PeriodLength, period_of, periods
from eqho.products import ALL
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries, url_choices, url_state
from eqho.ui.charts.clicks import closable_section, draw_noting
from eqho.ui.charts.figures import INK
from eqho.ui.charts.trends import Note, Span, TrendLine, trend_chart
from eqho.ui.customer_tables import customer_table
from eqho.ui.date_ranges import Overlay, earlier, period_title
from eqho.ui.layout import section
from eqho.ui.tables import Column, Kind, table

_RANGES = {"3m": 3, "6m": 6, "12m": 12, "24m": 24, "36m": 36}
_RANGE_TITLES = {key: key.upper() for key in _RANGES} | {"all": "All", "custom": "Dates"}
_OVERLAYS: dict[Overlay, str] = {"none": "None", "previous": "Period before", "year": "Year before"}
_MOST_METRICS = 6
_KINDS: dict[str, Kind] = {"money": "money", "count": "count", "rate": "rate", "ratio": "ratio"}
_UNDEFINED = {
    "arpa": "no paying customers",
    "quick_ratio": "nothing contracted or churned",
    "customer_churn_rate": "no customers at the start",
    "gross_mrr_churn_rate": "no MRR at the start",
    "net_mrr_churn_rate": "no MRR at the start",
    "nrr_12m": "no MRR 12 months before",
    "grr_12m": "no MRR 12 months before",
}


class Choice(NamedTuple):
    """What the URL holds: slugs of metrics and products, first and last day, interval, overlay."""

    metrics: list[str]
    products: list[str]
    start: date
    end: date
    interval: PeriodLength
    overlay: Overlay


class Trends(NamedTuple):
    """`values[product][metric]` has one value per period of the span, `before` one per earlier period."""

    choice: Choice
    span: Span
    values: dict[str, dict[str, list[float | None]]]
    before: dict[str, dict[str, list[float | None]]]


def choose() -> Choice:
    """The controls, and what they say now."""
    products = url_choices.several(
        "products", (ALL,), (ALL, *product_lines.keys()), _products, canonical=url_state.canonical
    )
    metrics = url_choices.several("metrics", ("mrr", "customers"), SERIES, _metrics)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        reach = url_state.chosen("range", "12m", _RANGE_TITLES, _range)
        interval = url_state.chosen("interval", "month", get_args(PeriodLength), _interval)
        overlay = url_state.chosen("overlay", "none", _OVERLAYS, _overlay)
    start, end = _days(reach)
    _say_unknown()
    return Choice(metrics, products, start, end, cast(PeriodLength, interval), cast(Overlay, overlay))


def _products(key: str) -> list[str]:
    slugs = (ALL, *product_lines.keys())
    return st.pills(
        "Products", slugs, selection_mode="multi", format_func=product_lines.title, key=key, wrap=True
    )


def _metrics(key: str) -> list[str]:
    return st.multiselect(
        "Metrics",
        SERIES,
        format_func=lambda slug: METRICS[slug].title,
        max_selections=_MOST_METRICS,
        key=key,
        placeholder="Choose metrics",
    )


def _range(key: str) -> str | None:
    return st.segmented_control("Range", list(_RANGE_TITLES), format_func=_RANGE_TITLES.__getitem__,
                                required=True, key=key)  # fmt: skip


def _interval(key: str) -> str | None:
    return st.segmented_control("Interval", list(get_args(PeriodLength)), format_func=str.capitalize,
                                required=True, key=key)  # fmt: skip


def _overlay(key: str) -> str | None:
    return st.segmented_control("Compare with", list(_OVERLAYS), required=True, key=key,
                                format_func=lambda overlay: _OVERLAYS[cast(Overlay, overlay)])  # fmt: skip


def _days(reach: str) -> tuple[date, date]:
    last = queries.last_day()
    if reach == "all":
        return queries.first_month(), last
    if reach != "custom":
        return queries.first_day(_RANGES[reach]), last
    with st.container(horizontal=True):
        start = url_choices.day("from", queries.first_day(12), last, lambda key: _day("From", key))
        end = url_choices.day("to", last, last, lambda key: _day("To", key))
    if start > end:
        st.warning("The first day lies after the last one: they are taken the other way round.")
    return min(start, end), max(start, end)


def _day(label: str, key: str) -> date | None:
    chosen: date | None = st.date_input(
        label,
        key=key,
        max_value=queries.last_day(),
        min_value=date(2010, 1, 1),
        format="YYYY-MM-DD",
        width=160,
    )
    return chosen


def _say_unknown() -> None:
    for key, what, known in (
        ("metrics", "metric", SERIES),
        ("products", "product", (ALL, *product_lines.keys())),
    ):
        if wrong := url_choices.unknown(key):
            sentence = f"There is no {what} “{wrong[0][:40]}”; known: {', '.join(known)}."
            st.warning(fmt.markdown(sentence), icon=":material/help:")


def read(choice: Choice) -> Trends:
    """One look-up per product, and one more for the overlay."""
    zone, length = queries.zone(), choice.interval
    shown = periods(choice.start, choice.end, length, zone)
    compared = earlier(shown, length, choice.overlay, zone)
    points = {product: _points(product, choice, shown) for product in choice.products}
    before = {product: _points(product, choice, compared) for product in choice.products} if compared else {}
    open_last = any(own[-1].get("open") for own in points.values())
    return Trends(
        choice,
        Span(shown, compared, length, open_last),
        {product: _by_metric(own, choice) for product, own in points.items()},
        {product: _by_metric(own, choice) for product, own in before.items()},
    )


def _points(product: str, choice: Choice, wanted: Sequence[Period]) -> list[queries.Row]:
    """The point of each period, empty where there is none."""
    found = queries.view(
        "history",
        product,
        metrics=",".join(choice.metrics),
        start=wanted[0].first.isoformat(),
        end=wanted[-1].first.isoformat(),
        interval=choice.interval,
    )
    by_day = {point["date"]: point for point in found["points"]}
    return [by_day.get(period.last.isoformat(), {}) for period in wanted]


def _by_metric(points: Sequence[queries.Row], choice: Choice) -> dict[str, list[float | None]]:
    return {metric: [point.get(metric) for point in points] for metric in choice.metrics}


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
                draw_noting(
                    trend_chart(_lines(trends, metric), trends.span, definition, currency, placed),
                    f"trend-{metric}",
                    _note_day,
                )


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
            text += f" ({_UNDEFINED.get(definition.slug, 'no data')})"
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


def customers_at(choice: Choice) -> None:
    """The customers with MRR on the day that was clicked, largest first, one column per product."""
    day = _clicked_day()
    if day is None:
        return
    rows: dict[str, dict[str, Any]] = {}
    for product in choice.products:
        for row in queries.view("customers", product, at=day)["rows"]:
            if row["mrr"]:
                rows.setdefault(row["customer"], row | {"mrr": None})[product] = row["mrr"]
    closable_section(
        f"Customers on {fmt.day(day)}",
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


def _clicked_day() -> str | None:
    """The last day of an open period has not come: today stands for it."""
    try:
        day = date.fromisoformat(st.query_params.get("at", ""))
    except ValueError:
        return None
    return min(day, queries.last_day()).isoformat()


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
                before = f"{name}, {_OVERLAYS[choice.overlay].lower()}"
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


def _reasons(trends: Trends) -> list[str]:
    """Why numbers are missing, one reason per metric."""
    found = []
    for metric in trends.choice.metrics:
        values = [
            v for known in (trends.values, trends.before) for own in known.values() for v in own[metric]
        ]
        if None in values:
            found.append(f"{METRICS[metric].title}, {_UNDEFINED.get(metric, 'no data')}")
    return found
