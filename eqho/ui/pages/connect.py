"""How the dashboard comes to real figures: what to set for each source, and whether what is set answers."""

from collections.abc import Iterator
from functools import partial

import streamlit as st

from eqho.sources.base import Identified, SourceError
from eqho.sources.stripe.kinds import REQUIRED_KINDS, STRIPE_KINDS
from eqho.store.base import StoreError
from eqho.ui import format as fmt
from eqho.ui import queries
from eqho.ui.layout import section
from eqho.ui.tables import Column, table

_PERMISSIONS = (
    Column("permission", "Tick “Read” for"),
    Column("lost", "Without it is lost", width=560),
)

_ANSWERS = "connection-answers"
_SHOWN = {
    "answers": partial(st.success, icon=":material/check_circle:"),
    "lacks": partial(st.warning, icon=":material/key_off:"),
    "fails": partial(st.error, icon=":material/error:"),
    "nothing": partial(st.info, icon=":material/science:"),
}

Answer = tuple[str, str]
"""What became of one question, by `_SHOWN`, and the sentence."""


def is_connected() -> bool:
    """Whether anything else than demo data is shown: until then how to connect comes first."""
    return queries.app().settings.source != "demo"


def steps() -> None:
    """One box for each thing that can be connected; open while demo data is shown."""
    section("Connect", "What to set for real figures, and whether what is set answers.")
    with st.expander("Stripe", icon=":material/payments:", expanded=not is_connected()):
        st.markdown(
            "In Stripe's dashboard, under *Developers → API keys*, make a **restricted key** with these "
            "permissions, set `STRIPE_SECRET_KEY` to it in the environment or in `.env`, and start again. "
            "Nothing is ever written to Stripe."
        )
        table(permissions(), _PERMISSIONS, key="permissions", empty="", max_rows=12)
    with st.expander("Supabase", icon=":material/database:"):
        st.markdown(
            "Where Stripe is mirrored into a Supabase project, set `SUPABASE_URL` to the project's address "
            "and `SUPABASE_KEY` to a key that may read the tables, leave `STRIPE_SECRET_KEY` unset, and "
            "start again. With both set Stripe is read, and Supabase stands in where Stripe refuses the key."
        )
    with st.expander("MongoDB", icon=":material/storage:"):
        st.markdown(
            "Without it the history is kept in a file of `EQHO_DATA_DIR`. To keep it in MongoDB set "
            "`MONGODB_URL`, whose user needs `readWrite` on `MONGODB_DATABASE`, and start again."
        )
    if st.button("Check the connections", icon=":material/network_check:", key="check-connections"):
        with st.spinner("Asking…", show_time=True):
            # Kept, or they would be gone with the next refresh of the page.
            st.session_state[_ANSWERS] = [*_source(), *_store()]
    for kind, sentence in st.session_state.get(_ANSWERS, ()):
        _SHOWN[kind](fmt.markdown(sentence))


def permissions() -> list[dict[str, str]]:
    """Each permission with what is lost without it, those first without which there is no number."""
    lost: dict[str, list[str]] = {}
    for name in sorted(STRIPE_KINDS, key=lambda name: name not in REQUIRED_KINDS):
        kind = STRIPE_KINDS[name]
        said = lost.setdefault(kind.permission, [])
        if kind.lost not in said:
            said.append(kind.lost)
    return [{"permission": permission, "lost": "; ".join(said)} for permission, said in lost.items()]


def _source() -> Iterator[Answer]:
    source = queries.app().source
    if source.name == "demo":
        yield "nothing", "Neither Stripe nor Supabase is set: demo data is shown."
        return
    name = source.name.capitalize()
    try:
        # The account is asked at once; what a key may read is looked at seldom and remembered.
        account = source.account() if isinstance(source, Identified) else None
        issues = source.check()
    except SourceError as why:
        yield "fails", f"{name}: {why}"
        return
    whose = f" for {account}" if account else ""
    yield "answers", f"{name} answers{whose}."
    for issue in issues:
        yield "lacks", issue.message


def _store() -> Iterator[Answer]:
    application = queries.app()
    backend = application.tiers.statistics()["l2"]["backend"]
    try:
        application.store.generation()
    except StoreError as why:
        yield "fails", f"The store ({backend}): {why}"
        return
    if away := application.tiers.outage():
        yield "fails", f"The store ({backend}) does not answer: {away[1]}"
    else:
        yield "answers", f"The store ({backend}) answers."
