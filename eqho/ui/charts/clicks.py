"""Clicks on figures and tables that leave their mark in the URL, which is where pages read them from."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from eqho.ui.charts.draw import config, said_instead
from eqho.ui.charts.figures import Chart
from eqho.ui.layout import section


def draw_noting(chart: Chart, key: str, note: Callable[[Any], None]) -> None:
    """Draw a figure; `note` gets the first entry of `customdata` of what is clicked, None when let go."""
    if said_instead(chart):
        return

    def clicked() -> None:
        points = st.session_state[key]["selection"]["points"]
        note(points[0]["customdata"][0] if points else None)

    st.plotly_chart(
        chart.figure,
        key=key,
        height=chart.height,
        config=config(),
        alt=chart.alt,
        on_select=clicked,
        selection_mode="points",
    )


def draw_spanning(chart: Chart, key: str, span: Callable[[Any, Any], None]) -> None:
    """Draw a figure over which one drags: `span` gets the first entries of `customdata` of the least and the
    greatest point that was dragged over, where there are two.

    Streamlit lets a figure hear of clicks or of drags, not of both.
    """
    if said_instead(chart):
        return

    def dragged() -> None:
        selection = st.session_state[key]["selection"]
        found = sorted({point["customdata"][0] for point in selection["points"]})
        if len(found) > 1:
            span(found[0], found[-1])

    chart.figure.layout.update(dragmode="select", selectdirection="h")
    st.plotly_chart(
        chart.figure,
        key=key,
        height=chart.height,
        config=config(),
        alt=chart.alt,
        on_select=dragged,
        selection_mode="box",
    )


def can_only_touch() -> bool:
    """Whether the browser says that it is a telephone's: there a drag scrolls the page."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def closable_section(
    title: str, sentence: str, *, close: Callable[[], None] | None, label: str = "Close"
) -> None:
    """The title of what a click has opened, and the button that lets go of it where there is one."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        section(title, sentence)
        if close:
            st.button(label, icon=":material/close:", type="tertiary", on_click=close, key=f"close-{label}")
