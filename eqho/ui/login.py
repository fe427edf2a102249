"""The door: who is not admitted sees a sentence and a button, and no figure."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from eqho.security import admission
from eqho.settings import Settings
from eqho.ui import format as fmt


def admitted(settings: Settings) -> bool:
    """Whether the page may be drawn; draws the reason where it may not."""
    auth = _auth_secrets()
    claims = dict(st.user.to_dict()) if auth else {}
    user = claims if claims.get("is_logged_in") is True else None
    match admission(settings, provider=bool(auth), user=user):
        case "open":
            return True
        case "admitted":
            _signed_in(user or {})
            return True
        case "login":
            _login(auth)
        case "refused":
            st.error(
                f"{fmt.markdown(str((user or {}).get('email', 'This account')))} may not see these figures: "
                "ask the owner to add the address to EQHO\\_ALLOWED\\_EMAILS."
            )
            st.button("Log out", on_click=st.logout)
        case "no_provider":
            st.error(
                "EQHO_ALLOWED_EMAILS is set, but there is nothing to log in with: add an [auth] section to "
                ".streamlit/secrets.toml, or clear the setting."
            )
    return False


def _auth_secrets() -> Mapping[str, Any]:
    try:
        auth: Mapping[str, Any] = st.secrets.get("auth", {})
    except StreamlitSecretNotFoundError:
        return {}
    return auth


def _login(auth: Mapping[str, Any]) -> None:
    st.title("Eqho Metrics")
    st.write("Log in to see the figures.")
    if "client_id" in auth:
        st.button("Log in", type="primary", on_click=st.login)
        return
    for name in (name for name, section in auth.items() if isinstance(section, Mapping)):
        st.button(f"Log in with {name.capitalize()}", type="primary", on_click=st.login, args=(name,))


def _signed_in(user: Mapping[str, Any]) -> None:
    with st.sidebar.container(horizontal=True, vertical_alignment="center"):
        st.caption(fmt.markdown(str(user.get("email", ""))))
        st.button("Log out", type="tertiary", on_click=st.logout)
