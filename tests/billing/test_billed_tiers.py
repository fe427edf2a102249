"""Where no source tells a price's tiers, its bills do: one quantity always costs the same."""

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest

from eqho.billing.normalise import read_account
from eqho.issues import Issue
from eqho.ledger.build import Ledger, build_ledger
from tests.services.plain_account import DAY, NOW, invoice, price, product, subscription
from tests.sources.supabase.rig import company, from_stripe, of_each
from tests.tiers.rig import LINES

Raw = dict[str, Any]


def ledger(bodies: dict[str, list[Raw]]) -> tuple[Ledger, list[Issue]]:
    account, unread = read_account(bodies)
    return build_ledger(account, LINES, NOW), unread


def without_tiers(bodies: list[Raw]) -> list[Raw]:
    stripped = deepcopy(bodies)
    for body in stripped:
        body.pop("tiers", None)
        for item in body.get("items", {}).get("data", ()):
            item["price"].pop("tiers", None)
    return stripped


def test_the_demo_company_without_any_tiers_is_worth_the_same_at_every_month_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bodies = {kind: found for kind, found in company().items() if kind not in ("event", "invoiceitem")}
    bodies |= {kind: without_tiers(company()[kind]) for kind in ("price", "subscription")}
    assert any("tiers" in body for body in company()["price"])
    told, unread = ledger(bodies)
    left_out = {name for issue in unread if issue.code == "price_without_amount" for name in issue.subjects}
    tiered = {
        body["id"]: {item["price"]["id"] for item in body["items"]["data"]} & left_out
        for body in company()["subscription"]
    }
    found: Counter[str] = Counter()
    for at in range(NOW - 720 * DAY, NOW + 1, 30 * DAY):
        ours, truth = of_each(told, at), of_each(from_stripe(), at)
        for name in ours.keys() | truth.keys():
            same = ours.get(name, 0) == truth.get(name, 0)
            found["equal" if same else "different"] += 1
            assert same or tiered[name]
    with capsys.disabled():
        print(f"\nsubscriptions at 25 month ends without tiers: {dict(found)}")
    assert found["different"] < 0.01 * found.total()


TIERED = price(1, 0, billing_scheme="tiered") | {
    "tiers_mode": "graduated", "unit_amount": None, "unit_amount_decimal": None,
}  # fmt: skip


def of_quantity(number: int, quantity: int) -> Raw:
    body = subscription(number, NOW - 10 * DAY)
    body["items"]["data"][0] |= {"price": TIERED, "quantity": quantity}
    return body


def bill(number: int, *lines: tuple[int, int]) -> Raw:
    """Of subscription `number`: (amount, quantity) of each line."""
    body = invoice(number, number, NOW - 10 * DAY, lines=len(lines))
    for line, (amount, quantity) in zip(body["lines"]["data"], lines, strict=True):
        line |= {"amount": amount, "quantity": quantity}
    return body


def test_a_quantity_that_was_billed_to_one_customer_values_it_for_another() -> None:
    bodies = {
        "product": [product()], "price": [TIERED],
        "subscription": [of_quantity(1, 12), of_quantity(2, 12)],
        "invoice": [bill(1, (5_000, 10), (800, 2), (2_000, 0))],
    }  # fmt: skip
    told, unread = ledger(bodies)
    assert unread == []
    assert of_each(told) == {"sub_000001": 78_000_000, "sub_000002": 78_000_000}


def test_a_quantity_that_nobody_was_billed_for_is_left_out_by_name_and_never_zero() -> None:
    bodies = {
        "product": [product()], "price": [TIERED],
        "subscription": [of_quantity(1, 12), of_quantity(2, 13)], "invoice": [bill(1, (5_000, 12))],
    }  # fmt: skip
    told, unread = ledger(bodies)
    assert [(issue.code, issue.subjects) for issue in unread] == [("price_without_amount", ("price_1",))]
    assert of_each(told) == {"sub_000001": 50_000_000}


def test_the_bill_of_a_trial_values_nothing() -> None:
    bodies = {
        "product": [product()], "price": [TIERED],
        "subscription": [of_quantity(1, 12)], "invoice": [bill(1, (0, 12))],
    }  # fmt: skip
    told, unread = ledger(bodies)
    assert [issue.code for issue in unread] == ["price_without_amount"]
    assert of_each(told) == {}


def test_tiers_that_are_known_in_one_currency_only_are_completed_in_the_other() -> None:
    tiers = [{"up_to": "inf", "unit_amount": 500, "flat_amount": None}]
    nothing_told = {"unit_amount": None, "unit_amount_decimal": None}
    sold = TIERED | {"tiers": tiers, "currency_options": {"usd": nothing_told, "eur": nothing_told}}
    other = {"currency": "eur"}
    bodies = {
        "product": [product()], "price": [sold],
        "subscription": [of_quantity(1, 12), of_quantity(2, 12) | other, of_quantity(3, 13) | other],
        "invoice": [bill(2, (4_000, 12)) | other],
    }  # fmt: skip
    told, unread = ledger(bodies)
    assert [(issue.code, issue.subjects) for issue in unread] == [("price_without_amount", ("price_1",))]
    assert of_each(told) == {"sub_000001": 60_000_000, "sub_000002": 40_000_000}
