"""Files in the template's layout: what is read, and which sentence a file that cannot be read gets."""

import io
from decimal import Decimal

import pandas as pd
import pytest

from eqho.inputs.checks import check_spend
from eqho.inputs.entries import FX, KINDS, MARGINS, SPEND, Kind
from eqho.inputs.merging import merged
from eqho.inputs.readers.frames import UnreadableFile
from eqho.inputs.readers.tables import read_rows, template
from eqho.metrics.entered import Spend
from tests.tiers.rig import LINES


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_template_can_be_imported_as_it_is(kind: Kind) -> None:
    checked = kind.check(read_rows(kind, "template.csv", template(kind).encode()), LINES)
    assert checked.faults == ()
    assert len(checked.rows) == 1


def test_amounts_and_months_are_read_as_people_write_them() -> None:
    text = "Month;Category;Amount;Currency\nOct 2026;Paid ads;$1,200.50;usd\n09/2026;Sales;90;USD\n;;;\n"
    checked = check_spend(read_rows(SPEND, "spend.csv", text.encode("utf-8-sig")), LINES)
    assert checked.faults == ()
    assert checked.rows == (
        Spend("2026-10", "Paid ads", Decimal("1200.50"), "USD"),
        Spend("2026-09", "Sales", Decimal(90), "USD"),
    )


def test_bad_rows_are_named_and_good_ones_are_there() -> None:
    text = "month,category,amount,currency\n2026-13,Ads,5,USD\n2026-10,Ads,=1+1,USD\n2026-10,Ads,5,USD\n"
    checked = check_spend(read_rows(SPEND, "spend.csv", text.encode()), LINES)
    assert [str(fault) for fault in checked.faults] == [
        "row 1: month “2026-13” is no month: give one like 2026-10",
        "row 2: amount “=1+1” is a formula: give an amount like 1200.50 as a number",
    ]
    assert len(checked.rows) == 1


def test_a_workbook_is_read_as_its_cells_are() -> None:
    book = io.BytesIO()
    pd.DataFrame({"date": [pd.Timestamp("2026-10-30")], "currency": ["EUR"], "rate": [0.92]}).to_excel(
        book, index=False
    )
    assert read_rows(FX, "rates.xlsx", book.getvalue()) == [
        {"date": "2026-10-30", "currency": "EUR", "rate": Decimal("0.92")}
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "x.csv is empty"),
        (b" \n ", "x.csv is empty"),
        (b"x" * 5_000_001, "x.csv has 5.0 MB: at most 5 MB are read"),
        ("month,category\nétat".encode("latin-1"), "is not in UTF-8: save it as “CSV UTF-8”"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 512, "is protected by a password or of an old Excel"),
        (b"PK\x03\x04 no zip", "is neither CSV nor an Excel workbook"),
        (b"month,category,amount,currency\n", "has no rows below its first line"),
        (b"month,amount\n2026-10,5\n", "names no column category, currency"),
        (b"a\x00b\n1", "is neither CSV nor an Excel workbook"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_gets_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        read_rows(SPEND, "x.csv", data)


def test_a_row_with_a_cell_too_many_is_named_and_the_others_are_there() -> None:
    text = b"month,category,amount,currency\n2026-10,Ads,1,200,USD\n2026-10,Events,5,USD\n"
    checked = check_spend(read_rows(SPEND, "spend.csv", text), LINES)
    assert [str(fault) for fault in checked.faults] == [
        "row 1: it has a cell beyond the columns that are named: “USD”"
    ]
    assert [row.category for row in checked.rows] == ["Events"]


def test_one_category_may_have_two_currencies_and_is_imported_as_a_whole() -> None:
    text = b"month,category,amount,currency\n2026-10,Ads,7,USD\n2026-10,ads,6,EUR\n2026-10,ADS,1,usd\n"
    checked = check_spend(read_rows(SPEND, "spend.csv", text), LINES)
    assert [row.currency for row in checked.rows] == ["USD", "EUR"]
    assert [fault.row for fault in checked.faults] == [3]
    present = [Spend("2026-10", "Ads", Decimal(5), "GBP"), Spend("2026-09", "Ads", Decimal(4), "GBP")]
    assert [(row["month"], row["currency"]) for row in merged(present, checked.rows)] == [
        ("2026-09", "GBP"), ("2026-10", "USD"), ("2026-10", "EUR"),
    ]  # fmt: skip


def test_a_margin_may_be_written_in_percent() -> None:
    rows = read_rows(MARGINS, "m.csv", b"month,gross_margin\n2026-10,80%\n")
    assert MARGINS.check(rows, LINES).rows[0].gross_margin == Decimal("0.8")


def test_imported_rows_take_the_place_of_the_same_month_category_and_product() -> None:
    present = [Spend("2026-10", "Ads", Decimal(5), "USD"), Spend("2026-09", "Ads", Decimal(4), "USD")]
    imported = [
        Spend("2026-10", "ads", Decimal(7), "USD"),
        Spend("2026-10", "Ads", Decimal(1), "USD", "towpilot"),
    ]
    assert [(row["month"], row["product"], row["amount"]) for row in merged(present, imported)] == [
        ("2026-09", None, 4), ("2026-10", None, 7), ("2026-10", "towpilot", 1),
    ]  # fmt: skip
