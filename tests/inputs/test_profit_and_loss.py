"""Profit and loss by month, in both layouts: accounts are read, totals are compared, not counted."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from eqho.inputs.readers.frames import UnreadableFile
from eqho.inputs.readers.profit_and_loss import ProfitAndLoss, read_profit_and_loss
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


def missed(report: ProfitAndLoss) -> list[tuple[str, str | None, Decimal]]:
    return [(one.name, one.month, one.difference) for one in report.untied]


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
    # Three total lines in two months, and the total column of five accounts.
    assert found.compared == 3 * 2 + 5


def test_a_total_that_its_accounts_do_not_add_up_to_is_shown_with_the_difference() -> None:
    found = read_profit_and_loss("pl.csv", QUICKBOOKS.replace("$1,700.00", "$1,710.00").encode())
    assert missed(found) == [("Total for Marketing", "2026-10", Decimal(10))]


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


def test_income_is_not_offered_as_spend_whatever_it_is_named() -> None:
    sales = read_profit_and_loss("pl.csv", XERO.encode()).accounts[0]
    assert sales.full_name == "Trading Income › Sales"
    assert not offered(sales, {}, [Spend("2026-09", "Sales", Decimal(5), "USD")]).ticked


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


XERO_LESS = """Profit & Loss
"For the month ended 31 October 2026"

,31 Oct 26,30 Sep 26,YTD
Income
Sales,"11,000.00","10,000.00","21,000.00"
Total Income,"11,000.00","10,000.00","21,000.00"

Less Cost of Sales
Hosting,100.00,90.00,190.00
Total Cost of Sales,100.00,90.00,190.00

Gross Profit,"10,900.00","9,910.00","20,810.00"

Less Operating Expenses
Advertising,300.00,(20.00),280.00
Total Operating Expenses,310.00,(20.00),290.00

Net Profit,"10,591.00","9,932.00","20,523.00"
"""


def test_xero_that_says_less_before_its_headings() -> None:
    report = read_profit_and_loss("pl.csv", XERO_LESS.encode())
    assert report.months == ("2026-10", "2026-09")
    assert missed(report) == [("Total Operating Expenses", "2026-10", Decimal(10))]
    assert report.accounts[1].full_name == "Less Cost of Sales › Hosting"
    assert report.unread == ()


QUICKBOOKS_NUMBERED = """Profit and Loss,,,
"January 1-March 15, 2026",,,
Distribution account,January 2026,February 2026,"March 1-15, 2026",Total
Expenses,,,,
60000 Advertising & marketing,,,,
60100 Social media,250.00,-$50.00,(10.00),190.00
60200 Listing fees,,20.00,,20.00
Total for 60000 Advertising & marketing,$250.00,-$30.00,-$10.00,$210.00
61000 Payroll,,,,
61100 Wages,,,,
61110 Sales wages,"1,100","1,100",100,"2,300"
Total for 61100 Wages,"$1,100.00","$1,100.00",$100.00,"$2,300.00"
Total for 61000 Payroll,"$1,100.00","$1,100.00",$100.00,"$2,300.00"
Total for Expenses,"$1,350.00","$1,070.00",$90.00,"$2,510.00"
Net Income,"-$1,350.00","-$1,070.00",-$90.00,"-$2,510.00"

"Accrual Basis Friday, November 27, 2026 09:12 AM GMT-08:00",,,,
"""


def test_quickbooks_of_today_with_account_numbers_and_a_month_that_is_not_over() -> None:
    report = read_profit_and_loss("pl.csv", QUICKBOOKS_NUMBERED.encode())
    assert report.months == ("2026-01", "2026-02", "2026-03")
    assert [account.full_name for account in report.accounts] == [
        "Expenses › 60000 Advertising & marketing › 60100 Social media",
        "Expenses › 60000 Advertising & marketing › 60200 Listing fees",
        "Expenses › 61000 Payroll › 61100 Wages › 61110 Sales wages",
    ]
    assert (report.untied, report.uncompared, report.faults) == ((), (), ())
    assert report.compared == 4 * 3 + 3


def test_names_may_stand_in_several_columns() -> None:
    numbered = (
        b"Account Code,Account,Oct-26\n,Expenses,\n400,Advertising,50\n401,Travel,7\n,Total Expenses,57\n"
    )
    report = read_profit_and_loss("pl.csv", numbered)
    assert [account.full_name for account in report.accounts] == [
        "Expenses › 400 Advertising", "Expenses › 401 Travel",
    ]  # fmt: skip
    assert (report.compared, report.untied) == (1, ())
    desktop = b",,,Oct 26,TOTAL\n,Expense,,,\n,,Ads,40.00,40.00\n,Total Expense,,40.00,40.00\n"
    report = read_profit_and_loss("pl.csv", desktop)
    assert [account.full_name for account in report.accounts] == ["Expense › Ads"]
    assert (report.compared, report.untied) == (2, ())


def test_a_total_belongs_to_the_heading_not_to_an_account_of_its_name() -> None:
    text = b",Oct 2026\nMarketing,\nAds,50\nMarketing,100\nTotal Marketing,{}\n"
    report = read_profit_and_loss("pl.csv", text.replace(b"{}", b"150"))
    assert (report.compared, report.untied) == (1, ())
    assert missed(read_profit_and_loss("pl.csv", text.replace(b"{}", b"170"))) == [
        ("Total Marketing", "2026-10", Decimal(20))
    ]


def test_cells_that_are_no_amount_are_named_and_the_others_are_there() -> None:
    text = b",Aug 2026,Sep 2026,Oct 2026\nAds,abc,5,10\nEvents,#REF!,,2\nFairs,-,1e999999999,1\n"
    report = read_profit_and_loss("pl.csv", text)
    assert [str(fault) for fault in report.faults] == [
        "2026-08, Ads: “abc” is no amount",
        "2026-08, Events: “#REF!” is no amount",
        "2026-09, Fairs: “1e999999999” is no amount",
    ]
    assert [dict(account.amounts) for account in report.accounts] == [
        {"2026-09": Decimal(5), "2026-10": Decimal(10)}, {"2026-10": Decimal(2)}, {"2026-10": Decimal(1)},
    ]  # fmt: skip
    [fault] = read_profit_and_loss("pl.csv", b";Oct 2026\nAds;1.500\n").faults
    assert fault.sentence == "“1.500” can be read in two ways"


def test_parts_of_a_month_add_up_and_two_columns_of_one_name_are_refused() -> None:
    report = read_profit_and_loss("pl.csv", b',"Oct 1-15, 2026","Oct 16-31, 2026",Total\nAds,10,20,30\n')
    assert dict(report.accounts[0].amounts) == {"2026-10": Decimal(30)}
    assert (report.months, report.untied) == (("2026-10",), ())
    with pytest.raises(UnreadableFile, match="more than one column “Oct 2026”"):
        read_profit_and_loss("pl.csv", b",Oct 2026,Oct 2026\nAds,10,20\n")


def test_a_total_column_is_compared_and_what_is_no_month_is_said() -> None:
    report = read_profit_and_loss("pl.csv", b",Oct 2026,Q3 2026,Total\nAds,10,20,30\nTotal Ads,10,20,30\n")
    assert missed(report) == [("Ads", None, Decimal(20))]
    assert report.unread == ("Q3 2026",)


def test_totals_that_cannot_be_compared_are_said_not_passed_over() -> None:
    report = read_profit_and_loss("pl.csv", b",Oct 2026\nExpenses,\nAds,10\nTotal Marketing,10\n")
    assert (report.compared, report.untied, report.uncompared) == (0, (), ("Total Marketing",))
    assert [account.name for account in report.accounts] == ["Ads"]


def test_a_workbook_as_excel_and_quickbooks_write_it() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Prepared by", "Ann"])
    sheet = book.create_sheet("Profit and Loss")
    for line in (
        ["Profit and Loss"],
        [None, date(2026, 9, 1), date(2026, 10, 1), "Total"],
        ["Expenses"],
        ["   Ads", 0.1, 5, 5.1],
        ["   Events", 0.2, 6, 6.2],
        ["Total for Expenses", 0.1 + 0.2, "=C4+C5", "=SUM(B6:C6)"],
    ):
        sheet.append(line)
    sheet.merge_cells("A1:D1")
    written = io.BytesIO()
    book.save(written)
    report = read_profit_and_loss("pl.xlsx", written.getvalue())
    assert report.months == ("2026-09", "2026-10")
    assert report.accounts[0].amounts == {"2026-09": Decimal("0.1"), "2026-10": Decimal(5)}
    # The total of October is a formula without its value.
    assert (report.untied, report.compared) == ((), 1 + 2)
    assert report.uncompared == ("Total for Expenses",)
    assert report.other_sheets == ("Cover",)
