"""TowPilot: revenue, customers, retention, CAC, LTV, pricing tiers, trials, and MRR at risk."""

import streamlit as st

from eqho.metrics.definitions import METRICS
from eqho.ui import customer_lists, product_lines, queries
from eqho.ui.cards import card, wall
from eqho.ui.charts import series
from eqho.ui.charts.draw import draw
from eqho.ui.layout import header, section
from eqho.ui.pages import movements
from eqho.ui.tables import Column, table

PRODUCT = "towpilot"
REVENUE = (
    "mrr", "arr", "arpa", "net_new",
    "acv", "committed_mrr", "at_risk_mrr", "usage_revenue",
)  # fmt: skip
CUSTOMERS = (
    "customers", "subscriptions", "customer_churn_rate", "nrr_12m",
    "grr_12m", "gross_mrr_churn_rate", "net_mrr_churn_rate", "quick_ratio",
)  # fmt: skip
SERIES = tuple(slug for slug in (*REVENUE, *CUSTOMERS) if METRICS[slug].series)
TIERS = (
    Column("tier", "Tier"),
    Column("customers", "Customers", "count"),
    Column("mrr", "MRR", "money"),
    Column("arpa", "ARPA", "money"),
    Column("share", "Share", "file"),
)
CATEGORIES = (
    Column("category", "Category"),
    Column("spend", "Spend", "money"),
    Column("share", "Share", "share"),
)

document = queries.metrics(PRODUCT)
points = queries.history_so_far(PRODUCT, *SERIES)
currency = document.currency

header("TowPilot", document)

section("Revenue")
wall(document, REVENUE, points)

with st.grid(2, min_column_width=340, gap="medium") as course:
    with course.cell():
        section("MRR", "Month ends; the running month is dotted.")
        with queries.once_told():
            course_of_mrr = product_lines.history(24, of=(PRODUCT,))[0]
            draw(series.trend(course_of_mrr, METRICS["mrr"], currency), "mrr-trend")
    with course.cell():
        section("Last month's movements", "Click a bar to see its customers.")
        picked = movements.last_month(PRODUCT)
movements.customers_behind(picked)

section("Customers and retention", customer_lists.movement_sentence(document))
wall(document, CUSTOMERS, points)

with st.grid(2, min_column_width=340, gap="medium") as cost_and_value:
    with cost_and_value.cell():
        section("Acquisition cost")
        wall(document, ("cac", "payback_months"), columns=2)
        table(document.cac_metrics.by_category, CATEGORIES, key="cac-by-category", currency=currency,
              empty="Enter sales and marketing spend to see CAC by category.")  # fmt: skip
    with cost_and_value.cell():
        section("Lifetime value", customer_lists.lifetime_sentence(document))
        wall(document, ("ltv", "ltv_cac"), columns=2)

section("Pricing tiers", "By what a customer pays per month.")
with st.grid(2, min_column_width=340, gap="medium") as tiers:
    with tiers.cell():
        draw(series.tier_bars(document.tiers, currency, product_lines.colour(PRODUCT)), "tiers")
    with tiers.cell():
        table(document.tiers, TIERS, key="tiers-table", currency=currency, empty="No tier has a customer.")

section("Trials", customer_lists.trial_sentence(document))
with st.grid(4, min_column_width=165) as trials:
    with trials.cell():
        card(document, "conversion_rate")
    with trials.cell(column_span=3):
        customer_lists.trials(PRODUCT, currency)

with st.grid(2, min_column_width=340, gap="medium") as risks:
    with risks.cell():
        section("At risk", customer_lists.at_risk_sentence(document))
        customer_lists.at_risk(PRODUCT, currency)
    with risks.cell():
        section("Scheduled churn", customer_lists.scheduled_churn_sentence(document))
        customer_lists.scheduled_churn(PRODUCT, currency)
