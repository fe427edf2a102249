"""What is left of the customers and the MRR that began in each month."""

from eqho.ui import queries
from eqho.ui.layout import header
from eqho.ui.pages import cohorts

header("Cohorts", queries.metrics("all-products"))
choice = cohorts.choose()
rows = cohorts.read(choice)
cohorts.heat(choice, cohorts.of_last_months(choice, rows))
cohorts.customers(choice)
cohorts.numbers(choice, rows)
