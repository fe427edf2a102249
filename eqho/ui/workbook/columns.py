"""What stands on each sheet of the workbook, under which title, as what kind of cell."""

from eqho.ui.vocabulary import MOVEMENTS
from eqho.ui.workbook.sheets import Field

_MOVED = [name for name in MOVEMENTS if name != "fx"]
MOVEMENT_MONTHS = (
    Field("product", "Product"),
    Field("period", "Month", "month"),
    Field("start", "Start", "money"),
    *(Field(name, title, "money") for name, title in MOVEMENTS.items()),
    Field("end", "End", "money"),
    Field("customers.start", "Customers at start", "count"),
    *(Field(f"customers.{name}", f"{MOVEMENTS[name]} customers", "count") for name in _MOVED),
    Field("customers.end", "Customers at end", "count"),
    Field("open", "Still open"),
)
CUSTOMERS = (
    Field("name", "Customer", width=34),
    Field("customer", "Stripe id", width=26),
    Field("mrr", "MRR", "money"),
    Field("since", "Since", "day"),
    Field("status", "Status"),
    Field("lines", "Product lines"),
    Field("plans", "Plans", width=34),
    Field("stripe_url", "In Stripe"),
)
ECONOMICS = (
    Field("product", "Product"),
    Field("period", "Month", "month"),
    Field("spend", "Spend, 3 closed months", "money"),
    Field("new_customers", "New customers, 3 closed months", "count"),
    Field("cac", "CAC", "money"),
    Field("arpa", "ARPA", "money"),
    Field("gross_margin", "Gross margin", "rate"),
    Field("monthly_churn", "Monthly churn", "rate"),
    Field("ltv", "LTV", "money"),
    Field("ltv_cac", "LTV / CAC", "ratio"),
    Field("payback_months", "Payback in months", "months"),
    Field("month.spend", "Spend of the month", "money"),
    Field("month.new_customers", "New customers of the month", "count"),
    Field("month.cac", "CAC of the month", "money"),
    Field("open", "Still open"),
)
CASH = (
    Field("product", "Product"),
    Field("period", "Month", "month"),
    Field("paid", "Paid", "money"),
    Field("refunded", "Refunded", "money"),
    Field("credited", "Credited", "money"),
    Field("disputed", "Disputed", "money"),
    Field("failed", "Failed invoices", "count"),
    Field("failed_amount", "Failed", "money"),
    Field("recovered", "Recovered invoices", "count"),
    Field("recovered_amount", "Recovered", "money"),
    Field("recovery_rate", "Recovery rate", "rate"),
    Field("usage_revenue", "Usage revenue", "money"),
    Field("open", "Open at its end", "money"),
    Field("overdue", "Overdue at its end", "money"),
    Field("running", "Still open"),
)
RENEWALS = (
    Field("name", "Customer", width=34),
    Field("customer", "Stripe id", width=26),
    Field("product", "Product"),
    Field("date", "Date", "day"),
    Field("amount", "Amount", "money"),
)
DEFINITIONS = (
    Field("title", "Metric"),
    Field("group", "Group"),
    Field("formula", "Formula", width=70),
    Field("note", "Note", width=70),
    Field("good", "Good news"),
    Field("unit", "Unit"),
    Field("path", "In the API", width=38),
)
UNDEFINED = (
    Field("sheet", "Sheet"),
    Field("product", "Product"),
    Field("period", "Month", "month"),
    Field("field", "What", width=30),
    Field("reason", "Why it is not defined", width=70),
)
