"""Choices that live in the URL under the words of the API: `?policy=stripe&product=towpilot`.

Streamlit's own `bind` writes an option's label into the URL; a label is not an address.
"""

from collections.abc import Callable, Collection
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PAGE, _GONE_BACK_TO = "page", "gone_back_to"
_KEPT, _DRAWN_ON = "kept_", "drawn_on_"


def arrived(page: str) -> None:
    """Call once in a run, before any choice is drawn. After Back or Forward the address alone says what is
    chosen: nothing that was chosen since counts on that page."""
    running = get_script_run_ctx()
    if running is not None and running.is_history_navigation:
        for name in [name for name in st.session_state if str(name).startswith(_DRAWN_ON)]:
            del st.session_state[name]
        st.session_state[_GONE_BACK_TO] = page
    elif st.session_state.get(_GONE_BACK_TO) != page:
        st.session_state.pop(_GONE_BACK_TO, None)
    st.session_state[_PAGE] = page


def chosen(key: str, default: str, options: Collection[str], draw: Callable[[str], str | None]) -> str:
    """Draw a widget under `key` that starts with the URL's value; its value goes back into the URL.

    The choice outlives pages that do not draw the widget. An option that is not known counts as none.
    """
    wrong = f"wrong_{key}"
    given = st.query_params.get(key)
    asked = canonical(given) if given is not None else kept(key, default)
    if asked not in options:
        st.session_state[wrong] = given
    if begins(key):
        st.session_state[key] = asked if asked in options else default
    value = draw(key) or default
    keep(key, value)
    if value != default:
        st.session_state.pop(wrong, None)
        st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]
    return value


def begins(key: str) -> bool:
    """Whether the widget under `key` is drawn for the first time on the present page.

    Streamlit forgets its value between two pages, also where both draw it.
    """
    page, drawn_on = st.session_state.get(_PAGE), f"{_DRAWN_ON}{key}"
    first = key not in st.session_state or st.session_state.get(drawn_on) != page
    st.session_state[drawn_on] = page
    return first


def kept(key: str, default: Any) -> Any:
    """What was chosen under `key` on another page."""
    gone_back = _GONE_BACK_TO in st.session_state
    return default if gone_back else st.session_state.get(f"{_KEPT}{key}", default)


def keep(key: str, value: object) -> None:
    """For pages to come, also past some that do not draw the widget."""
    st.session_state[f"{_KEPT}{key}"] = value


def misspelt(key: str) -> str | None:
    """What the URL asked for under `key` and nobody knows, until something else is chosen."""
    asked: str | None = st.session_state.get(f"wrong_{key}")
    return asked


def canonical(word: str) -> str:
    """The API takes `all_products` for `all-products`; so does the URL."""
    return word.strip().lower().replace("_", "-")
