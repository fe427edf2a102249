"""Addresses of one page as another one links to them: relative, so that they hold behind
`server.baseUrlPath` too, and under the policy and for the day that are chosen."""

from urllib.parse import urlencode

import streamlit as st

from eqho.tiers.saved_views import SavedView

_CARRIED = ("policy", "as_of")


def customer(identity: str) -> str:
    return _to("customers", customer=identity)


def customers(status: str) -> str:
    """The list of those of one status."""
    return _to("customers", status=status)


def entry() -> str:
    """Where spend, margins and rates are entered."""
    return _to("unit_economics")


def cash() -> str:
    """With the bills that come next."""
    return _to("cash")


def restatements() -> str:
    """Below the trends, of all products."""
    return _to("trends", products="all-products")


def definition(slug: str) -> str:
    return _to("definitions", metric=slug)


def explained(product: str, first: str, last: str, pick: str = "") -> str:
    """What changed between the ends of two days (ISO); `pick` is a movement."""
    picked = {"pick": pick} if pick else {}
    return _to("explain", **{"product": product, "from": first, "to": last}, **picked)


def saved_view(view: SavedView) -> str:
    """As it was saved, whatever is chosen now."""
    page = view.page or "./"
    return f"{page}?{view.query}" if view.query else page


def _to(page: str, **asked: str) -> str:
    chosen = {key: st.query_params[key] for key in _CARRIED if key in st.query_params}
    query = urlencode(asked | chosen)
    return f"{page}?{query}" if query else page
