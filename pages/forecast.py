"""MRR of the next twelve months with its band and back-test, and the goals that are set."""

from eqho.ui import product_lines, queries
from eqho.ui.layout import header
from eqho.ui.pages import forecast, goals

header("Forecast & goals", queries.metrics("all-products"))
product = product_lines.choice()
rows = goals.of(product)
forecast.forecast(product, goals.targets(rows))
goals.goals(product, rows)
