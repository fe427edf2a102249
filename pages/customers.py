"""Every customer, searchable, and one customer's MRR through time."""

from eqho.ui import customer_pages, reading
from eqho.ui.header import header

header("Customers", reading.metrics("all-products"))
if customer := customer_pages.picked():
    customer_pages.one(customer)
else:
    customer_pages.overview(customer_pages.listed())
