"""CSV of a table: the numbers of the screen, and nothing that runs."""

import csv
import io

from eqho.ui.csv_export import to_csv

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
