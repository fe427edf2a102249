"""Spend as ad platforms and card programs export it."""

from decimal import Decimal
from typing import Any

import pytest

from eqho.inputs.checks import check_spend
from eqho.inputs.readers.frames import UnreadableFile
from eqho.inputs.readers.spend_exports import read_spend_export, summed
from tests.tiers.rig import LINES

GOOGLE = """Campaign performance
"October 1, 2026 - November 30, 2026"
Day,Campaign,Currency code,Cost
2026-10-01,Brand,USD,"1,200.50"
2026-10-31,Brand,USD,99.50
2026-11-01,Brand,USD,10
Total: Account,,,"1,310.00"
"""
META = """Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)
2026-10-01,2026-10-01,Leads,50.25
2026-10-02,2026-10-02,Leads,49.75
"""
LINKEDIN = "Start Date (in UTC)\tCampaign Name\tCurrency\tTotal Spent\n10/5/2026\tHiring\tUSD\t75.00\n"
CARD = """Transaction Date,Merchant,Amount,Category
10/02/2026,Expo,500.00,Trade shows
10/20/2026,Expo,-100.00,Trade shows
10/21/2026,Printer,20.00,
2026-13-01,Printer,20.00,Print
10/22/2026,Printer,=1+1,Print
"""


def spend(text: str | bytes, **more: Any) -> list[tuple[str, str, Decimal, str]]:
    export = read_spend_export("spend.csv", text.encode() if isinstance(text, str) else text)
    found = summed(export, export.found, category="Ads", currency="USD", **more)
    checked = check_spend(found.rows, LINES)
    assert checked.faults == ()
    return [(row.month, row.category, row.amount, row.currency) for row in checked.rows]


def test_days_add_up_to_months_and_the_total_line_is_not_counted() -> None:
    assert spend(GOOGLE) == [
        ("2026-10", "Ads", Decimal("1300.00"), "USD"),
        ("2026-11", "Ads", Decimal(10), "USD"),
    ]


def test_a_currency_may_stand_in_the_title_and_columns_between_tabs() -> None:
    assert spend(META) == [("2026-10", "Ads", Decimal("100.00"), "EUR")]
    assert spend(LINKEDIN.encode("utf-16")) == [("2026-10", "Ads", Decimal("75.00"), "USD")]
    assert spend(LINKEDIN, day_first=True) == [("2026-05", "Ads", Decimal("75.00"), "USD")]


def test_payments_have_their_own_categories_refunds_are_taken_off_and_bad_rows_are_named() -> None:
    assert spend(CARD) == [
        ("2026-10", "Ads", Decimal("20.00"), "USD"),
        ("2026-10", "Trade shows", Decimal("400.00"), "USD"),
    ]
    export = read_spend_export("card.csv", CARD.encode())
    faults = summed(export, export.found, category="Ads", currency="USD").faults
    assert [str(fault) for fault in faults] == [
        "row 4: “2026-13-01” is no day or month",
        "row 5: “=1+1” is no amount",
    ]
    unknown = summed(export, export.found, category="Ads", currency="XYZ").faults
    assert "“XYZ” is no currency" in str(unknown[0])


def test_another_table_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="names a column of days or months"):
        read_spend_export("x.csv", b"Name,Colour\nA,red\n")
