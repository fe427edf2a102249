"""Any series over any range: metrics × products, compared with an earlier range, with notes on days."""

from eqho.ui import notes, reading, trends
from eqho.ui.header import header
from eqho.ui.restatements import restatements

header("Trends", reading.metrics("all-products"))
shown = trends.read(trends.choose())
noted = notes.known()
trends.draw(shown, noted)
trends.customers_at(shown.choice)
notes.manage(noted)
trends.numbers(shown)
for product in shown.choice.products:
    restatements(product)
