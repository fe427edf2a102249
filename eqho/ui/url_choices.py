"""Choices of several, and days, that live in the URL: `?metrics=mrr,customers&from=2025-01-01`."""

from collections.abc import Callable, Collection, Sequence
from datetime import date

import streamlit as st

from eqho.ui.url_state import begins, keep, kept


def several(
    key: str,
    default: Sequence[str],
    options: Collection[str],
    draw: Callable[[str], Sequence[str]],
    *,
    canonical: Callable[[str], str] = str.strip,
) -> list[str]:
    """Draw a widget of many options under `key`, as `address.chosen` does of one; none chosen is `default`.

    What the URL asks for and nobody knows is left out and told by `unknown`.
    """
    given = st.query_params.get(key)
    if begins(key):
        asked = [canonical(word) for word in given.split(",")] if given else kept(key, default)
        known = list(dict.fromkeys(word for word in asked if word in options))
        st.session_state[f"unknown_{key}"] = [word for word in asked if word not in options]
        st.session_state[key] = known or list(default)
    value = list(draw(key)) or list(default)
    _publish(key, value, ",".join(value), is_default=value == list(default))
    return value


def unknown(key: str) -> list[str]:
    """What the URL asked for under `key` and nobody knows."""
    words: list[str] = st.session_state.get(f"unknown_{key}", [])
    return words


def day(key: str, default: date, latest: date, draw: Callable[[str], date | None]) -> date:
    """Draw a date widget under `key` that starts with the URL's day; what is no day counts as `default`."""
    if begins(key):
        given = st.query_params.get(key)
        st.session_state[key] = min(_as_day(given) or kept(key, default), latest)
    value = draw(key) or default
    _publish(key, value, value.isoformat(), is_default=False)
    return value


def text(key: str, draw: Callable[[str], str]) -> str:
    """Draw a text widget under `key` that starts with the URL's text."""
    if begins(key):
        st.session_state[key] = st.query_params.get(key, kept(key, ""))
    value = draw(key)
    _publish(key, value, value, is_default=not value)
    return value


def _publish(key: str, value: object, address: str, *, is_default: bool) -> None:
    """Into the URL, and where it outlives pages that do not draw the widget."""
    keep(key, value)
    if not is_default:
        st.query_params[key] = address
    elif key in st.query_params:
        del st.query_params[key]


def _as_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
