"""How the dashboard comes to real figures: what to set for each source, and whether what is set answers."""

import streamlit as st

from eqho.sources.base import Identified, SourceError
from eqho.sources.stripe.kinds import REQUIRED_KINDS, STRIPE_KINDS
from eqho.store.base import StoreError
from eqho.ui import format as fmt
from eqho.ui import queries
from eqho.ui.tables import Column, table

_PERMISSIONS = (
    Column("permission", "Tick “Read” for"),
    Column("lost", "Without it is lost", width=560),
)


def steps() -> None:
    """One box for each thing that can be connected; open while demo data is shown."""
    source = queries.app().settings.source
    with st.expander("Stripe", icon=":material/payments:", expanded=source == "demo"):
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
            "start again."
        )
    with st.expander("MongoDB", icon=":material/storage:"):
        st.markdown(
            "Without it the history is kept in a file of `EQHO_DATA_DIR`. To keep it in MongoDB set "
            "`MONGODB_URL`, whose user needs `readWrite` on `MONGODB_DATABASE`, and start again."
        )
    if st.button("Check the connections", icon=":material/network_check:", key="check-connections"):
        with st.spinner("Asking…", show_time=True):
            _source()
            _store()


def permissions() -> list[dict[str, str]]:
    """Each permission with what is lost without it, those first without which there is no number."""
    lost: dict[str, list[str]] = {}
    for name in sorted(STRIPE_KINDS, key=lambda name: name not in REQUIRED_KINDS):
        kind = STRIPE_KINDS[name]
        said = lost.setdefault(kind.permission, [])
        if kind.lost not in said:
            said.append(kind.lost)
    return [{"permission": permission, "lost": "; ".join(said)} for permission, said in lost.items()]


def _source() -> None:
    source = queries.app().source
    if source.name == "demo":
        st.info("Neither Stripe nor Supabase is set: demo data is shown.", icon=":material/science:")
        return
    name = source.name.capitalize()
    try:
        # The account is asked at once; what a key may read is looked at seldom and remembered.
        account = source.account() if isinstance(source, Identified) else None
        issues = source.check()
    except SourceError as why:
        st.error(fmt.markdown(f"{name}: {why}"), icon=":material/error:")
        return
    whose = f" for {account}" if account else ""
    st.success(fmt.markdown(f"{name} answers{whose}."), icon=":material/check_circle:")
    for issue in issues:
        st.warning(fmt.markdown(issue.message), icon=":material/key_off:")


def _store() -> None:
    application = queries.app()
    backend = application.tiers.statistics()["l2"]["backend"]
    try:
        application.store.generation()
    except StoreError as why:
        st.error(fmt.markdown(f"The store ({backend}): {why}"), icon=":material/error:")
        return
    if away := application.tiers.outage():
        st.error(fmt.markdown(f"The store ({backend}) does not answer: {away[1]}"), icon=":material/error:")
    else:
        st.success(fmt.markdown(f"The store ({backend}) answers."), icon=":material/check_circle:")
