"""Choices that live in the URL under the words of the API: `?policy=stripe&product=towpilot`.

Streamlit's own `bind` writes an option's label into the URL; a label is not an address.
"""

from collections.abc import Callable, Collection

import streamlit as st

PAGE = "page"
"""Where the shell keeps the name of the present page in the session."""


def chosen(key: str, default: str, options: Collection[str], draw: Callable[[str], str | None]) -> str:
    """Draw a widget under `key` that starts with the URL's value; its value goes back into the URL.

    The choice outlives pages that do not draw the widget. An option that is not known counts as none.
    """
    kept, wrong = f"kept_{key}", f"wrong_{key}"
    given = st.query_params.get(key)
    asked = canonical(given) if given is not None else st.session_state.get(kept, default)
    if asked not in options:
        st.session_state[wrong] = given
    if begins(key):
        st.session_state[key] = asked if asked in options else default
    value = draw(key) or default
    st.session_state[kept] = value
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
    page, drawn_on = st.session_state.get(PAGE), f"drawn_on_{key}"
    first = key not in st.session_state or st.session_state.get(drawn_on) != page
    st.session_state[drawn_on] = page
    return first


def misspelt(key: str) -> str | None:
    """What the URL asked for under `key` and nobody knows, until something else is chosen."""
    asked: str | None = st.session_state.get(f"wrong_{key}")
    return asked


def canonical(word: str) -> str:
    """The API takes `all_products` for `all-products`; so does the URL."""
    return word.strip().lower().replace("_", "-")
