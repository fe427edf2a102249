"""Notes on days: what the Trends page draws on its charts, and the form that adds and removes them."""

from collections.abc import Sequence

import streamlit as st

from eqho.errors import BadArgument
from eqho.inputs.annotations import Annotation, Annotations
from eqho.products import ALL
from eqho.store.base import StoreError
from eqho.ui import banners, product_lines, queries
from eqho.ui import format as fmt


def known() -> list[Annotation]:
    """Every note, oldest first; a store that does not answer leaves the charts without notes."""
    try:
        return _annotations().all()
    except StoreError as error:
        banners.unread("Notes", error)
        return []


def manage(notes: Sequence[Annotation]) -> None:
    """A box with the form and the list; it is closed until somebody opens it."""
    with st.expander(f"Notes ({len(notes)})", icon=":material/edit_note:"):
        _form()
        for place, note in enumerate(reversed(notes)):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                about = f"{product_lines.title(note.product)} · {note.text}"
                st.markdown(f"**{fmt.day(note.date)}** · {fmt.markdown(about)}")
                st.button(
                    "Remove",
                    key=f"remove-note-{place}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=_remove,
                    args=(note,),
                )


def _form() -> None:
    with (
        st.form("note", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        day = st.date_input("Day", value=queries.today(), format=fmt.typed_day(), width=150)
        text = st.text_input("What happened", max_chars=120, placeholder="Price rise, outage, campaign…")
        product = st.selectbox(
            "Product", (ALL, *product_lines.keys()), format_func=product_lines.title, width=180
        )
        if st.form_submit_button("Add note", icon=":material/add:") and day is not None:
            try:
                _annotations().add(day.isoformat(), text, product)
            except (BadArgument, StoreError) as error:
                st.error(fmt.markdown(str(error)))
            else:
                st.rerun()


def _remove(note: Annotation) -> None:
    try:
        _annotations().remove(note)
    except StoreError as error:
        st.toast(fmt.markdown(str(error)), icon=":material/error:")


def _annotations() -> Annotations:
    application = queries.app()
    return Annotations(application.store, application.products)
