"""All product lines compared: MRR, share, customers, ARPA, growth, and what is mapped to none of them."""

from eqho.metrics.definitions import METRICS
from eqho.ui import not_counted, product_lines, queries
from eqho.ui.cards import wall
from eqho.ui.charts import series
from eqho.ui.charts.draw import draw
from eqho.ui.layout import header, section
from eqho.ui.tables import Column, table

SLUGS = ("mrr", "arr", "customers", "arpa", "nrr_12m", "customer_churn_rate", "top10_share", "net_new")
SERIES = ("mrr", "arr", "customers", "arpa", "nrr_12m", "customer_churn_rate", "net_new")
LINES = [
    Column("name", "Line"),
    Column("mrr", "MRR", "money"),
    Column("share", "Share", "share"),
    Column("customers", "Customers", "count", help="A customer of two lines counts in both."),
    Column("arpa", "ARPA", "money"),
    Column("growth", "This month", "rate", help=METRICS["mrr_growth_month"].help),
    Column("history", "13 months", "series", parts=product_lines.month_ends()),
]

document = queries.metrics("all-products")
currency = document.currency
compared = product_lines.compared(document)

header("All products", document)
wall(document, SLUGS, queries.history_so_far("all-products", *SERIES))

section("Product lines")
table(compared, LINES, key="product-lines", currency=currency, empty="No product line has MRR yet.")
draw(series.share_bar(compared, currency), "shares")
not_counted.unmapped(compared, currency)

section("MRR by product line", "Month ends; the running month is paler.")
with queries.once_told():
    draw(series.stacked(product_lines.history(months=36), currency), "mrr-by-line-36")
