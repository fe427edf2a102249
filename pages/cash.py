"""Cash: collected, given back, failed and recovered, waited for, and billed next."""

import streamlit as st

from eqho.ui import product_lines, queries
from eqho.ui.layout import header
from eqho.ui.pages import cash

header("Cash", queries.metrics("all-products"))
product = product_lines.choice()
cash.cards(product)
found = cash.months(product)
if found.rows:
    with st.grid(2, min_column_width=340, gap="medium") as sides:
        with sides.cell():
            cash.waited_for(product, found)
        with sides.cell():
            cash.next_bills(product, found)
