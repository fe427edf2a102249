"""Spend as ad platforms and card programs export it."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from eqho.inputs.checks import check_sums
from eqho.inputs.readers.frames import UnreadableFile
from eqho.inputs.readers.spend_exports import Summed, proposed, read_spend_export, summed
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


def read(text: str | bytes, currency: str = "USD", **chosen: Any) -> Summed:
    """As the file itself tells, but for what is `chosen`."""
    export = read_spend_export("spend.csv", text.encode() if isinstance(text, str) else text)
    reading = proposed(export, export.found, category="Ads", currency=currency)
    return summed(export, msgspec.structs.replace(reading, **chosen))


def spend(text: str | bytes, **chosen: Any) -> list[tuple[str, str, Decimal, str]]:
    checked = check_sums(read(text, **chosen).rows, LINES)
    assert checked.faults == ()
    return [(row.month, row.category, row.amount, row.currency) for row in checked.rows]


def faults(text: str | bytes) -> list[str]:
    return [str(fault) for fault in read(text).faults]


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
    assert faults(CARD) == [
        "row 4: “2026-13-01” is no day or month",
        "row 5: “=1+1” is no amount",
    ]
    assert "“XYZ” is no currency" in str(read(CARD, "XYZ").faults[0])


def test_campaigns_named_with_commas_do_not_make_columns() -> None:
    named = LINKEDIN.replace("Hiring", '"Hiring, sales, EMEA; and, more"')
    assert spend(named.encode("utf-16")) == [("2026-10", "Ads", Decimal("75.00"), "USD")]


def test_a_line_of_totals_is_not_counted_wherever_it_stands_and_no_payment_is_taken_for_one() -> None:
    days = "Reporting starts,Reporting ends,Campaign name,Amount spent (USD)\n{}"
    rows = "2026-10-01,2026-10-31,Leads,10.00\n2026-10-01,2026-10-31,Brand,20.00\n"
    total = "2026-10-01,2026-10-31,,30.00\n"
    for lines in (total + rows, rows + total):
        assert spend(days.format(lines)) == [("2026-10", "Ads", Decimal("30.00"), "USD")]
    merchants = "Merchant,Date,Amount\nTotal Wine,2026-10-01,30.00\nExpo,2026-10-02,20\nPress,2026-10-02,10\n"
    assert spend(merchants) == [("2026-10", "Ads", Decimal("60.00"), "USD")]
    assert faults("Merchant,Date,Amount\nExpo,2026-10-02,20\n,,20\n") == ["row 2: “” is no day or month"]


def test_a_row_of_more_than_one_month_is_named_not_put_into_its_first() -> None:
    text = (
        "Campaign name,Reporting starts,Reporting ends,Amount spent (USD)\n"
        "Leads,2026-10-01,2026-12-31,3000.00\nBrand,2026-10-01,2026-10-31,7.00\n"
    )
    assert faults(text) == ["row 1: it is of more than 2026-10: export by day or by month instead"]
    assert [row["amount"] for row in read(text).rows] == [Decimal("7.00")]
    by_month = "Month,Amount spent (USD)\n2026-10-01 - 2026-10-31,5\n2026-11-01 - 2026-12-31,6\n"
    assert faults(by_month) == ["row 2: “2026-11-01 - 2026-12-31” is no day or month"]


def test_where_days_stand_is_told_by_those_above_twelve_and_never_changes_within_a_file() -> None:
    european = "Date,Amount\n05/10/2026,1\n13/10/2026,2\n"
    assert spend(european) == [("2026-10", "Ads", Decimal(3), "USD")]
    as_american = read(european, day_first=False)
    assert [str(fault) for fault in as_american.faults] == ["row 2: “13/10/2026” is no day or month"]
    german = "Datum;Date;Amount\nx;05.10.2026;1.100,50\n"
    assert spend(german) == [("2026-10", "Ads", Decimal("1100.50"), "USD")]


def test_days_as_tools_write_them() -> None:
    days = (
        "2026-10-05T14:33:21+00:00", '"Mon, Oct 5, 2026"', "20261005", "10/05/26", "5 Oct 2026", "2026/10/05",
        "2026-10-05 00:00:00", "Oct 2026", "10/05/2026 23:59",
    )  # fmt: skip
    text = "Transaction Time,Amount\n" + "".join(f"{day},1\n" for day in days)
    assert spend(text) == [("2026-10", "Ads", Decimal(len(days)), "USD")]
    none = ("45930", "Oct-26", "Oct 5", "Q4 2026", "3026-10-05", "2026-02-30", "30 Feb 2026")
    named = faults("Date,Amount\n" + "".join(f"{day},1\n" for day in none))
    assert named == [f"row {at}: “{day}” is no day or month" for at, day in enumerate(none, 1)]


def test_a_card_that_writes_payments_below_nothing_is_turned_and_a_person_may_turn_it_back() -> None:
    pleo = (
        "Date,Text,Amount,Currency,Category\n05/10/2026,Google,-1100,DKK,Marketing\n"
        "25/10/2026,Google,-100,DKK,Marketing\n26/10/2026,Google,50,DKK,marketing\n"
    )
    assert spend(pleo) == [("2026-10", "Marketing", Decimal(1150), "DKK")]
    as_written = check_sums(read(pleo, turned=False).rows, LINES)
    assert [str(fault) for fault in as_written.faults] == [
        "2026-10, Marketing: amount -1150 is below 0: take a refund off the row it belongs to"
    ]


def test_columns_of_one_title_are_told_apart() -> None:
    export = read_spend_export("x.csv", b"Date,Amount,Amount\n2026-10-05,1,2\n")
    assert export.titles == ("Date", "Amount", "Amount (2)")
    second = msgspec.structs.replace(export.found, cost="Amount (2)")
    found = summed(export, proposed(export, second, category="Ads", currency="USD"))
    assert [row["amount"] for row in found.rows] == [Decimal(2)]


def test_another_table_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="names a column of days or months"):
        read_spend_export("x.csv", b"Name,Colour\nA,red\n")
