"""TowPilot and all products side by side, this week, where MRR comes from, what moved."""

import streamlit as st

from eqho.ui import product_lines, queries
from eqho.ui.cards import card
from eqho.ui.charts import series
from eqho.ui.charts.draw import draw
from eqho.ui.layout import header, section
from eqho.ui.pages import movements
from eqho.ui.pages.this_week import this_week

SLUGS = ("arr", "customers", "arpa", "nrr_12m", "customer_churn_rate", "ltv_cac", "payback_months")


def panel(product: str) -> None:
    document = queries.metrics(product)
    points = queries.history_so_far(product, "mrr", *SLUGS)
    with st.container(gap="xsmall", key=f"panel-{product}"):
        section(product_lines.title(product))
        with st.grid(3, min_column_width=150, gap="xsmall") as wall:
            with wall.cell(column_span=2), st.container(key=f"wide-card-{product}"):
                card(document, "mrr", points)
            for slug in SLUGS:
                card(document, slug, points)


header("Overview", queries.metrics("all-products"))
with st.grid(2, min_column_width=340, gap="medium") as sides:
    with sides.cell():
        panel("towpilot")
    with sides.cell():
        panel("all-products")

this_week()

with st.grid(2, min_column_width=340, gap="medium") as below:
    with below.cell():
        section("MRR by product line", "Month ends; the running month is paler.")
        with queries.once_told():
            draw(series.stacked(product_lines.history(months=24), product_lines.currency()), "mrr-by-line")
    with below.cell():
        section("Last month's movements", "Click a bar to see its customers.")
        picked = movements.last_month(product_lines.choice())
movements.customers_behind(picked)
