"""What is left of the customers and the MRR that began in each month."""

from eqho.ui import cohort_tables, reading
from eqho.ui.header import header

header("Cohorts", reading.metrics("all-products"))
choice = cohort_tables.choose()
cohorts = cohort_tables.read(choice)
cohort_tables.heat(choice, cohorts)
cohort_tables.customers(choice)
cohort_tables.numbers(choice, cohorts)
