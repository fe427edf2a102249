"""CAC, LTV and payback: what is entered, what is counted, and when there is no number."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from eqho.ledger.build import Ledger
from eqho.metrics.entered import Inputs, Margin, Rate, Spend
from eqho.metrics.unit_economics import gross_margin_of, lifetime_value, spend_of, unit
from eqho.periods import period_of
from eqho.tiers import views
from tests.metrics.as_json import asked, snapshot
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


def in_dollars(row: Spend) -> Fraction | None:
    return Fraction(row.amount) if row.currency == "USD" else None


def test_spend_adds_up_by_category_in_the_months_and_the_currency_asked_for() -> None:
    spend = spend_of(SPEND, ["2026-03", "2026-04", "2026-05"], in_dollars)
    assert spend is not None
    assert spend.by_category == {"ads": Fraction("0.3"), "sales": 300}
    assert spend.total == Fraction("300.3")
    assert spend_of(SPEND, ["2026-03"], in_dollars) is None


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


def test_each_missing_piece_is_named_with_what_to_enter() -> None:
    scene = scene_of(ledger_of(paid("a", 100, "2025-01-01")), "all-products")
    entered = replace(scene, inputs=Inputs(spend=SPEND, margins=MARGINS))
    undefined = snapshot(entered)["undefined"]
    assert undefined["cac_metrics.cac"] == "no new customers in the 3 closed months before"
    assert undefined["ltv_metrics.ltv"] == "no customer churned in the 6 closed months before"
    nothing = snapshot(scene)["undefined"]
    assert nothing["cac_metrics.cac"].endswith(
        "enter it on the page Unit economics or with PUT /api/v1/spend"
    )
    assert nothing["ltv_metrics.gross_margin"].endswith("or with PUT /api/v1/margins")


def company(*, arpa: int, churned: int, new: int) -> Ledger:
    """One hundred customers in 2025, of whom `churned` leave in May 2026, and `new` ones in May."""
    stayed = [paid(f"old{i}", arpa, "2025-01-01") for i in range(100 - churned)]
    left = [paid(f"left{i}", arpa, "2025-01-01", "2026-05-10") for i in range(churned)]
    came = [paid(f"new{i}", arpa, "2026-05-12") for i in range(new)]
    return ledger_of(*stayed, *left, *came)


def spent(amount: int, month: str = "2026-05", product: str | None = None, category: str = "ads") -> Spend:
    return Spend(month, category, Decimal(amount), "USD", product)


def found(ledger: Ledger, product: str = "all-products", **inputs: Any) -> dict[str, Any]:
    return snapshot(replace(scene_of(ledger, product), inputs=Inputs(**inputs)))


MARGIN = (Margin("2026-01", Decimal("0.8")),)


def test_fifty_thousand_for_twenty_five_customers_is_two_thousand() -> None:
    cac = found(company(arpa=100, churned=0, new=25), spend=(spent(50_000),))["cac_metrics"]
    assert (cac["cac"], cac["spend"], cac["new_customers"]) == (2000.0, 50_000.0, 25)
    assert cac["months_without_spend"] == ["2026-03", "2026-04"]


def test_five_hundred_at_eighty_percent_and_five_percent_churn_is_eight_thousand() -> None:
    arpa, margin, churn = Fraction(500), Fraction("0.8"), Fraction("0.05")
    assert unit(None, 0, arpa, margin, churn, None).ltv == 8000


def test_a_cac_of_one_thousand_is_paid_back_in_twelve_and_a_half_months() -> None:
    document = found(company(arpa=100, churned=0, new=4), spend=(spent(4_000),), margins=MARGIN)
    assert document["cac_metrics"]["cac"] == 1000.0
    assert document["cac_metrics"]["payback_months"] == 12.5
    assert document["ltv_metrics"]["ltv"] is None
    assert document["undefined"]["ltv_metrics.ltv"] == "no customer churned in the 6 closed months before"


def test_a_margin_of_nothing_never_pays_back_and_spend_of_nothing_has_no_ratio() -> None:
    document = found(
        company(arpa=100, churned=5, new=4), spend=(spent(0),), margins=(Margin("2026-01", Decimal(0)),)
    )
    assert document["cac_metrics"]["cac"] == 0.0
    assert document["undefined"]["cac_metrics.payback_months"].startswith("gross margin of 0")
    assert (
        document["undefined"]["ltv_metrics.ltv_cac"]
        == "the spend entered for the 3 closed months before is 0"
    )


def test_a_margin_carries_forward_for_twelve_months_and_no_longer() -> None:
    margins = (Margin("2025-06", Decimal("0.8")),)
    assert gross_margin_of(margins, "all-products", "2026-06") == Fraction("0.8")
    assert gross_margin_of(margins, "all-products", "2026-07") is None
    assert gross_margin_of(
        (*margins, Margin("2025-01", Decimal("0.5"), "towpilot")), "towpilot", "2026-06"
    ) == (Fraction("0.8"))


def test_a_line_has_its_own_spend_and_its_share_of_the_companys_by_new_customers() -> None:
    ledger = ledger_of(
        *(paid(f"tow{i}", 100, "2026-05-01") for i in range(3)),
        paid("fleet", 100, "2026-05-01", line="fleetdesk"),
    )
    spend = (spent(400, category="brand"), spent(300, product="towpilot"), spent(70, product="fleetdesk"))
    tow, fleet = (found(ledger, line, spend=spend)["cac_metrics"] for line in ("towpilot", "fleetdesk"))
    assert (tow["spend"], tow["shared_spend"], tow["cac"]) == (600.0, 300.0, 200.0)
    assert (fleet["spend"], fleet["shared_spend"], fleet["cac"]) == (170.0, 100.0, 170.0)
    company_wide = found(ledger, spend=spend)["cac_metrics"]
    assert company_wide["spend"] == tow["spend"] + fleet["spend"] == 770.0
    assert company_wide["cac"] == 192.5
    assert tow["by_category"] == [
        {"category": "ads", "spend": 300.0, "share": 0.5},
        {"category": "brand", "spend": 300.0, "share": 0.5},
    ]


def test_spend_in_another_currency_counts_at_the_rate_of_the_months_end() -> None:
    euros = (Spend("2026-05", "ads", Decimal(900), "EUR"), spent(100))
    rates = (Rate("2026-05-29", "EUR", Decimal("0.9")), Rate("2026-06-01", "EUR", Decimal("0.5")))
    cac = found(company(arpa=100, churned=0, new=4), spend=euros, rates=rates)["cac_metrics"]
    assert (cac["spend"], cac["cac"], cac["spend_apart"]) == (1_100.0, 275.0, [])


def test_spend_without_a_rate_is_apart_and_said() -> None:
    euros = Spend("2026-05", "ads", Decimal(900), "EUR")
    old = (Rate("2026-05-23", "EUR", Decimal("0.9")),)
    ledger = company(arpa=100, churned=0, new=4)
    cac = found(ledger, spend=(euros, spent(100)), rates=old)["cac_metrics"]
    assert (cac["spend"], cac["spend_apart"]) == (100.0, [{"currency": "EUR", "amount": 900.0}])
    only = found(ledger, spend=(euros,), rates=old)
    assert only["cac_metrics"]["cac"] is None
    assert only["undefined"]["cac_metrics.cac"].startswith("the spend entered is in another currency")


ASKED = (date(2026, 1, 1),)


def view(ledger: Ledger, product: str = "all-products", **inputs: Any) -> dict[str, Any]:
    scene = replace(scene_of(ledger, product), inputs=Inputs(**inputs))
    return asked(views.UnitEconomics(*ASKED), scene)


@pytest.mark.parametrize("product", ["all-products", "towpilot"])
def test_each_month_says_what_the_document_said_at_its_end(product: str) -> None:
    ledger = company(arpa=100, churned=5, new=10)
    inputs = Inputs(spend=(*SPEND, spent(77, product="towpilot", category="tow")), margins=MARGINS)
    scene = replace(scene_of(ledger, product), inputs=inputs)
    rows = asked(views.UnitEconomics(*ASKED), scene)["rows"]
    assert [row["period"] for row in rows] == [f"2026-0{month}" for month in range(1, 7)]
    points = asked(
        views.History(("cac", "ltv", "ltv_cac", "payback_months", "monthly_churn"), *ASKED), scene
    )["points"]
    for row, point in zip(rows, points, strict=True):
        at = min(scene.at, period_of(date.fromisoformat(row["period"] + "-01"), "month", scene.zone).end - 1)
        document = snapshot(replace(scene, at=at))
        for name in ("cac", "spend", "new_customers", "by_category", "payback_months"):
            assert row[name] == document["cac_metrics"][name]
        for name in ("ltv", "gross_margin", "monthly_churn", "ltv_cac"):
            assert row[name] == document["ltv_metrics"][name]
        assert row["arpa"] == document["revenue_metrics"]["arpa"]
        assert {name: row[name] for name in point if name in row and name != "open"} == {
            name: point[name] for name in point if name in row and name != "open"
        }


def test_a_month_by_itself_stands_beside_the_trailing_three() -> None:
    rows = view(company(arpa=100, churned=0, new=4), spend=(spent(400), spent(200, "2026-04")))["rows"]
    may = rows[4]
    assert (may["spend"], may["cac"]) == (600.0, 150.0)
    assert (may["month"]["spend"], may["month"]["new_customers"], may["month"]["cac"]) == (400.0, 4, 100.0)


def test_the_payback_of_a_cohort_is_the_first_month_whose_margin_reaches_its_cac() -> None:
    ledger = ledger_of(paid("a", 100, "2026-02-10"), paid("b", 50, "2026-02-12", "2026-04-02"))
    spend = (spent(240, "2026-02"),)
    (cohort,) = view(ledger, spend=spend, margins=MARGIN)["cohorts"]
    # Per customer: 75 × 0.8 in February and March, 50 × 0.8 from April on; CAC 120.
    assert cohort["cumulative_margin"] == [60.0, 120.0, 160.0, 200.0]
    assert (cohort["cohort"], cohort["size"], cohort["cac"], cohort["payback_month"]) == (
        "2026-02",
        2,
        120.0,
        1,
    )
    dear = view(ledger, spend=(spent(2_400, "2026-02"),), margins=MARGIN)
    assert dear["cohorts"][0]["payback_month"] is None
    assert dear["undefined"]["cohorts.0.payback_month"] == "the cohort has not paid back its CAC yet"
    free = view(ledger, margins=MARGIN)
    assert free["cohorts"][0]["cumulative_margin"][0] == 60.0
    assert free["undefined"]["cohorts.0.cac"].startswith(
        "no sales and marketing spend is entered for this month"
    )


def test_a_cohort_of_the_running_month_has_not_paid_back_yet_which_no_entry_would_change() -> None:
    ledger = ledger_of(paid("a", 100, "2026-06-02"))
    told = view(ledger, spend=(spent(100, "2026-06"),), margins=MARGIN)
    (cohort,) = told["cohorts"]
    assert (cohort["cac"], cohort["cumulative_margin"], cohort["payback_month"]) == (100.0, [], None)
    assert told["undefined"]["cohorts.0.payback_month"] == "the cohort has not paid back its CAC yet"


def test_spend_of_a_month_that_is_only_in_a_currency_without_a_rate_is_not_called_missing() -> None:
    euros = Spend("2026-05", "ads", Decimal(900), "EUR")
    told = view(company(arpa=100, churned=0, new=4), spend=(euros,))
    reasons = {
        path: reason for path, reason in told["undefined"].items() if path.endswith((".spend", ".cac"))
    }
    at = next(i for i, row in enumerate(told["rows"]) if row["period"] == "2026-05")
    for path in (f"rows.{at}.spend", f"rows.{at}.month.spend", f"rows.{at}.month.cac"):
        assert reasons[path].startswith("the spend entered is in another currency")


def test_a_category_is_one_whatever_its_case() -> None:
    shares = (spent(100), Spend("2026-04", "Ads", Decimal(50), "USD"))
    cac = found(company(arpa=100, churned=0, new=4), spend=shares)["cac_metrics"]
    assert cac["by_category"] == [{"category": "ads", "spend": 150.0, "share": 1.0}]
