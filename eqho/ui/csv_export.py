"""CSV that opens in a spreadsheet with the numbers of the screen and runs nothing there."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from eqho.ui import format as fmt


def to_csv(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> bytes:
    """Rows as CSV with the titles of `columns` (field → title); None is empty, lists are joined with `; `.

    UTF-8 with a byte-order mark, without which Excel reads names in the wrong encoding.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([fmt.csv_cell(title) for title in columns.values()])
    writer.writerows([_cell(row.get(field)) for field in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(cell: object) -> object:
    if isinstance(cell, list | tuple):
        cell = "; ".join(str(part) for part in cell)
    return fmt.csv_cell(cell)
