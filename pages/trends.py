"""Any series over any range: metrics × products, compared with an earlier range, with notes on days."""

from eqho.ui import annotations, queries
from eqho.ui.layout import header
from eqho.ui.pages import trend_choice, trends
from eqho.ui.pages.restatements import restatements

header("Trends", queries.metrics("all-products"))
shown = trends.read(trend_choice.choose())
noted = annotations.known()
trends.draw(shown, noted)
trends.customers_at(shown.choice)
annotations.manage(noted)
trends.numbers(shown)
for product in shown.choice.products:
    restatements(product)
