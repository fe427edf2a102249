"""Titles of pages and of their sections."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from eqho.ui import format as fmt
from eqho.ui.queries import selection
from eqho.ui.vocabulary import POLICIES


def header(title: str, document: Mapping[str, Any] | None) -> None:
    """The page's title, and for what instant, currency and policy its numbers are, if it has any."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(title, anchor=False, width="content")
        if document is not None:
            st.caption(_basis(document), width="content")


def _basis(document: Mapping[str, Any]) -> str:
    chosen = selection().as_of
    as_of = fmt.instant(fmt.seconds(document["as_of"]), document["timezone"])
    if chosen:
        as_of = f"the end of {fmt.day(chosen)}"
    return f"As of {as_of} · {document['currency'].upper()} · {POLICIES[document['policy']]} policy"


def section(title: str, sentence: str | None = None) -> None:
    with st.container(gap=None):
        st.header(fmt.markdown(title), anchor=False)
        if sentence:
            st.caption(fmt.markdown(sentence))
