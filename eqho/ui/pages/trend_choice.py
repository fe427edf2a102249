"""What the Trends page is asked: its controls, and the URL that holds what they say."""

from datetime import date
from typing import Literal, NamedTuple, cast, get_args

import streamlit as st

from eqho.metrics.definitions import METRICS, SERIES
from eqho.periods import PeriodLength
from eqho.products import ALL
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries, url_choices, url_state
from eqho.ui.charts.clicks import can_only_touch
from eqho.ui.date_ranges import Overlay

_RANGES = {"3m": 3, "6m": 6, "12m": 12, "24m": 24, "36m": 36}
_RANGE_TITLES = {key: key.upper() for key in _RANGES} | {"all": "All", "custom": "Dates"}
OVERLAYS: dict[Overlay, str] = {"none": "None", "previous": "Period before", "year": "Year before"}
Pointer = Literal["click", "drag"]
_POINTERS: dict[Pointer, str] = {"click": "Customers", "drag": "What changed"}
_MOST_METRICS = 6


class Choice(NamedTuple):
    """What the URL holds: slugs of metrics and products, first and last day, interval, overlay."""

    metrics: list[str]
    products: list[str]
    start: date
    end: date
    interval: PeriodLength
    overlay: Overlay
    pointer: Pointer = "click"


def choose() -> Choice:
    """The controls, and what they say now."""
    products = url_choices.several(
        "products", (ALL,), (ALL, *product_lines.keys()), _products, canonical=url_state.canonical
    )
    metrics = url_choices.several("metrics", ("mrr", "customers"), SERIES, _metrics)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        reach = url_state.chosen("range", "12m", _RANGE_TITLES, _range)
        interval = url_state.chosen("interval", "month", get_args(PeriodLength), _interval)
        overlay = url_state.chosen("overlay", "none", OVERLAYS, _overlay)
        touched = can_only_touch()
        pointer = "click" if touched else url_state.chosen("show", "click", _POINTERS, _pointer)
    start, end = _days(reach)
    _say_unknown()
    return Choice(
        metrics,
        products,
        start,
        end,
        cast(PeriodLength, interval),
        cast(Overlay, overlay),
        cast(Pointer, pointer),
    )


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
    return st.segmented_control("Compare with", list(OVERLAYS), required=True, key=key,
                                format_func=lambda overlay: OVERLAYS[cast(Overlay, overlay)])  # fmt: skip


def _pointer(key: str) -> str | None:
    return st.segmented_control(
        "On the chart",
        list(_POINTERS),
        required=True,
        key=key,
        format_func=lambda pointer: _POINTERS[cast(Pointer, pointer)],
        help="Customers: click a point. What changed: drag from one point to another.",
    )


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
        format=fmt.typed_day(),
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
