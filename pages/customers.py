"""Every customer, searchable, and one customer's MRR through time."""

from eqho.ui import queries
from eqho.ui.layout import header
from eqho.ui.pages import customers

header("Customers", queries.metrics("all-products"))
if customer := customers.picked():
    customers.one(customer)
else:
    customers.overview(customers.listed())
