"""A past that somebody else has recorded, under its own name beside the figures of the ledger."""

import streamlit as st

from eqho.money import minor_digits
from eqho.sources.told_history import ToldHistory
from eqho.store.base import StoreError
from eqho.sync.told_history import told_history
from eqho.ui import format as fmt
from eqho.ui import queries
from eqho.ui.tables import Column, table

_COLUMNS = (
    Column("day", "Day", "day"),
    Column("product", "Product"),
    Column("currency", "Currency"),
    Column("mrr", "MRR as recorded", "number"),
    Column("customers", "Customers as recorded", "count"),
)


def recorded() -> ToldHistory | None:
    """None where there is none, or while the store does not answer."""
    try:
        found = told_history(queries.app().store)
    except StoreError:
        return None
    return found if found is not None and found.points else None


def draw(history: ToldHistory) -> None:
    """Newest first."""
    st.caption(
        fmt.markdown(
            f"As {history.origin} says it, recorded by whatever fills that table. No figure of this "
            "dashboard is made of it."
        )
    )
    rows = [
        {
            "day": point.day.isoformat(),
            "product": point.product,
            "currency": (point.currency or "").upper(),
            "mrr": None
            if point.mrr is None or point.currency is None
            else float(point.mrr.scaleb(-minor_digits(point.currency))),
            "customers": point.customers,
        }
        for point in reversed(history.points)
    ]
    table(rows, _COLUMNS, key="told-history", empty="", max_rows=12)
