"""Drawing figures: fixed height, stable key, alternative text, and the bar that was clicked."""

from typing import Any, cast

import streamlit as st

from eqho.ui.charts.figures import Chart

CONFIG = {"displayModeBar": False, "scrollZoom": False}


def draw(chart: Chart, key: str) -> None:
    if said_instead(chart):
        return
    st.plotly_chart(chart.figure, key=key, height=chart.height, config=CONFIG, alt=chart.alt)


def draw_clickable(chart: Chart, key: str) -> str | None:
    """As `draw`; the first entry of `customdata` of the bar that was clicked last, None while none is."""
    if said_instead(chart):
        return None
    state = cast(
        dict[str, Any],
        st.plotly_chart(
            chart.figure,
            key=key,
            height=chart.height,
            config=CONFIG,
            alt=chart.alt,
            on_select="rerun",
            selection_mode="points",
        ),
    )
    clicked = state["selection"]["points"]
    return str(clicked[0]["customdata"][0]) if clicked else None


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
