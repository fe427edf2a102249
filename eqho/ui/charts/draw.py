"""Drawing figures: fixed height, stable key, alternative text, and the bar that was clicked."""

from typing import Any, cast

import streamlit as st

from eqho.ui.charts.figures import Chart

CONFIG = {"displayModeBar": False, "scrollZoom": False}


def draw(chart: Chart, key: str) -> None:
    """A figure without data would have axes of its own invention: its sentence stands instead."""
    if not chart.figure.data:
        st.caption(chart.alt)
        return
    st.plotly_chart(chart.figure, key=key, height=chart.height, config=CONFIG, alt=chart.alt)


def draw_clickable(chart: Chart, key: str) -> str | None:
    """As `draw`; the first entry of `customdata` of the bar that was clicked last, None while none is."""
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
