"""Profit and loss by month, in both layouts: accounts are read, totals are compared, not counted."""

from decimal import Decimal

import pytest

from eqho.inputs.readers.frames import UnreadableFile
from eqho.inputs.readers.profit_and_loss import read_profit_and_loss
from eqho.metrics.entered import Spend
from eqho.ui.pages.profit_and_loss import offered, rows_of

QUICKBOOKS = """Eqho Inc.,,,
Profit and Loss,,,
"September - October, 2026",,,
,,,
,Sep 2026,Oct 2026,Total
Income,,,
   Sales,"10,000.00","11,000.00","21,000.00"
Total for Income,"$10,000.00","$11,000.00","$21,000.00"
Gross Profit,"$10,000.00","$11,000.00","$21,000.00"
Expenses,,,
   Marketing,100.00,,100.00
      Paid ads,"1,200.50","1,300.00","2,500.50"
      Events,(50.00),400.00,350.00
   Total for Marketing,"$1,250.50","$1,700.00","$2,950.50"
   Rent,900.00,900.00,"1,800.00"
Total for Expenses,"$2,150.50","$2,600.00","$4,750.50"
Net Income,"$7,849.50","$8,400.00","$16,249.50"
"""
XERO = """Profit and Loss
Eqho Ltd
For the 2 months ended 31 October 2026

Account,31 Oct 2026,30 Sep 2026
Trading Income,,
Sales,11000.00,10000.00
Total Trading Income,11000.00,10000.00
Operating Expenses,,
Advertising,1300.00,-20.00
Salaries,5000.00,5000.00
Total Operating Expenses,6300.00,4980.00
Net Profit,4700.00,5020.00
"""
TWO_OF_ONE_NAME = """,Oct 2026
Expenses,
   Marketing,
      Other,300.00
   Total for Marketing,$300.00
   Office,
      Other,50.00
   Total for Office,$50.00
Total for Expenses,$350.00
"""


def amounts(text: str) -> dict[str, dict[str, Decimal]]:
    found = read_profit_and_loss("pl.csv", text.encode())
    return {account.name: dict(account.amounts) for account in found.accounts}


def test_quickbooks_with_nested_accounts_and_amounts_of_a_parent() -> None:
    found = amounts(QUICKBOOKS)
    assert list(found) == ["Sales", "Marketing", "Paid ads", "Events", "Rent"]
    assert found["Paid ads"] == {"2026-09": Decimal("1200.50"), "2026-10": Decimal(1300)}
    assert found["Events"] == {"2026-09": Decimal(-50), "2026-10": Decimal(400)}
    assert found["Marketing"] == {"2026-09": Decimal(100)}


def test_the_accounts_tie_to_the_files_own_totals() -> None:
    found = read_profit_and_loss("pl.csv", QUICKBOOKS.encode())
    assert found.months == ("2026-09", "2026-10")
    assert found.untied == ()
    assert [account.difference for account in found.accounts] == [0] * 5


def test_a_total_that_its_accounts_do_not_add_up_to_is_shown_with_the_difference() -> None:
    found = read_profit_and_loss("pl.csv", QUICKBOOKS.replace("$1,700.00", "$1,710.00").encode())
    assert [(group.name, dict(group.differences)) for group in found.untied] == [
        ("Total for Marketing", {"2026-10": Decimal(10)})
    ]


def test_xero_with_the_latest_month_first() -> None:
    found = read_profit_and_loss("pl.csv", XERO.encode())
    assert found.months == ("2026-10", "2026-09")
    assert found.untied == ()
    assert amounts(XERO)["Advertising"] == {"2026-10": Decimal(1300), "2026-09": Decimal(-20)}
    assert list(amounts(XERO)) == ["Sales", "Advertising", "Salaries"]


def test_accounts_of_one_name_are_told_apart_by_the_headings_above() -> None:
    report = read_profit_and_loss("pl.csv", TWO_OF_ONE_NAME.encode())
    assert [account.full_name for account in report.accounts] == [
        "Expenses › Marketing › Other",
        "Expenses › Office › Other",
    ]
    rows = rows_of(report, {"Expenses › Marketing › Other": "Other marketing"}, "USD")
    assert [(row["category"], row["amount"]) for row in rows] == [("Other marketing", Decimal(300))]


def test_what_was_imported_the_last_time_is_offered_again() -> None:
    marketing, office = read_profit_and_loss("pl.csv", TWO_OF_ONE_NAME.encode()).accounts
    known = {"expenses › marketing › other": "Brand", "expenses › office › other": ""}
    assert offered(marketing, known, ()) == (True, "Brand")
    assert offered(office, known, ()) == (False, "Other")
    # An account that is new, beside a category of its name.
    there = (Spend("2026-09", "other", Decimal(5), "USD"),)
    assert offered(marketing, {}, there) == (True, "other")
    assert offered(office, known, there) == (False, "Other")


def test_a_file_without_months_is_told_what_to_export() -> None:
    with pytest.raises(UnreadableFile, match="has no line of months"):
        read_profit_and_loss("pl.csv", b"Account,Total\nSales,5\n")


def test_chosen_accounts_of_one_category_add_up_by_month() -> None:
    report = read_profit_and_loss("pl.csv", QUICKBOOKS.encode())
    inside = "Expenses › Marketing › "
    chosen = {f"{inside}Paid ads": "Ads", "Expenses › Marketing": "Ads", f"{inside}Events": "Events"}
    rows = rows_of(report, chosen, "USD")
    assert [(row["month"], row["category"], row["amount"]) for row in rows] == [
        ("2026-09", "Ads", Decimal("1300.50")),
        ("2026-09", "Events", Decimal(-50)),
        ("2026-10", "Ads", Decimal(1300)),
        ("2026-10", "Events", Decimal(400)),
    ]
