"""TowPilot and all products side by side, where MRR comes from, and what moved."""

import streamlit as st

from eqho.ui import charts, lines, movements, reading
from eqho.ui.cards import card
from eqho.ui.draw import draw
from eqho.ui.header import header, section

SLUGS = ("arr", "customers", "arpa", "nrr_12m", "customer_churn_rate", "ltv_cac", "payback_months")
SERIES = ("mrr", "arr", "customers", "arpa", "nrr_12m", "customer_churn_rate")


def panel(product: str) -> None:
    document = reading.metrics(product)
    points = reading.history(product, *SERIES)
    with st.container(gap="xsmall"):
        section(lines.title(product))
        with st.grid(3, min_column_width=150, gap="xsmall") as wall:
            with wall.cell(column_span=2):
                card(document, "mrr", points)
            for slug in SLUGS:
                card(document, slug, points)


header("Overview", reading.metrics("all-products"))
with st.grid(2, min_column_width=340, gap="medium") as sides:
    with sides.cell():
        panel("towpilot")
    with sides.cell():
        panel("all-products")

with st.grid(2, min_column_width=340, gap="medium") as below:
    with below.cell():
        section("MRR by product line", "Month ends; the running month is paler.")
        draw(charts.stacked(lines.history(months=24), lines.currency()), "mrr-by-line")
    with below.cell():
        section("Last month's movements", "Click a bar to see its customers.")
        picked = movements.last_month(lines.choice())
movements.customers_behind(picked)

section("What changed this week", "The last 7 days, largest first.")
movements.last_week()
