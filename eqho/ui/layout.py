"""Titles of pages and of their sections."""

from contextlib import AbstractContextManager

import streamlit as st

from eqho.metrics.document_fields import MetricsDocument
from eqho.products import ALL
from eqho.ui import format as fmt
from eqho.ui import not_counted, queries
from eqho.ui.vocabulary import POLICIES


def header(title: str, document: MetricsDocument | None) -> None:
    """The page's title, and for what instant, currency and policy its numbers are, if it has any."""
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
                st.title(title, anchor=False, width="content")
                if document is not None:
                    _out_of_the_ordinary()
            if document is not None:
                st.caption(_basis(document), width="content")
        if document is not None:
            not_counted.other_currencies(document)


def _out_of_the_ordinary() -> None:
    """The sidebar is folded away on a telephone: what must not be missed stands beside the title too."""
    if queries.served(ALL).provenance.source == "demo":
        st.badge("demo data", color="violet", icon=":material/science:")
    if queries.selection().as_of:
        st.badge("a past date", color="orange", icon=":material/history:")
    if queries.app().clock.is_fixed:
        st.badge("clock fixed", color="gray", icon=":material/lock_clock:")


def _basis(document: MetricsDocument) -> str:
    chosen = queries.selection().as_of
    as_of = fmt.instant(fmt.seconds(document.as_of), document.timezone)
    if chosen:
        as_of = f"the end of {fmt.day(chosen.isoformat())}"
    return f"As of {as_of} · {document.currency.upper()} · {POLICIES[document.policy]} policy"


def section(title: str, sentence: str | None = None) -> None:
    with st.container(gap=None):
        st.header(fmt.markdown(title), anchor=False)
        if sentence:
            st.caption(fmt.markdown(sentence))


def steady() -> AbstractContextManager[object]:
    """For sentences that come and go. Streamlit knows what is open by its place on the page: without a place
    of their own, each would close what stands below, and take tabs back to the first one."""
    return st.container(gap="small")
