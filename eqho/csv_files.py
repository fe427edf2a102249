"""CSV that opens in a spreadsheet with the numbers of the screen and runs nothing there."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from eqho.names import readable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], encoding: str = "utf-8-sig"
) -> bytes:
    """Rows as CSV with the titles of `columns` (field → title); None is empty, lists are joined with `; `.

    By default UTF-8 with a byte-order mark, without which Excel reads names in the wrong encoding.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([guarded(title) for title in columns.values()])
    writer.writerows([_cell(row.get(field)) for field in columns] for row in rows)
    return text.getvalue().encode(encoding)


def guarded(cell: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and looks_like_formula(cell) else cell


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet runs it, also behind blanks and what cannot be seen, or in full-width signs."""
    return text.lstrip(" ").startswith(_FORMULA) or readable(text).lstrip().startswith(_FORMULA)


def _cell(cell: object) -> object:
    if isinstance(cell, list | tuple):
        cell = "; ".join(str(part) for part in cell)
    return guarded(cell)
