"""CAC, LTV and payback through the API: what is entered, and what comes out of it."""

from typing import Any

import pytest

from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator.account import StripeAccount
from tests.api.conftest import Client, Get, at, subscribed
from tests.services.plain_account import NOW, product
from tests.tiers.rig import SmallSource

NO_CHURN = "no customer churned in the 6 closed months before"
SPEND = "enter it on the page Unit economics or with PUT /api/v1/spend"


def account(*lives: tuple[int, str, str | None]) -> StripeAccount:
    """One customer for each (dollars a month, since, until)."""
    made = StripeAccount(now=NOW)
    made.put("product", product(created=at("2025-01-01")))
    for number, (amount, since, until) in enumerate(lives, 1):
        for kind, body in subscribed(number, f"Customer {number}", 100 * amount, since, until).items():
            made.put(kind, body)
    return made


CLOSED = tuple(f"2026-{month:02}" for month in range(5, 11))
TWENTY_OF_WHOM_ONE_LEAVES_AND_ONE_COMES_EACH_MONTH = account(
    *((500, "2026-01-05", None) for _ in range(14)),
    *((500, "2026-01-05", f"{month}-10") for month in CLOSED),
    *((500, f"{month}-12", None) for month in CLOSED),
    *((500, "2026-10-20", None) for _ in range(22)),
)
"""6 of 120 customers at the start of a month have gone: 5 %. New in August, September and October: 25."""
FOUR_NEW_AT_A_HUNDRED = account(*((100, "2026-09-03", None) for _ in range(4)))


@pytest.fixture
def source(request: pytest.FixtureRequest) -> SmallSource:
    return SmallSource(request.param)


def put(client: Client, name: str, *rows: dict[str, Any]) -> None:
    answer = client().put(f"/api/v1/{name}", json=list(rows))
    assert answer.status_code == 200, answer.text


def spend(amount: int, month: str = "2026-10") -> dict[str, Any]:
    return {"month": month, "category": "Paid ads", "amount": amount, "currency": "USD"}


@pytest.mark.parametrize("source", [TWENTY_OF_WHOM_ONE_LEAVES_AND_ONE_COMES_EACH_MONTH], indirect=True)
def test_fifty_thousand_for_25_customers_of_500_dollars_at_5_percent_churn(client: Client, get: Get) -> None:
    put(client, "spend", spend(50_000))
    put(client, "margins", {"month": "2026-09", "gross_margin": 0.8})
    found = get("metrics/all-products")
    assert (found["cac_metrics"]["new_customers"], found["cac_metrics"]["cac"]) == (25, 2_000.0)
    assert found["revenue_metrics"]["arpa"] == 500.0
    assert found["ltv_metrics"]["monthly_churn"] == 0.05
    assert (found["ltv_metrics"]["ltv"], found["ltv_metrics"]["basis"]) == (8_000.0, "gross_margin")
    assert (found["ltv_metrics"]["ltv_cac"], found["cac_metrics"]["payback_months"]) == (4.0, 5.0)
    row = get("unit-economics/all-products", **{"from": "2026-11"})["rows"][0]
    assert [row[name] for name in ("cac", "ltv", "ltv_cac", "payback_months")] == [2_000.0, 8_000.0, 4.0, 5.0]


@pytest.mark.parametrize("source", [FOUR_NEW_AT_A_HUNDRED], indirect=True)
def test_a_cac_of_1000_at_100_dollars_and_80_percent_is_paid_back_in_12_5_months(
    client: Client, get: Get
) -> None:
    put(client, "spend", spend(1_500, "2026-08"), spend(2_500))
    put(client, "margins", {"month": "2026-10", "product": "all-products", "gross_margin": 0.8})
    found = get("metrics/towpilot")
    assert (found["cac_metrics"]["cac"], found["cac_metrics"]["payback_months"]) == (1_000.0, 12.5)
    # Nobody has gone: what a customer brings has no end that is known.
    assert (found["ltv_metrics"]["ltv"], found["ltv_metrics"]["ltv_cac"]) == (None, None)
    assert found["undefined"]["ltv_metrics.ltv"] == found["undefined"]["ltv_metrics.ltv_cac"] == NO_CHURN


@pytest.mark.parametrize("source", [FOUR_NEW_AT_A_HUNDRED], indirect=True)
def test_without_spend_there_is_no_cac_but_what_to_do(get: Get, store: EmbeddedStore) -> None:
    found = get("metrics/all-products")
    assert (found["cac_metrics"]["cac"], found["cac_metrics"]["payback_months"]) == (None, None)
    for path in ("cac_metrics.cac", "cac_metrics.payback_months"):
        assert found["undefined"][path].endswith(SPEND)
    assert found["ltv_metrics"]["basis"] == "revenue"
    assert store.inputs("spend") == []


@pytest.mark.parametrize("source", [FOUR_NEW_AT_A_HUNDRED], indirect=True)
def test_spend_of_a_month_twice_in_one_list_is_named(client: Client) -> None:
    refused = client().put("/api/v1/spend", json=[spend(100), spend(5, "2026-09"), spend(200)])
    assert refused.status_code == 400
    assert refused.json()["detail"] == (
        "Nothing is saved: row 3: it has the month, category and product of row 1: put them into one row."
    )
