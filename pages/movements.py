"""What moved MRR, month by month, and the customers behind every bar and cell."""

import streamlit as st

from eqho.ui import product_lines, queries
from eqho.ui.layout import header
from eqho.ui.pages import movement_months

header("Movements", queries.metrics("all-products"))
product = product_lines.choice()
months, measure = movement_months.months_and_measure()
rows = movement_months.rows(product, months)
picked = movement_months.picked_of(rows)
if picked is None:
    st.caption("No month has begun yet.")
else:
    movement_months.bars(rows, measure, picked, product)
    with st.grid(2, min_column_width=460, gap="medium") as sides:
        with sides.cell():
            movement_months.month(rows, picked, product)
        with sides.cell():
            movement_months.customers(rows, picked, product)
    movement_months.numbers(rows, measure, product)
