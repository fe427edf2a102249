"""Exports of other tools, as they are downloaded: which column is what, and which row is no good."""

import io
from datetime import date

import openpyxl
import pytest

from eqho.errors import BadArgument
from eqho.inputs.exports import month_or_day, read_export

STRIPE = """Customer ID,Customer name,Customer email,2026-09,2026-10
cus_1,Ann,ann@eqho.example,100.00,"1,200.50"
cus_2,Bob,bob@eqho.example,,50
Total,,,100.00,"1,250.50"
"""
CHARTMOGUL = """Name;Email;External ID;Month;MRR;Currency
Ann;ann@eqho.example;cus_1;Oct 2026;1.200,50;EUR
"""
PROFITWELL = "Email,MRR (in cents)\nann@eqho.example,120050\n"


def amounts(content: str | bytes, **options: object) -> list[tuple[str, str, int]]:
    data = content.encode() if isinstance(content, str) else content
    rows = read_export(data, "usd", **options)  # type: ignore[arg-type]
    return [(c.id or c.email, c.label, c.minor) for c in rows.claims]


def test_months_as_columns_without_the_total_row() -> None:
    assert amounts(STRIPE) == [
        ("cus_1", "2026-09", 10_000),
        ("cus_1", "2026-10", 120_050),
        ("cus_2", "2026-09", 0),
        ("cus_2", "2026-10", 5_000),
    ]


def test_semicolons_a_worded_month_and_a_decimal_comma() -> None:
    [claim] = read_export(CHARTMOGUL.encode(), "usd").claims
    assert (claim.id, claim.label, claim.day, claim.minor, claim.currency) == (
        "cus_1", "2026-10", date(2026, 10, 31), 120_050, "eur",
    )  # fmt: skip


def test_a_list_without_dates_is_of_the_day_that_is_said() -> None:
    assert amounts(PROFITWELL, day=date(2026, 10, 31)) == [("ann@eqho.example", "2026-10", 120_050)]
    with pytest.raises(BadArgument, match="no column of months or dates"):
        amounts(PROFITWELL)


def test_a_workbook_says_the_same_as_its_csv() -> None:
    book = openpyxl.Workbook()
    for line in STRIPE.splitlines()[:3]:
        book.active.append([cell.strip('"') for cell in line.replace('"1,200.50"', "1200.50").split(",")])
    saved = io.BytesIO()
    book.save(saved)
    assert amounts(saved.getvalue()) == amounts("\n".join(STRIPE.splitlines()[:3]))


def test_bad_rows_are_named_and_good_ones_are_kept() -> None:
    rows = read_export(
        b"customer id,month,mrr,currency\ncus_1,2026-10,100,\ncus_2,2026-13,5,\ncus_3,2026-10,lots,\n"
        b",2026-10,7,\ncus_4,2026-10,7,xyz\n",
        "usd",
    )
    assert [claim.id for claim in rows.claims] == ["cus_1"]
    assert rows.problems == (
        "row 3: “2026-13” is no month or day",
        "row 4: “lots” is no amount",
        "row 5 names no customer",
        "row 6: “xyz” is no currency",
    )


def test_every_bad_row_is_named_however_many_there_are() -> None:
    bad = "".join(f"cus_{number},2026-10,lots\n" for number in range(120))
    rows = read_export(f"customer id,month,mrr\ncus_1,2026-10,100\n{bad}".encode(), "usd")
    assert [problem.split(":")[0] for problem in rows.problems] == [f"row {n}" for n in range(3, 123)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"customer id,mrr\n", "no rows"),
        (b"colour,size\nred,3\n", "no column for a customer"),
        (b"customer id,size\ncus_1,3\n", "no column for an amount"),
        (b"PK\x03\x04 broken", "neither CSV nor an Excel workbook"),
        (b"\xd0\xcf\x11\xe0 old", "password"),
        (b"customer id,month,mrr\ncus_1,2026-10,lots\n", "No row of the file can be used"),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_sentence(content: bytes, said: str) -> None:
    with pytest.raises(BadArgument, match=said):
        read_export(content, "usd")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2026-10", "2026-10"),
        ("Oct 2026", "2026-10"),
        ("October '26", "2026-10"),
        ("2026-10-31", "2026-10"),
        ("2026-10-01", "2026-10"),
        ("10/31/2026", "2026-10"),
        ("2026-10-15T00:00:00Z", "2026-10-15"),
    ],
)
def test_ways_to_write_a_month(text: str, label: str) -> None:
    found = month_or_day(text)
    assert found is not None
    assert found[0] == label


@pytest.mark.parametrize(
    ("text", "minor"), [("$1,234.50", 123_450), ("(12.00)", -1_200), ("1.234,50 €", 123_450), ("7", 700)]
)
def test_amounts_as_people_format_them(text: str, minor: int) -> None:
    assert amounts(f"customer id\tmonth\tmrr\ncus_1\t2026-10\t{text}\n") == [("cus_1", "2026-10", minor)]
