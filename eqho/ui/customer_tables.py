"""What every list of customers shares: the click that opens one of them."""

from collections.abc import Sequence

import streamlit as st

from eqho.ui import product_lines
from eqho.ui.navigation import PAGES
from eqho.ui.tables import Column, Row, Rows, table

_OPENED = "opened_customer"


def customer_table(
    rows: Rows, columns: Sequence[Column], *, key: str, empty: str, max_rows: int = 10
) -> None:
    """As `tables.table`, in the reporting currency; rows hold the Stripe id under `customer`."""
    table(
        rows,
        columns,
        key=key,
        currency=product_lines.currency(),
        empty=empty,
        max_rows=max_rows,
        picked=_open,
    )
    # A callback cannot change the page.
    if opened := st.session_state.pop(_OPENED, None):
        st.switch_page(str(PAGES / "customers.py"), query_params={"customer": opened})


def _open(row: Row, _: str) -> None:
    st.session_state[_OPENED] = row["customer"]
