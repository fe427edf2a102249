"""CSV and Excel files, whoever made them, as tables of text."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import msgspec
import openpyxl
import pandas as pd

from eqho.errors import BadArgument
from eqho.names import readable

LARGEST = 5_000_000
_LARGEST_UNPACKED = 40
"""A workbook is packed: at most so many times `largest` once unpacked."""
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
"""Also what a workbook with a password begins with."""
_MOST_CELLS = 10_000_000
_LINES_TRIED = 200
"""Of which it is told what stands between the cells."""


class UnreadableFile(BadArgument):
    """The file as a whole cannot be used; the message says what to bring instead."""


class Sheet(msgspec.Struct, frozen=True):
    """Lines of one width, every cell as readable text, "" where it is empty. Empty lines are left out.

    `title`: of a workbook's sheet, "" of a CSV file. `semicolons` stand between the cells of the file.
    """

    title: str
    lines: tuple[tuple[str, ...], ...]
    semicolons: bool = False


def read_sheets(name: str, data: bytes, *, largest: int = LARGEST) -> tuple[Sheet, ...]:
    """At least one, with something in it: what a workbook hides is left out. `largest`: in bytes.
    Raises UnreadableFile."""
    if len(data) > largest:
        raise UnreadableFile(f"{name} has {len(data) / 1e6:.1f} MB: at most {largest / 1e6:.0f} MB are read.")
    if not data.strip():
        raise UnreadableFile(f"{name} is empty.")
    if data.startswith(b"PK"):
        sheets = _workbook(name, data, largest)
    elif data.startswith(_OLD_EXCEL):
        raise UnreadableFile(
            f"{name} is protected by a password or of an old Excel: save it as .xlsx without a password."
        )
    else:
        sheets = [_csv(name, _decoded(name, data))]
    filled = tuple(sheet for sheet in sheets if sheet.lines)
    if not filled:
        raise UnreadableFile(f"{name} is empty.")
    return filled


def read_frame(name: str, data: bytes, *, largest: int = LARGEST) -> tuple[pd.DataFrame, bool]:
    """The one table of a file whose first line names the columns, and whether semicolons stand between its
    cells. Of two columns of one name the second is “name (2)”; cells beyond the named columns stand in one
    without a name. Raises UnreadableFile."""
    sheets = read_sheets(name, data, largest=largest)
    if len(sheets) > 1:
        titles = ", ".join(f"“{sheet.title[:40]}”" for sheet in sheets[:5])
        raise UnreadableFile(
            f"{name} has {len(sheets)} sheets with something in them ({titles}): save the one to read alone."
        )
    [sheet] = sheets
    first, *rows = sheet.lines
    if not rows:
        raise UnreadableFile(f"{name} has no rows below its first line.")
    return pd.DataFrame(rows, columns=pd.Index(distinct(first))), sheet.semicolons


def distinct(titles: Iterable[str]) -> list[str]:
    """The second of two that are alike as “name (2)”; those without a name stay so."""
    seen: Counter[str] = Counter()
    found = []
    for title in titles:
        seen[title] += 1
        found.append(f"{title} ({seen[title]})" if title and seen[title] > 1 else title)
    return found


def _sheet(name: str, title: str, lines: Iterable[Sequence[object]], *, semicolons: bool = False) -> Sheet:
    told = ([readable(str(cell)).strip() for cell in line] for line in lines)
    kept = [line for line in told if any(line)]
    width = max(map(len, kept), default=0)
    if width * len(kept) > _MOST_CELLS:
        raise UnreadableFile(f"{name} has too many cells: save the table alone.")
    return Sheet(title, tuple((*line, *[""] * (width - len(line))) for line in kept), semicolons)


def _workbook(name: str, data: bytes, largest: int) -> list[Sheet]:
    try:
        tables = _tables(name, data, largest)
    except UnreadableFile:
        raise
    except Exception:  # What a broken workbook makes zipfile and openpyxl raise has no common kind.
        raise _unreadable(name) from None
    return [_sheet(name, title, lines) for title, lines in tables]


def _tables(name: str, data: bytes, largest: int) -> list[tuple[str, list[list[object]]]]:
    """Titles and lines of what is not hidden."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > largest * _LARGEST_UNPACKED:
            raise UnreadableFile(f"{name} is far larger once unpacked: save the sheet alone, or as CSV.")
        sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/")]
        has_formulas = any(b"<f>" in text or b"<f " in text for text in map(parts.read, sheets))
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True) if has_formulas else None
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return [
        (sheet.title, _values(sheet, formulas[sheet.title] if formulas is not None else None))
        for sheet in shown
    ]


def _values(sheet: Any, formulas: Any) -> list[list[object]]:
    """A formula whose value the file does not hold stands as itself."""
    lines = _lines(sheet)
    if formulas is None:
        return lines
    both = zip(lines, _lines(formulas), strict=True)
    return [
        [formula if value == "" else value for value, formula in zip(line, written, strict=True)]
        for line, written in both
    ]


def _lines(sheet: Any) -> list[list[object]]:
    # What a file says of its own size may be wrong.
    sheet.reset_dimensions()
    return [[_cell(value) for value in line] for line in sheet.iter_rows(values_only=True)]


def _cell(value: object) -> object:
    """Fifteen digits are all that Excel keeps and shows of a number: 0.1 + 0.2 is 0.3."""
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else getattr(value, "text", value)


def _decoded(name: str, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableFile(
            f"{name} is not in UTF-8: save it as “CSV UTF-8” or as an Excel workbook."
        ) from None
    if "\x00" in text:
        raise _unreadable(name)
    return text


def _csv(name: str, text: str) -> Sheet:
    separator = max("\t;,", key=lambda one: _evenness(text, one))
    lines = _reader(text, separator)
    try:
        return _sheet(name, "", lines, semicolons=separator == ";")
    except csv.Error as error:
        raise _unreadable(name, f"line {lines.line_num}: {error}") from None


def _evenness(text: str, separator: str) -> int:
    """How many of the first lines it cuts into one and the same number of cells."""
    widths: Counter[int] = Counter()
    with suppress(csv.Error):
        widths.update(len(line) for line in islice(_reader(text, separator), _LINES_TRIED))
    return max((lines for width, lines in widths.items() if width > 1), default=0)


def _reader(text: str, separator: str) -> Any:
    # Not lenient: a quotation mark that is never closed would swallow the lines below it.
    return csv.reader(io.StringIO(text, newline=None), delimiter=separator, strict=True)


def _unreadable(name: str, why: str = "") -> UnreadableFile:
    because = f" ({why.strip()[:120]})" if why else ""
    return UnreadableFile(f"{name} is neither CSV nor an Excel workbook that can be read{because}.")
