"""CSV of a table: the numbers of the screen, and nothing that runs."""

import csv
import io

from eqho.csv_files import to_csv
from eqho.ui.tables import Column, to_file

ROWS = [
    {"name": "=HYPERLINK(1)", "mrr": -420.5, "plans": ["+A", "B"], "since": None, "hidden": "x"},
    {"name": 'Ünïted, "Tow"', "mrr": 0.1, "plans": [], "since": "2026-01-01", "hidden": "y"},
]
COLUMNS = {"name": "Customer", "mrr": "MRR", "plans": "Plans", "since": "Since"}


def test_csv_round_trip() -> None:
    read = list(csv.reader(io.StringIO(to_csv(ROWS, COLUMNS).decode("utf-8-sig"))))
    assert read == [
        ["Customer", "MRR", "Plans", "Since"],
        ["'=HYPERLINK(1)", "-420.5", "'+A; B", ""],
        ['Ünïted, "Tow"', "0.1", "", "2026-01-01"],
    ]


def test_csv_begins_with_a_byte_order_mark_for_excel() -> None:
    assert to_csv(ROWS, COLUMNS).startswith(b"\xef\xbb\xbfCustomer")


def read(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))


def test_a_file_stands_alone_with_currency_policy_and_instant_in_every_row() -> None:
    columns = [Column("name", "Customer"), Column("mrr", "MRR", "money")]
    basis = {"Currency": "USD", "Policy": "Eqho", "As of": "2026-11-22T12:00:00Z"}
    assert read(to_file([{"name": "Ada", "mrr": 12.5}], columns, basis)) == [
        ["Customer", "MRR", "Currency", "Policy", "As of"],
        ["Ada", "12.5", "USD", "Eqho", "2026-11-22T12:00:00Z"],
    ]


def test_what_the_screen_says_in_words_is_an_iso_month_in_the_file() -> None:
    columns = [Column("month", "Month", in_file="period"), Column("open", "Open", "file")]
    row = {"month": "Nov 2026, open", "period": "2026-11", "open": "yes"}
    assert read(to_file([row], columns, {})) == [["Month", "Open"], ["2026-11", "yes"]]


def test_a_sparkline_is_one_number_a_cell_in_the_file() -> None:
    columns = [
        Column("name", "Line"),
        Column("history", "2 months", "series", parts=["MRR 2026-10", "MRR 2026-11"]),
    ]
    rows = [{"name": "TowPilot", "history": [1.0, 2.5]}, {"name": "Other", "history": []}]
    assert read(to_file(rows, columns, {})) == [
        ["Line", "MRR 2026-10", "MRR 2026-11"],
        ["TowPilot", "1.0", "2.5"],
        ["Other", "", ""],
    ]
