"""Rows that people type or import: every bad one is named, with what to do."""

from decimal import Decimal
from typing import Any

import pytest

from eqho.inputs.checks import BadRows, check_margins, check_rates, check_spend
from eqho.metrics.entered import Margin, Rate, Spend
from tests.tiers.rig import LINES

GOOD = {"month": "2026-10", "category": "Ads", "amount": 1200.5, "currency": "usd"}


def faults(*rows: Any) -> list[str]:
    return [str(fault) for fault in check_spend(rows, LINES).faults]


def test_a_good_row_is_kept_exactly() -> None:
    checked = check_spend([GOOD, GOOD | {"product": "TowPilot", "amount": 0.1}], LINES)
    assert checked.faults == ()
    assert checked.rows == (
        Spend("2026-10", "Ads", Decimal("1200.5"), "USD"),
        Spend("2026-10", "Ads", Decimal("0.1"), "USD", "towpilot"),
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"amount": "1,200"},
            "amount “1,200” can be read in two ways: give an amount like 1200.50 as a number",
        ),
        ({"amount": "12,5"}, "amount “12,5” is text: give an amount like 1200.50 as a number"),
        ({"amount": "=SUM(A1)"}, "amount “=SUM(A1)” is a formula: give an amount like 1200.50 as a number"),
        ({"amount": -5}, "amount -5 is below 0: take a refund off the row it belongs to"),
        ({"amount": None}, "amount is missing: give an amount like 1200.50"),
        ({"amount": float("nan")}, "amount is missing: give an amount like 1200.50"),
        ({"amount": float("inf")}, "amount “inf” is no number: give an amount like 1200.50"),
        ({"amount": True}, "amount “True” is no number: give an amount like 1200.50"),
        ({"amount": 10**12}, "amount 1000000000000 is too large: it is below 1,000,000,000,000"),
        ({"month": "2026-13"}, "month “2026-13” is no month: give one like 2026-10"),
        ({"month": "Oct 2026"}, "month “Oct 2026” is no month: give one like 2026-10"),
        ({"month": 202610}, "month “202610” is no text: give a month like 2026-10"),
        ({"currency": "XQZ"}, "currency “XQZ” is unknown: give a code like USD"),
        ({"category": "  "}, "category “  ” is no text: give a name like Paid ads"),
        ({"category": " =cmd()"}, "category “=cmd()” begins like a formula of a spreadsheet: give a name"),
        ({"category": "\u200b\x00"}, "category “\u200b\x00” is no text: give a name like Paid ads"),
        ({"category": "=cmd()"}, "category “=cmd()” begins like a formula of a spreadsheet: give a name"),
        ({"note": "x"}, "it has the unknown field “note”; known are " + ", ".join((*GOOD, "product"))),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_said(change: dict[str, Any], sentence: str) -> None:
    assert faults(GOOD, GOOD | {"month": "2026-09"} | change) == [f"row 2: {sentence}"]


def test_an_unknown_product_is_answered_with_the_known_ones() -> None:
    (fault,) = faults(GOOD | {"product": "rocket"})
    assert fault.startswith("row 1: there is no product 'rocket'; the products are towpilot, all-products")


def test_the_same_month_category_and_product_twice_is_named_whatever_its_case() -> None:
    assert faults(GOOD, GOOD | {"month": "2026-09"}, GOOD | {"category": "ADS"}) == [
        "row 3: it has the month, category and product of row 1: put them into one row"
    ]
    assert faults(GOOD, GOOD | {"product": "towpilot"}) == []


def test_all_bad_rows_are_named_at_once_and_the_good_ones_are_there() -> None:
    checked = check_spend([GOOD | {"month": "2026-13"}, GOOD, GOOD | {"amount": "x"}, 7], LINES)
    assert [fault.row for fault in checked.faults] == [1, 3, 4]
    assert len(checked.rows) == 1
    sentence = str(BadRows(checked.faults))
    assert sentence.startswith("Nothing is saved: row 1: month “2026-13” is no month")
    assert sentence.count("row ") == 3


def test_a_margin_is_a_fraction_of_the_company_or_of_a_line() -> None:
    rows = [
        {"month": "2026-10", "gross_margin": 0.8},
        {"month": "2026-10", "gross_margin": 0, "product": "towpilot"},
        {"month": "2026-10", "gross_margin": 0.7, "product": "all_products"},
        {"month": "2026-11", "gross_margin": 80},
    ]
    checked = check_margins(rows, LINES)
    assert checked.rows == (
        Margin("2026-10", Decimal("0.8"), "all-products"),
        Margin("2026-10", Decimal(0), "towpilot"),
    )
    assert [str(fault) for fault in checked.faults] == [
        "row 3: it has the month and product of row 1: a product has one margin a month",
        "row 4: gross_margin 80 lies outside 0 to 1: 80 % is 0.8",
    ]


def test_a_rate_is_above_nothing_and_there_is_one_a_day() -> None:
    rows = [
        {"date": "2026-10-30", "currency": "EUR", "rate": 0.92},
        {"date": "2026-10-30", "currency": "eur", "rate": 0.93},
        {"date": "2026-02-30", "currency": "EUR", "rate": 0.92},
        {"date": "2026-10-31", "currency": "EUR", "rate": 0},
    ]
    checked = check_rates(rows, LINES)
    assert checked.rows == (Rate("2026-10-30", "EUR", Decimal("0.92")),)
    assert [fault.row for fault in checked.faults] == [2, 3, 4]


def test_a_list_without_end_is_refused() -> None:
    assert [fault.row for fault in check_spend([GOOD] * 20_001, LINES).faults] == [20_001]
