"""`/metrics/…`: every field of API.md, with the numbers of the small company."""

from collections.abc import Callable
from typing import Any

import pytest

from eqho.metrics.definitions import METRICS

Get = Callable[..., Any]

NO_SPEND = (
    "no sales and marketing spend is entered for the 3 closed months before: "
    "enter it on the page Unit economics or with PUT /api/v1/spend"
)
NO_CHURN = "no customer churned in the 6 closed months before"


def _leave_out_what_api_md_does_not_name(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """A metric more is its own test's matter; that nothing undeclared is answered is test_contract's."""
    for path in (definition.path for definition in METRICS.values()):
        group, _, name = path.partition(".")
        if name not in expected[group]:
            del found[group][name]
            found["undefined"].pop(path, None)


def test_the_document_of_a_product_line(get: Get) -> None:
    found = get("metrics/towpilot")
    provenance = found.pop("provenance")
    expected: dict[str, Any] = {
        "product": "towpilot",
        "timestamp": "2026-11-22T12:00:00Z",
        "as_of": "2026-11-22T12:00:00Z",
        "currency": "USD",
        "timezone": "UTC",
        "policy": "eqho",
        "definition": "2026-11",
        "customer_metrics": {
            "customers": 2, "free_customers": 0, "trialing_customers": 0, "new": 1, "reactivated": 0,
            "churned": 1, "entered": 0, "left": 0, "total_customers": 2, "towpilot_customers": 2,
            "other_customers": 0,
        },
        "revenue_metrics": {
            "mrr": 400.0, "arr": 4_800.0, "arpa": 200.0, "asp": 300.0, "acv": 2_400.0, "subscriptions": 2,
            "at_risk_mrr": 0.0, "scheduled_churn_mrr": 0.0, "committed_mrr": 400.0, "paused_mrr": 0.0,
            "usage_revenue": 0.0, "mrr_growth_month": pytest.approx(400 / 500 - 1), "mrr_growth_year": None,
            "top10_share": 1.0,
        },
        "movement_metrics": {
            "period": "2026-11", "start": 500.0, "new": 300.0, "reactivation": 0.0, "expansion": 0.0,
            "entering": 0.0, "contraction": 0.0, "churn": 400.0, "leaving": 0.0, "fx": 0.0, "end": 400.0,
            "net_new": -100.0, "quick_ratio": 0.75,
        },
        "retention_metrics": {
            "period": "2026-10", "customer_churn_rate": 0.0, "gross_mrr_churn_rate": 0.0,
            "net_mrr_churn_rate": 0.0, "nrr_12m": None, "grr_12m": None,
        },
        "cash_metrics": {
            "period": "2026-10", "paid": 0.0, "refunded": None, "failed": 0, "recovered": 0,
            "recovery_rate": None, "open": 0.0, "overdue": 0.0,
        },
        "trial_metrics": {"trialing": 0, "ended": 0, "converted": 0, "conversion_rate": None},
        "cac_metrics": {
            "cac": None, "spend": None, "shared_spend": None, "new_customers": 2, "by_category": [],
            "months_without_spend": ["2026-08", "2026-09", "2026-10"], "spend_apart": [],
            "payback_months": None,
        },
        "ltv_metrics": {
            "ltv": None, "basis": "revenue", "gross_margin": None, "monthly_churn": 0.0, "ltv_cac": None,
        },
        "tiers": [
            {"tier": "Heavy Duty", "customers": 0, "mrr": 0.0, "arpa": None, "share": 0.0},
            {"tier": "Medium Duty", "customers": 0, "mrr": 0.0, "arpa": None, "share": 0.0},
            {"tier": "Standard", "customers": 0, "mrr": 0.0, "arpa": None, "share": 0.0},
            {"tier": "Basic/Light", "customers": 1, "mrr": 300.0, "arpa": 300.0, "share": 0.75},
            {"tier": "Other/Custom", "customers": 1, "mrr": 100.0, "arpa": 100.0, "share": 0.25},
        ],
        "undefined": {
            "revenue_metrics.mrr_growth_year": "no MRR at the end of 2025-11-22",
            "retention_metrics.nrr_12m": "no MRR 12 months before",
            "retention_metrics.grr_12m": "no MRR 12 months before",
            "cash_metrics.refunded": "Stripe's refunds name no invoice: they are known for all products "
            "together only",
            "cash_metrics.recovery_rate": "no invoice failed in the period",
            "trial_metrics.conversion_rate": "no trial ended in the running month",
            "cac_metrics.cac": NO_SPEND,
            "cac_metrics.spend": NO_SPEND,
            "cac_metrics.shared_spend": NO_SPEND,
            "cac_metrics.payback_months": NO_SPEND,
            "ltv_metrics.ltv": NO_CHURN,
            "ltv_metrics.gross_margin": "no gross margin is entered for this month or the 12 before: "
            "enter it on the page Unit economics or with PUT /api/v1/margins",
            "ltv_metrics.ltv_cac": NO_CHURN,
            "tiers.0.arpa": "no customers in this tier",
            "tiers.1.arpa": "no customers in this tier",
            "tiers.2.arpa": "no customers in this tier",
        },
        "issues": [],
    }  # fmt: skip
    _leave_out_what_api_md_does_not_name(found, expected)
    assert found == expected
    assert provenance.pop("age_seconds") < 20
    assert provenance == {
        "tier": "L3", "source": "stripe", "build": 1, "stale": False, "stale_reason": None,
    }  # fmt: skip


def test_every_number_that_is_null_has_its_reason(get: Get) -> None:
    found = get("metrics/all-products")
    reasons = found.pop("undefined")
    missing = {path for path in _nulls(found, "") if not path.startswith("provenance.")}
    assert missing == set(reasons)


def _nulls(value: Any, path: str) -> set[str]:
    if value is None:
        return {path}
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: set[str] = set()
    for key, inner in below:
        found |= _nulls(inner, f"{path}.{key}" if path else str(key))
    return found


def test_all_products_lists_the_lines_in_place_of_tiers(get: Get) -> None:
    found = get("metrics/all-products")
    assert found["tiers"] == []
    assert found["products"] == [
        {"product": "towpilot", "customers": 2, "mrr": 400.0, "share": 1.0},
        {"product": "fleetdesk", "customers": 0, "mrr": 0.0, "share": 0.0},
        {"product": "roadcall", "customers": 0, "mrr": 0.0, "share": 0.0},
        {"product": "other", "customers": 0, "mrr": 0.0, "share": 0.0},
        {"product": "unmapped", "customers": 0, "mrr": 0.0, "share": 0.0},
    ]
    assert "products" not in get("metrics/towpilot")


@pytest.mark.parametrize("slug", ["all_products", "ALL-PRODUCTS", "fleetdesk", "other", "unmapped"])
def test_every_product_can_be_asked_for(get: Get, slug: str) -> None:
    assert get(f"metrics/{slug}")["product"] == slug.lower().replace("_", "-")


def test_as_of_a_day_is_its_end(get: Get) -> None:
    found = get("metrics/towpilot", as_of="2026-11-09")
    assert (found["as_of"], found["revenue_metrics"]["mrr"]) == ("2026-11-09T23:59:59Z", 800.0)
    assert get("metrics/towpilot", as_of="2026-11-10")["revenue_metrics"]["mrr"] == 400.0
    closed = get("metrics/towpilot", as_of="2026-10-31")
    assert closed["movement_metrics"]["period"] == "2026-10"
    assert closed["revenue_metrics"]["mrr"] == 500.0


def test_the_other_policy(get: Get) -> None:
    found = get("metrics/towpilot", policy="stripe")
    assert found["policy"] == "stripe"
    # Rolling 30 days to the end of October: nobody of those of 1 October left.
    assert found["retention_metrics"]["customer_churn_rate"] is not None


def test_the_summary_has_both_products_side_by_side(get: Get) -> None:
    row = {
        "customers": 2, "mrr": 400.0, "arr": 4_800.0, "acv": 2_400.0, "arpa": 200.0, "nrr_12m": None,
        "customer_churn_rate": 0.0, "ltv": None, "cac": None, "ltv_cac": None, "payback_months": None,
        "gross_margin": None,
    }  # fmt: skip
    assert get("metrics/summary") == {"towpilot": row, "all_products": row}
    assert get("metrics/summary", as_of="2026-10-31")["towpilot"]["mrr"] == 500.0
