"""What made MRR go from one value to another, between any two days."""

from eqho.ui import product_lines, queries
from eqho.ui.layout import header
from eqho.ui.pages import explain

header("Explain a change", queries.metrics("all-products"))
product = product_lines.choice()
explain.explain(product, explain.days())
