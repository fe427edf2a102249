"""Drawing figures: fixed height, stable key, alternative text."""

from typing import Any

import streamlit as st

from eqho.ui import date_patterns, reader
from eqho.ui.charts.figures import Chart

CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False}


def config() -> dict[str, Any]:
    """With the reader's names of months, which plotly has in English alone."""
    locale = reader.locale()
    if locale.language == "en":
        return CONFIG
    months = {"format": {"shortMonths": date_patterns.month_names(locale)}}
    return CONFIG | {"locale": "reader", "locales": {"reader": months}}


def draw(chart: Chart, key: str) -> None:
    if said_instead(chart):
        return
    st.plotly_chart(chart.figure, key=key, height=chart.height, config=config(), alt=chart.alt)


def said_instead(chart: Chart) -> bool:
    """A figure without data would have axes of its own invention, from the year 2000 on: then its sentence
    stands in its place."""
    if any(_holds(trace) for trace in chart.figure.data):
        return False
    st.caption(chart.alt)
    return True


def _holds(trace: Any) -> bool:
    found = (trace[name] for name in ("x", "y", "z") if name in trace)
    return any(values is not None and len(values) > 0 for values in found)
