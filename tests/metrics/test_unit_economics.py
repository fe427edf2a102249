"""CAC, LTV and payback: what is entered, what is counted, and when there is no number."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from eqho.metrics.document import snapshot
from eqho.metrics.entered import Inputs, Margin, Spend
from eqho.metrics.unit_economics import gross_margin_of, lifetime_value, spend_of
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of

SPEND = (
    Spend("2026-04", "ads", Decimal("0.1"), "USD"),
    Spend("2026-05", "ads", Decimal("0.2"), "USD"),
    Spend("2026-05", "sales", Decimal(300), "USD"),
    Spend("2026-05", "ads", Decimal(999), "EUR"),
    Spend("2026-01", "ads", Decimal(999), "USD"),
)
MARGINS = (
    Margin("2026-01", Decimal("0.8")),
    Margin("2026-04", Decimal("0.75")),
    Margin("2026-02", Decimal("0.6"), "towpilot"),
)


def test_spend_adds_up_by_category_in_the_months_and_the_currency_asked_for() -> None:
    spend = spend_of(SPEND, ["2026-03", "2026-04", "2026-05"], "usd")
    assert spend is not None
    assert spend.by_category == {"ads": Fraction("0.3"), "sales": 300}
    assert spend.total == Fraction("300.3")
    assert spend_of(SPEND, ["2026-03"], "usd") is None


@pytest.mark.parametrize(
    ("product", "month", "margin"),
    [
        ("all-products", "2026-03", "0.8"),
        ("all-products", "2026-04", "0.75"),
        ("towpilot", "2026-06", "0.6"),
        ("towpilot", "2026-01", "0.8"),
        ("fleetdesk", "2026-06", "0.75"),
    ],
)
def test_the_latest_margin_of_the_product_counts_else_the_companys(
    product: str, month: str, margin: str
) -> None:
    assert gross_margin_of(MARGINS, product, month) == Fraction(margin)


def test_no_margin_before_the_first_one() -> None:
    assert gross_margin_of(MARGINS, "all-products", "2025-12") is None


def test_lifetime_value() -> None:
    assert lifetime_value(Fraction(100), Fraction("0.8"), 0.05, None) == pytest.approx(1600)
    assert lifetime_value(Fraction(100), None, 0.05, None) == pytest.approx(2000)


def test_at_zero_churn_it_is_not_defined_but_for_stripe_sixty_months() -> None:
    assert lifetime_value(Fraction(100), Fraction("0.8"), 0.0, None) is None
    assert lifetime_value(Fraction(100), Fraction("0.8"), 0.0, 60) == 4800
    assert lifetime_value(Fraction(100), Fraction("0.8"), None, 60) is None


def test_each_missing_piece_is_named() -> None:
    scene = scene_of(ledger_of(paid("a", 100, "2025-01-01")), "all-products")
    entered = replace(scene, inputs=Inputs(spend=SPEND, margins=MARGINS))
    undefined = snapshot(entered)["undefined"]
    assert undefined["cac_metrics.cac"] == "no new customers in the 3 closed months before"
    assert undefined["ltv_metrics.ltv"] == "no customer churned in the 6 closed months before"
    assert snapshot(scene)["undefined"]["ltv_metrics.gross_margin"] == "no gross margin is entered"


def test_a_product_line_has_no_spend_of_its_own() -> None:
    scene = scene_of(ledger_of(paid("a", 100, "2026-05-01")), "towpilot")
    found = snapshot(replace(scene, inputs=Inputs(spend=SPEND)))
    assert found["cac_metrics"]["by_category"] == []
    reason = "spend is entered for the whole company, not per product line"
    assert found["undefined"]["cac_metrics.cac"] == reason
