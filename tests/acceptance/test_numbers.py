"""What the API says of the known company equals what was worked out on paper, to the cent."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import Dashboard
from tests.acceptance.known_company import TOWPILOT_MRR
from tests.services.stripe_server import StripeServer

SCHEMAS = Path(__file__).parents[1] / "fixtures" / "stripe_shapes" / "schemas.json"


@pytest.fixture(scope="session")
def towpilot(known: Dashboard) -> Any:
    return known.get("metrics/towpilot")


@pytest.fixture(scope="session")
def everything(known: Dashboard) -> Any:
    return known.get("metrics/all-products")


@pytest.fixture(scope="session")
def mrr_by_customer(known: Dashboard) -> dict[str, float]:
    rows = known.get("customers/towpilot", limit="1000")["rows"]
    return {row["name"]: row["mrr"] for row in rows}


@pytest.mark.parametrize(("customer", "mrr"), TOWPILOT_MRR.items())
def test_mrr_of_one_customer(mrr_by_customer: dict[str, float], customer: str, mrr: float) -> None:
    assert mrr_by_customer[customer] == mrr


def test_whoever_else_has_subscribed_pays_nothing(mrr_by_customer: dict[str, float]) -> None:
    """Free, gone, paused, never paid, on trial, or in another currency; the internal account is not there."""
    others = {name: mrr for name, mrr in mrr_by_customer.items() if name not in TOWPILOT_MRR}
    assert others == {
        "expired": 0, "free": 0, "gone": 0, "incomplete": 0, "kuwait": 0, "paused": 0, "tokyo": 0,
        "trialpaused": 0, "trying": 0, "unpaid": 0,
    }  # fmt: skip


def test_revenue_of_towpilot(towpilot: Any) -> None:
    """6,118.49 + 108⅓ + 21⅔ + 863 7/9 + 30 5/12 = 7,142.6844…"""
    revenue = towpilot["revenue_metrics"]
    assert revenue["mrr"] == 7_142.68
    assert revenue["arr"] == 85_712.21  # × 12
    assert revenue["arpa"] == 264.54  # / 27 customers
    assert revenue["subscriptions"] == 27
    assert revenue["acv"] == 3_174.53  # ARR / 27 subscriptions
    assert revenue["at_risk_mrr"] == 250.00
    assert revenue["scheduled_churn_mrr"] == 450.00
    assert revenue["committed_mrr"] == 6_692.68
    assert revenue["paused_mrr"] == 700.00
    assert revenue["usage_revenue"] == 60.00  # (30 + 60 + 90) / 3
    assert revenue["asp"] == 1_000.00
    assert towpilot["currency"] == "USD"


def test_customers_of_towpilot(towpilot: Any) -> None:
    assert towpilot["customer_metrics"] == {
        "customers": 27, "free_customers": 1, "trialing_customers": 1, "new": 1, "reactivated": 0,
        "churned": 1, "entered": 0, "left": 0, "total_customers": 179, "towpilot_customers": 27,
        "other_customers": 152,
    }  # fmt: skip


def test_movements_of_the_running_month(towpilot: Any) -> None:
    movement = towpilot["movement_metrics"]
    assert (movement["period"], movement["start"], movement["end"]) == ("2026-11", 6_642.68, 7_142.68)
    assert (movement["new"], movement["churn"], movement["net_new"]) == (1_000.00, 500.00, 500.00)
    assert (movement["expansion"], movement["contraction"], movement["quick_ratio"]) == (0.0, 0.0, 2.0)


def test_pricing_tiers_by_what_a_customer_pays(towpilot: Any) -> None:
    """1,000.00 is Heavy Duty, 500.00 Medium Duty, 400.00 Standard, 300.00 Basic/Light, 299.99 is not."""
    rows = [(t["tier"], t["customers"], t["mrr"], t["arpa"]) for t in towpilot["tiers"]]
    assert rows == [
        ("Heavy Duty", 1, 1_000.00, 1_000.00),
        ("Medium Duty", 3, 2_263.78, 754.59),  # 863.78 + 500 + 900
        ("Standard", 2, 850.00, 425.00),  # 400 + 450
        ("Basic/Light", 3, 950.00, 316.67),  # 300 + 300 + 350
        ("Other/Custom", 18, 2_078.91, 115.49),
    ]
    assert sum(t["share"] for t in towpilot["tiers"]) == pytest.approx(1)


def test_stripes_glossary_example(known: Dashboard) -> None:
    """100 customers at $100 a month and 50 at $600 a year: $12,500."""
    found = known.get("metrics/fleetdesk")
    assert found["revenue_metrics"]["mrr"] == 12_500.00
    assert found["customer_metrics"]["customers"] == 150
    assert found["revenue_metrics"]["arpa"] == 83.33


def test_all_products_and_the_line_of_each(everything: Any) -> None:
    rows = [(p["product"], p["customers"], p["mrr"]) for p in everything["products"]]
    assert rows == [
        ("towpilot", 27, 7_142.68),
        ("fleetdesk", 150, 12_500.00),
        ("roadcall", 1, 40.00),  # its product's metadata names the line
        ("other", 1, 45.00),  # tagged gym
        ("unmapped", 1, 15.00),  # neither product nor customer says
    ]
    revenue = everything["revenue_metrics"]
    assert (revenue["mrr"], revenue["arr"]) == (19_742.68, 236_912.21)
    # Who has bought of two lines is one customer with two subscriptions.
    assert everything["customer_metrics"]["customers"] == 179
    assert (revenue["subscriptions"], revenue["arpa"], revenue["acv"]) == (180, 110.29, 1_316.18)


def test_the_summary_says_the_same(known: Dashboard) -> None:
    summary = known.get("metrics/summary")
    assert (summary["towpilot"]["mrr"], summary["all_products"]["mrr"]) == (7_142.68, 19_742.68)
    assert (summary["towpilot"]["acv"], summary["all_products"]["arpa"]) == (3_174.53, 110.29)


def test_what_was_left_out_is_named(everything: Any) -> None:
    found = {(issue["code"], issue["count"]) for issue in everything["issues"]}
    assert found == {("excluded", 1), ("unmapped", 1), ("currency_apart", 1)}
    apart = {i["message"].split(" of MRR")[0] for i in everything["issues"] if i["code"] == "currency_apart"}
    assert apart == {"5,000 JPY", "10.500 KWD"}


def test_parity_with_stripes_dashboard(known: Dashboard) -> None:
    """The repeating coupon is not subtracted (+ 100), a requested cancellation has left (− 450)."""
    found = known.get("metrics/towpilot", policy="stripe")
    assert (found["revenue_metrics"]["mrr"], found["customer_metrics"]["customers"]) == (6_792.68, 26)


def test_the_bridge_explains_the_difference(known: Dashboard) -> None:
    rows = {row["step"]: row for row in known.get("bridge/towpilot")["rows"]}
    assert rows["List MRR"]["amount"] == 8_512.68
    assert rows["Forever coupons"] == {
        "step": "Forever coupons", "amount": -570.00,  # 400 + 20 + 100 + 50
        "subscriptions": ["sub_amountoff", "sub_half", "sub_member", "sub_onlyone"],
    }  # fmt: skip
    assert rows["Repeating coupons"] == {
        "step": "Repeating coupons", "amount": -100.00, "subscriptions": ["sub_repeating"],
    }  # fmt: skip
    assert rows["Paused subscriptions"]["amount"] == -700.00
    assert (rows["eqho"]["amount"], rows["stripe"]["amount"]) == (7_142.68, 6_792.68)


def test_the_end_of_october(known: Dashboard) -> None:
    """Without the new customer of November (1,000), with the one who left on the 10th (500)."""
    found = known.get("metrics/towpilot", as_of="2026-10-31")
    assert (found["revenue_metrics"]["mrr"], found["customer_metrics"]["customers"]) == (6_642.68, 27)


def test_yen_have_no_cents(run: Run, known_stripe: StripeServer) -> None:
    dashboard = run(**of_stripe(known_stripe), EQHO_CURRENCY="jpy")
    found = dashboard.get("metrics/all-products")
    revenue = found["revenue_metrics"]
    assert (found["currency"], revenue["mrr"], revenue["arr"], revenue["arpa"]) == (
        "JPY",
        5_000,
        60_000,
        5_000,
    )
    assert found["customer_metrics"]["customers"] == 1
    apart = {i["message"].split(" of MRR")[0] for i in found["issues"] if i["code"] == "currency_apart"}
    assert apart == {"19,742.68 USD", "10.500 KWD"}


def test_the_hand_written_objects_are_of_stripes_shape(known_stripe: StripeServer) -> None:
    """Every field that is there is one of Stripe's and of its type; many are left out."""
    document = _without_required(json.loads(SCHEMAS.read_text()))
    for kind in ("product", "price", "coupon", "customer", "subscription", "invoice"):
        schema = Draft202012Validator({**document, "$ref": f"#/schemas/{kind}"})
        filters = {"status": "all"} if kind == "subscription" else {}
        bodies = list(known_stripe.account.every(kind, **filters))
        assert len(bodies) >= 5, kind
        assert [e.message for body in bodies for e in schema.iter_errors(body)] == [], kind


def _without_required(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_required(value) for key, value in schema.items() if key != "required"}
    return [_without_required(each) for each in schema] if isinstance(schema, list) else schema
