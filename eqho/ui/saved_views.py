"""Saved views in the sidebar: their links, and what names, renames and deletes them."""

from collections.abc import Callable
from urllib.parse import urlencode

import streamlit as st

from eqho.errors import BadArgument, WrittenMeanwhile
from eqho.store.base import StoreError
from eqho.tiers.saved_views import LONGEST_NAME, SavedView
from eqho.ui import format as fmt
from eqho.ui.links import saved_view
from eqho.ui.navigation import Place
from eqho.ui.queries import app


def draw(place: Place) -> None:
    """Call inside `st.sidebar`; the list is drawn last, when what was asked for is done."""
    listed = st.container(gap=None)
    with st.expander("Save this view", icon=":material/bookmark_add:"):
        with st.form("save-view", border=False, clear_on_submit=True):
            name = st.text_input(
                "Name",
                max_chars=LONGEST_NAME,
                key="view-name",
                help="This page with what is chosen on it, the policy and the day. Everybody who opens the "
                "dashboard sees it.",
            )
            wanted = st.form_submit_button("Save view", width="stretch")
        if wanted:
            query = urlencode(st.query_params.to_dict())
            _do(lambda: app().views.save(name, place.address, query))
        if app().views.all():
            _manage()
    with listed:
        _links()


def _links() -> None:
    views = app().views.all()
    if views:
        st.caption("Saved views")
        st.markdown("\n".join(f"- [{fmt.markdown(one.name)}]({saved_view(one)})" for one in views))


def _manage() -> None:
    with st.form("change-view", border=False, clear_on_submit=True):
        view: SavedView | None = st.selectbox(
            "Rename or delete",
            app().views.all(),
            index=None,
            format_func=lambda one: one.name,
            key="changed-view",
            placeholder="A saved view",
        )
        name = st.text_input("New name", max_chars=LONGEST_NAME, key="view-new-name")
        with st.container(horizontal=True):
            renamed = st.form_submit_button("Rename view")
            deleted = st.form_submit_button("Delete view")
    if view is None:
        if renamed or deleted:
            st.warning("Choose the view first.", icon=":material/help:")
    elif renamed:
        _do(lambda: app().views.rename(view.id, name))
    elif deleted:
        _do(lambda: app().views.delete(view.id))


def _do(change: Callable[[], object]) -> None:
    try:
        change()
    except (BadArgument, StoreError, WrittenMeanwhile) as why:
        st.error(fmt.markdown(str(why)), icon=":material/error:")
