"""The metrics document: each formula of METRICS.md on numbers that can be worked out in the head."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from eqho.ledger.spans import State
from eqho.metrics.entered import Inputs, Margin, Spend
from eqho.metrics.unit_economics import NO_SPEND
from eqho.periods import periods
from tests.ledger.stripe_account import at
from tests.metrics.as_json import bridge_rows, cohort_rows, points, snapshot
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of

YEAR = ledger_of(
    paid("kept", 100, "2025-01-10"),
    paid("grew", 100, "2025-01-10", "2026-05-02"),
    paid("grew", 150, "2026-05-02"),
    paid("shrank", 100, "2025-01-10", "2026-05-03"),
    paid("shrank", 60, "2026-05-03"),
    paid("left", 100, "2025-01-10", "2026-05-04"),
    paid("young", 90, "2026-05-05"),
    paid("asleep", 70, "2025-02-01", state=State.PAUSED),
    paid("late", 80, "2025-06-15", state=State.PAST_DUE),
    paid("ending", 20, "2026-01-01", requested="2026-06-01"),
)


def test_revenue():
    revenue = snapshot(scene_of(YEAR, "all-products"))["revenue_metrics"]
    assert revenue["mrr"] == 100 + 150 + 60 + 90 + 80 + 20
    assert revenue["arr"] == 6000.0
    assert revenue["arpa"] == 83.33
    assert revenue["acv"] == 1000.0
    assert revenue["at_risk_mrr"] == 80.0
    assert revenue["paused_mrr"] == 70.0
    assert (revenue["scheduled_churn_mrr"], revenue["committed_mrr"]) == (20.0, 480.0)
    assert revenue["top10_share"] == 1.0
    assert revenue["mrr_growth_month"] == 0.0
    assert revenue["mrr_growth_year"] == pytest.approx(500 / 480 - 1)


def test_retention_is_of_the_last_closed_month_and_the_year_before_its_end():
    retention = snapshot(scene_of(YEAR, "all-products"))["retention_metrics"]
    assert retention["period"] == "2026-05"
    assert retention["customer_churn_rate"] == 1 / 6
    assert retention["gross_mrr_churn_rate"] == (100 + 40) / 500
    assert retention["net_mrr_churn_rate"] == (100 + 40 - 50) / 500
    assert retention["nrr_12m"] == (100 + 150 + 60) / 400
    assert retention["grr_12m"] == (100 + 100 + 60) / 400


def test_stripes_churn_counts_a_rolling_month_and_ends_when_it_was_asked_for():
    """Within 30 days before June 15th: 6 paying, of whom `ending` asked to go on June 1st."""
    found = snapshot(scene_of(YEAR, "all-products", policy="stripe"))
    assert found["retention_metrics"]["customer_churn_rate"] == 1 / 6
    assert found["revenue_metrics"]["mrr"] == 480.0


def test_who_left_thirty_days_ago_to_the_second_was_not_there_any_more():
    told = ledger_of(
        paid("left_then", 10, "2026-01-01", "2026-05-16"),
        paid("left_later", 10, "2026-01-01", "2026-05-17"),
        paid("stays", 10, "2026-01-01"),
    )
    found = snapshot(scene_of(told, "all-products", policy="stripe"))
    assert found["retention_metrics"]["customer_churn_rate"] == 1 / 2


def test_what_is_not_known_is_null_with_its_reason():
    found = snapshot(scene_of(ledger_of(), "towpilot"))
    undefined = found["undefined"]
    assert found["revenue_metrics"]["arpa"] is None
    assert undefined["revenue_metrics.arpa"] == "no paying customers"
    assert undefined["retention_metrics.nrr_12m"] == "no MRR 12 months before"
    assert undefined["retention_metrics.customer_churn_rate"] == "no customers at the start of the period"
    assert undefined["ltv_metrics.ltv"] == "no paying customers"
    assert undefined["cac_metrics.cac"] == NO_SPEND
    assert undefined["tiers.0.arpa"] == "no customers in this tier"


def test_every_null_has_a_reason():
    found = snapshot(scene_of(YEAR, "all-products"))

    def nulls(value, path=""):
        pairs = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, inner in pairs:
            here = f"{path}.{key}" if path else str(key)
            yield from [here] if inner is None else nulls(inner, here)

    assert set(nulls(found)) == set(found["undefined"])


def test_revenue_ltv_then_ltv_cac_and_payback_once_they_are_entered():
    """6 customers pay 500; December to May 1 churned of 5 + 5 + 6 + 6 + 6 + 6; 1 new from March on."""
    scene = scene_of(YEAR, "all-products")
    before = snapshot(scene)
    churn = 1 / (5 + 5 + 6 + 6 + 6 + 6)
    assert before["ltv_metrics"]["monthly_churn"] == pytest.approx(churn)
    assert before["ltv_metrics"]["basis"] == "revenue"
    assert before["ltv_metrics"]["ltv"] == pytest.approx(500 / 6 / churn, abs=0.01)
    entered = Inputs(
        spend=(
            Spend("2026-04", "ads", Decimal(300), "USD"),
            Spend("2026-05", "sales", Decimal(100), "USD"),
            Spend("2026-01", "ads", Decimal(9999), "USD"),
        ),
        margins=(Margin("2026-01", Decimal("0.8")),),
    )
    found = snapshot(replace(scene, inputs=entered))
    assert found["cac_metrics"]["cac"] == 400.0
    assert found["cac_metrics"]["by_category"] == [
        {"category": "ads", "spend": 300.0, "share": 0.75},
        {"category": "sales", "spend": 100.0, "share": 0.25},
    ]
    assert found["cac_metrics"]["payback_months"] == pytest.approx(400 / (500 / 6 * 0.8))
    assert found["ltv_metrics"]["basis"] == "gross_margin"
    assert found["ltv_metrics"]["ltv_cac"] == pytest.approx(500 / 6 * 0.8 / churn / 400)


def test_tiers_begin_at_their_floor():
    ledger = ledger_of(
        paid("a", 1000, "2026-01-01"), paid("b", 999.99, "2026-01-01"), paid("c", 400, "2026-01-01"),
        paid("d", 12, "2026-01-01"),
    )  # fmt: skip
    assert [(t["tier"], t["customers"]) for t in snapshot(scene_of(ledger, "towpilot"))["tiers"]] == [
        ("Heavy Duty", 1), ("Medium Duty", 1), ("Standard", 1), ("Basic/Light", 0), ("Other/Custom", 1),
    ]  # fmt: skip


def test_product_lines_stand_beside_each_other_and_sum_up():
    ledger = ledger_of(paid("a", 300, "2026-01-01"), paid("b", 100, "2026-01-01", line="fleetdesk"))
    found = snapshot(scene_of(ledger, "all-products"))
    assert [(p["product"], p["mrr"], p["share"]) for p in found["products"]] == [
        ("towpilot", 300.0, 0.75), ("fleetdesk", 100.0, 0.25), ("roadcall", 0.0, 0.0), ("other", 0.0, 0.0),
        ("unmapped", 0.0, 0.0),
    ]  # fmt: skip
    assert found["customer_metrics"]["towpilot_customers"] == 1
    assert found["customer_metrics"]["other_customers"] == 1


def test_the_bridge_adds_up_to_both_totals_and_names_the_subscriptions():
    ledger = ledger_of(
        paid("plain", 100, "2026-01-01"),
        paid("forever", 80, "2026-01-01", gross=100),
        paid("launch", 50, "2026-01-01", stripe=90, gross=100),
        paid("asleep", 40, "2026-01-01", state=State.PAUSED),
        paid("ending", 30, "2026-01-01", requested="2026-06-01"),
    )
    rows = {r["step"]: r for r in bridge_rows(scene_of(ledger, "all-products"))}
    assert {step: row["amount"] for step, row in rows.items()} == {
        "List MRR": 370.0,
        "Forever coupons": -30.0,
        "Repeating coupons": -40.0,
        "Paused subscriptions": -40.0,
        "Free periods": 0.0,
        "eqho": 260.0,
        "Repeating coupons are not subtracted": 40.0,
        "Cancellation counts when it is requested": -30.0,
        "stripe": 270.0,
    }
    assert rows["Paused subscriptions"]["subscriptions"] == ["sub_asleep_towpilot"]
    assert rows["eqho"]["amount"] == snapshot(scene_of(ledger, "all-products"))["revenue_metrics"]["mrr"]
    stripe = snapshot(scene_of(ledger, "all-products", policy="stripe"))["revenue_metrics"]["mrr"]
    assert rows["stripe"]["amount"] == stripe


def test_cohorts_keep_a_returner_in_its_first_month_and_leave_open_months_empty():
    ledger = ledger_of(
        paid("a", 100, "2026-01-10"),
        paid("b", 50, "2026-01-20", "2026-02-10"),
        paid("b", 70, "2026-03-05"),
        paid("c", 30, "2026-03-09"),
        now="2026-04-15",
    )
    scene = scene_of(ledger, "towpilot")
    assert cohort_rows(scene, "customers") == [
        {"cohort": "2026-01", "size": 2, "values": [2, 1, 2, None]},
        {"cohort": "2026-03", "size": 1, "values": [1, None]},
    ]
    assert cohort_rows(scene, "mrr")[0]["values"] == [150.0, 100.0, 170.0, None]


def test_the_first_instant_of_a_month_begins_its_cohort():
    told = ledger_of(paid("at_midnight", 10, "2026-03-01"), paid("before", 10, "2026-02-28"))
    rows = cohort_rows(scene_of(told, "all-products"), "customers")
    assert [(row["cohort"], row["size"]) for row in rows] == [("2026-02", 1), ("2026-03", 1)]


def test_history_has_one_point_for_every_period_it_touches():
    scene = scene_of(YEAR, "all-products")
    spring = periods(date(2026, 4, 15), date(2026, 6, 1), "month", scene.zone)
    found = points(scene, ["mrr", "customers", "nrr_12m"], spring)
    assert [(p["date"], p["mrr"], p["customers"], p["open"]) for p in found] == [
        ("2026-04-30", 500.0, 6, False),
        ("2026-05-31", 500.0, 6, False),
        ("2026-06-30", 500.0, 6, True),
    ]
    assert found[1]["nrr_12m"] == (100 + 150 + 60) / 400


def test_a_day_of_the_past_is_read_at_its_end():
    earlier = snapshot(scene_of(YEAR, "all-products", at("2026-05-03") - 1))
    assert earlier["revenue_metrics"]["mrr"] == 100 + 150 + 100 + 100 + 80 + 20
    assert earlier["as_of"] == "2026-05-02T23:59:59Z"
