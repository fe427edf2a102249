"""The Definitions page: every metric as `eqho.metrics.definitions` has it, with its value now."""

import streamlit as st

from eqho.metrics.definitions import METRICS, VERSION, Definition
from eqho.metrics.document_fields import MetricsDocument
from eqho.ui import cards
from eqho.ui import format as fmt
from eqho.ui.layout import section
from eqho.ui.navigation import PAGES
from eqho.ui.vocabulary import DIRECTIONS, METRIC_GROUPS, UNITS


def picked(document: MetricsDocument | None) -> None:
    """The one in the address, on top, as a card's link asks for it; nothing without one."""
    asked = st.query_params.get("metric")
    if asked is None:
        return
    if asked not in METRICS:
        known = ", ".join(METRICS)
        sentence = f"There is no metric “{asked[:40]}”; known: {known}."
        st.warning(fmt.markdown(sentence), icon=":material/help:")
        return
    section(METRICS[asked].title)
    with st.container(border=True, gap="xsmall"):
        _words(METRICS[asked], document)


def groups(document: MetricsDocument | None) -> None:
    """All of them, by the group of the API's document in which they stand."""
    for group, title in METRIC_GROUPS.items():
        section(title)
        with st.grid(2, min_column_width=340, gap="small") as wall:
            for definition in (one for one in METRICS.values() if one.path.startswith(f"{group}.")):
                with wall.cell(), st.container(border=True, gap="xsmall", height="stretch"):
                    st.subheader(fmt.markdown(definition.title), anchor=definition.slug)
                    _words(definition, document)
    st.caption(f"Definitions of {VERSION}: months are frozen under the definitions of their time.")


def _words(definition: Definition, document: MetricsDocument | None) -> None:
    st.markdown(fmt.markdown(definition.formula))
    if definition.note:
        st.caption(fmt.markdown(definition.note))
    facts = [UNITS[definition.unit], DIRECTIONS[definition.good]]
    if document is not None:
        facts.append(f"now {_now(definition, document)}")
    st.caption(f"{fmt.markdown(' · '.join(facts))} · `{definition.path}`")
    if definition.series:
        st.page_link(
            PAGES / "trends.py",
            label=f"{definition.title} over time",
            icon=":material/show_chart:",
            query_params={"metrics": definition.slug},
        )


def _now(definition: Definition, document: MetricsDocument) -> str:
    number = cards.at(document, definition.path)
    if number is None:
        return f"not defined: {cards.undefined(document, definition)}"
    return fmt.value(number, definition.unit, document.currency)
