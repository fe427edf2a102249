"""What a customer costs and brings, and the spend and margins that it rests on."""

import streamlit as st

from eqho.ui import product_lines, queries
from eqho.ui.layout import header, section
from eqho.ui.pages import entry, unit_economics

header("Unit economics", queries.metrics("all-products"))
product = product_lines.choice()
entry.sample_note()
unit_economics.cards(product)
with queries.once_told():
    found = unit_economics.over_time(product)
    with st.grid(2, min_column_width=340, gap="medium") as sides:
        with sides.cell():
            unit_economics.payback(product, found.cohorts)
        with sides.cell():
            unit_economics.categories(product, found.rows)
unit_economics.by_line()
unit_economics.what_if(product)
section("What you enter", "Saved for everybody and seen in every number at once; each change can be undone.")
entry.entry()
