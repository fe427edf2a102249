"""The button that hands over the whole picture as an Excel workbook."""

from functools import partial

import streamlit as st

from eqho.ui import queries
from eqho.ui.workbook import Asked, workbook

_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def button(key: str) -> None:
    """Built when it is clicked, under the policy and for the day that the sidebar shows now."""
    application, asked = queries.app(), Asked(*queries.selection())
    st.download_button(
        "Excel workbook",
        partial(workbook, application.tiers, application.products, asked),
        f"eqho-metrics-{queries.last_day()}.xlsx",
        _MIME,
        key=key,
        icon=":material/table_view:",
        on_click="ignore",
        help="Summary, movements, cohorts, customers, unit economics, cash and definitions, under the policy "
        "and for the day that are chosen.",
    )
