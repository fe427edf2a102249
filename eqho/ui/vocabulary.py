"""Every word for a code: what pages, charts and tables call what the API calls by its own name."""

from typing import Literal

from eqho.metrics.definitions import Direction, Unit
from eqho.metrics.forecast_methods import Method

Measure = Literal["mrr", "customers"]

POLICIES = {"eqho": "Eqho", "stripe": "Stripe parity"}
"""Conventions in which tools differ."""

EXPORT_KINDS = {
    "auto": "Recognise it",
    "stripe": "Stripe",
    "chartmogul": "ChartMogul",
    "baremetrics": "Baremetrics",
    "profitwell": "ProfitWell",
}
"""Tools whose exports can be compared."""

MEASURES: dict[Measure, str] = {"mrr": "MRR", "customers": "Customers"}
"""What movements, cohorts and restatements are counted in."""

MOVEMENTS = {
    "new": "New",
    "reactivation": "Reactivation",
    "expansion": "Expansion",
    "entering": "Entering",
    "contraction": "Contraction",
    "churn": "Churn",
    "leaving": "Leaving",
    "fx": "FX",
}
"""In the order in which they lead from the start of a period to its end."""

FORECAST_METHODS: dict[Method, str] = {
    "drivers": "The company's own movement rates",
    "damped_trend": "A trend that fades out",
    "same_growth": "Same growth as last month",
    "no_change": "No change",
}
"""Ways to carry MRR on."""

STATUSES = {
    "active": "Active",
    "past_due": "Past due",
    "cancelling": "Cancelling",
    "trialing": "Trialing",
    "free_period": "Free period",
    "paused": "Paused",
    "free": "Free",
    "other_currency": "Other currency",
    "unpaid": "Unpaid",
    "churned": "Churned",
    "never_paid": "Never paid",
}
"""Of a customer."""

STATES = {"active": "Active", "past_due": "Past due", "paused": "Paused", "free_period": "Free period"}
"""Of a stretch of a subscription."""

EVIDENCE = {
    "event": "Stripe event",
    "schedule": "Subscription schedule",
    "proration": "Proration line",
    "invoice": "Invoice line",
    "sighting": "First seen by a sync",
    "today": "Subscription today",
}
"""What a stretch rests on, strongest first."""

UNITS: dict[Unit, str] = {
    "money": "an amount of money",
    "count": "a count",
    "rate": "a percentage",
    "ratio": "a ratio",
    "months": "months",
}

DIRECTIONS: dict[Direction, str] = {
    "up": "more is better",
    "down": "less is better",
    "neutral": "neither way is better",
}

METRIC_GROUPS = {
    "revenue_metrics": "Revenue",
    "customer_metrics": "Customers",
    "movement_metrics": "Movements",
    "retention_metrics": "Retention",
    "cash_metrics": "Cash",
    "trial_metrics": "Trials",
    "cac_metrics": "Acquisition cost",
    "ltv_metrics": "Lifetime value",
}
"""Of the API's metrics document."""
COPY_STATES = {
    "sending": "going out now",
    "sent": "sent",
    "waiting": "not taken, is tried again",
    "unsure": "cut off while it went out: it may not have arrived",
    "given up": "given up after three days",
}
