"""An Excel workbook out of typed columns: numbers and dates are cells of their kind, text never a formula."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from eqho.csv_files import guarded
from eqho.money import minor_digits
from eqho.periods import day_of
from eqho.ui import format as fmt

CellKind = Literal["text", "money", "count", "rate", "ratio", "months", "month", "day", "instant"]
HEADER_ROW = 4
"""Below the sheet's title, what its numbers are of, and an empty row."""
_LONGEST_TEXT = 32_767
_NAMED_MONTH = len("2026-10")
_FORMATS: Mapping[str, str] = {
    "text": "@",
    "count": "#,##0",
    "rate": "0.0%",
    "ratio": "0.00",
    "months": "#,##0.0",
    "month": "yyyy-mm",
    "day": "yyyy-mm-dd",
}
_WIDTHS: Mapping[str, int] = {"text": 24, "money": 16, "month": 11, "day": 12}
_BOLD, _LARGE = Font(bold=True), Font(bold=True, size=14)
_HEADER_FILL = PatternFill("solid", fgColor="E7EAF0")


class Field(NamedTuple):
    """A column: `field` of the rows, dots lead into a row's parts; a `kind` of "" is that of the row's own
    `unit`."""

    field: str
    title: str
    kind: CellKind | Literal[""] = "text"
    width: int | None = None


class Sheet(NamedTuple):
    """`basis` says currency, policy and as-of of the numbers; `empty` why there are no rows."""

    title: str
    basis: str
    currency: str
    fields: Sequence[Field]
    rows: Sequence[Mapping[str, Any]]
    empty: str = "There is none."


def to_xlsx(sheets: Sequence[Sheet], zone: ZoneInfo, created: datetime) -> bytes:
    """The file. Instants (RFC 3339) become days of `zone`; `created` is in UTC."""
    book = Workbook(write_only=True)
    book.properties.creator = "Eqho Metrics"
    book.properties.created = book.properties.modified = created.replace(tzinfo=None)
    for sheet in sheets:
        _write(book, sheet, zone)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(book: Any, sheet: Sheet, zone: ZoneInfo) -> None:
    page = book.create_sheet(sheet.title)
    # A page that is written row by row takes its panes and widths before the first row.
    page.freeze_panes = f"B{HEADER_ROW + 1}"
    for number, one in enumerate(sheet.fields, 1):
        width = one.width or max(_WIDTHS.get(one.kind, 13), min(24, len(one.title) + 6))
        page.column_dimensions[get_column_letter(number)].width = width
    if sheet.rows:
        last = get_column_letter(len(sheet.fields))
        page.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + len(sheet.rows)}"
    page.append([_text(page, sheet.title, _LARGE)])
    page.append([_text(page, sheet.basis)])
    page.append([])
    page.append([_header(page, _titled(one, sheet.currency)) for one in sheet.fields])
    if not sheet.rows:
        page.append([_text(page, sheet.empty)])
    for row in sheet.rows:
        page.append([_cell(page, _value(row, one), _kind(one, row), sheet, zone) for one in sheet.fields])


def _titled(one: Field, currency: str) -> str:
    return f"{one.title} ({currency.upper()})" if one.kind == "money" else one.title


def _value(row: Mapping[str, Any], one: Field) -> Any:
    found: Any = row
    for name in one.field.split("."):
        found = None if found is None else found.get(name)
    return found


def _kind(one: Field, row: Mapping[str, Any]) -> CellKind:
    return one.kind or row["unit"]


def _cell(page: Any, value: Any, kind: CellKind, sheet: Sheet, zone: ZoneInfo) -> Any:
    """None stays empty: a number that is not defined is no zero."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return _text(page, "yes" if value else "no")
    match kind:
        case "month" | "day" | "instant":
            return _formatted(page, _day(value, zone), _FORMATS["month" if kind == "month" else "day"])
        case "text":
            return _text(page, "; ".join(value) if isinstance(value, list | tuple) else str(value))
        case "money":
            digits = minor_digits(sheet.currency)
            return _formatted(page, value, "#,##0" + ("." + "0" * digits if digits else ""))
        case _:
            return _formatted(page, value, _FORMATS[kind])


def _day(text: str, zone: ZoneInfo) -> date:
    if len(text) == _NAMED_MONTH:
        return date.fromisoformat(f"{text}-01")
    return day_of(fmt.seconds(text), zone) if "T" in text else date.fromisoformat(text)


def _formatted(page: Any, value: object, number_format: str) -> Any:
    cell = WriteOnlyCell(page, value)
    cell.number_format = number_format
    return cell


def _header(page: Any, title: str) -> Any:
    cell = _text(page, title, _BOLD)
    cell.fill = _HEADER_FILL
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _text(page: Any, text: str, font: Font | None = None) -> Any:
    """Guarded as in a CSV, so that the name is harmless also where the sheet is saved as one; and of the kind
    text, whatever it looks like: `=1+1` and `#N/A` are names."""
    cell = WriteOnlyCell(page, "")
    cell.value = str(guarded(ILLEGAL_CHARACTERS_RE.sub("", text)))[:_LONGEST_TEXT]
    cell.data_type = "s"
    if font:
        cell.font = font
    return cell
