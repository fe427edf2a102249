# ruff: noqa: E501
"""A hand-made metrics document in the shape of API.md."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from eqho.metrics.definitions import METRICS
from eqho.metrics.document_fields import MetricsDocument

NOW = int(datetime.fromisoformat("2026-11-22T12:00:00Z").timestamp())
LINES = {"towpilot": 0.6, "fleetdesk": 0.25, "roadcall": 0.1, "other": 0.0, "unmapped": 0.05}
TIERS = (
    ("Heavy Duty", 9, 13_500.0),
    ("Medium Duty", 22, 14_300.0),
    ("Standard", 25, 10_750.0),
    ("Basic/Light", 18, 5_940.0),
    ("Other/Custom", 9, 1_510.0),
)


def document(product: str = "all-products", *, mrr: float = 46_000.0, customers: int = 83) -> MetricsDocument:
    """A metrics document with CAC, LTV and quick ratio not defined."""
    answer: dict[str, Any] = {
        "product": product,
        "timestamp": "2026-11-22T12:00:00Z",
        "as_of": "2026-11-22T12:00:00Z",
        "currency": "USD",
        "timezone": "UTC",
        "policy": "eqho",
        "definition": "2026-11",
        "customer_metrics": {
            "customers": customers, "free_customers": 2, "trialing_customers": 4, "new": 5, "reactivated": 1,
            "churned": 2, "entered": 0, "left": 0, "total_customers": 120, "towpilot_customers": 83,
            "other_customers": 37,
        },
        "revenue_metrics": {
            "mrr": mrr, "arr": 12 * mrr, "arpa": round(mrr / customers, 2) if customers else None, "asp": 410.0,
            "acv": 6_120.5, "subscriptions": 90, "at_risk_mrr": 980.0, "scheduled_churn_mrr": 450.0,
            "committed_mrr": mrr - 450.0, "paused_mrr": 300.0, "usage_revenue": 215.4, "mrr_growth_month": 0.031,
            "mrr_growth_year": 0.42, "top10_share": 0.38,
        },
        "movement_metrics": {
            "period": "2026-11", "start": mrr - 1_400, "new": 2_050.0, "reactivation": 250.0, "expansion": 600.0,
            "entering": 0.0, "contraction": 300.0, "churn": 1_200.0, "leaving": 0.0, "fx": 0.0, "end": mrr,
            "net_new": 1_400.0, "quick_ratio": 1.9,
        },
        "retention_metrics": {
            "period": "2026-10", "customer_churn_rate": 0.025, "gross_mrr_churn_rate": 0.031,
            "net_mrr_churn_rate": 0.012, "nrr_12m": 1.08, "grr_12m": 0.86,
        },
        "cash_metrics": {
            "period": "2026-10", "paid": 61_000.0, "refunded": 120.0, "failed": 4, "recovered": 3,
            "recovery_rate": 0.75, "open": 900.0, "overdue": 300.0,
        },
        "trial_metrics": {"trialing": 4, "ended": 3, "converted": 2, "conversion_rate": 0.6667},
        "cac_metrics": {
            "cac": None, "spend": None, "shared_spend": None, "new_customers": 14, "by_category": [], "payback_months": None,
            "months_without_spend": ["2026-08", "2026-09", "2026-10"], "spend_apart": [],
        },
        "ltv_metrics": {
            "ltv": 22_168.67, "basis": "revenue", "gross_margin": None, "monthly_churn": 0.025, "ltv_cac": None,
        },
        "tiers": [
            {"tier": name, "customers": n, "mrr": amount, "arpa": round(amount / n, 2), "share": amount / 46_000}
            for name, n, amount in TIERS
        ] if product == "towpilot" else [],
        "undefined": {
            "cac_metrics.cac": "no sales and marketing spend is entered for the 3 closed months before",
            "cac_metrics.spend": "no sales and marketing spend is entered for the 3 closed months before",
            "cac_metrics.payback_months": "no sales and marketing spend is entered for the 3 closed months before",
            "ltv_metrics.gross_margin": "no gross margin is entered",
            "ltv_metrics.ltv_cac": "no sales and marketing spend is entered for the 3 closed months before",
        },
        "issues": [],
    }  # fmt: skip
    for path in (definition.path for definition in METRICS.values()):
        group, _, name = path.partition(".")
        if name not in answer[group]:
            answer[group][name] = None
            answer["undefined"][path] = "not in the fake"
    if product == "all-products":
        answer["products"] = [
            {"product": key, "customers": round(120 * share), "mrr": round(mrr * share, 2), "share": share}
            for key, share in LINES.items()
        ]
    return msgspec.convert(answer, MetricsDocument)


def moved_by_rates() -> MetricsDocument:
    """MRR went from 1,000 to 1,150, 50 of which exchange rates took."""
    told = document(mrr=1_150.0)
    amounts = {"start": 1_000.0, "new": 200.0, "fx": -50.0, "end": 1_150.0, "net_new": 200.0}
    none = dict.fromkeys(("reactivation", "expansion", "contraction", "churn"), 0.0)
    return replace(told, movement_metrics=replace(told.movement_metrics, **amounts, **none))
