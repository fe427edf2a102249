"""CSV and Excel files in the template's layout: one header line, one row for each entry."""

import csv
import io
import re
from typing import Any

from eqho.inputs.entries import FX, GOALS, MARGINS, SPEND, Kind
from eqho.inputs.readers.frames import UnreadableFile, read_frame
from eqho.inputs.readers.months import month_in
from eqho.inputs.readers.numbers import Mark, decimal_mark, number_of

FIELDS = {
    SPEND.name: ("month", "category", "amount", "currency", "product"),
    MARGINS.name: ("month", "product", "gross_margin"),
    FX.name: ("date", "currency", "rate"),
    GOALS.name: ("metric", "product", "period", "target"),
}
_EXAMPLES = {
    SPEND.name: ("2026-10", "Paid ads", "1200.50", "USD", ""),
    MARGINS.name: ("2026-10", "all-products", "0.8"),
    FX.name: ("2026-10-30", "EUR", "0.92"),
    GOALS.name: ("mrr", "all-products", "2026-12", "100000"),
}
_NUMBERS = frozenset(("amount", "gross_margin", "rate", "target"))


def template(kind: Kind) -> str:
    """CSV with the header and an example row."""
    written = io.StringIO()
    csv.writer(written).writerows([FIELDS[kind.name], _EXAMPLES[kind.name]])
    return written.getvalue()


def read_rows(kind: Kind, name: str, data: bytes) -> list[dict[str, Any]]:
    """One row of text and numbers for each line that is not empty. What cannot be a number or a month stays
    as it is: the check of the rows names it. Raises UnreadableFile."""
    frame, semicolons = read_frame(name, data)
    fields = FIELDS[kind.name]
    known = {_field(title): title for title in reversed(frame.columns)}
    needed = [field for field in fields if field not in ("product",)]
    missing = [field for field in needed if field not in known]
    if missing:
        raise UnreadableFile(
            f"The first line of {name} names no column {', '.join(missing)}: "
            f"it must be {', '.join(fields)}, as in the template."
        )
    columns = {field: known[field] for field in fields if field in known}
    numbers = [text for field, title in columns.items() if field in _NUMBERS for text in frame[title]]
    mark = decimal_mark(numbers, semicolons=semicolons)
    rows = []
    for cells in frame.itertuples(index=False, name=None):
        told = dict(zip(frame.columns, cells, strict=True))
        row = {field: _cell(field, told[title], mark) for field, title in columns.items() if told[title]}
        beyond = [cell for title, cell in zip(frame.columns, cells, strict=True) if cell and not title]
        if row or beyond:
            rows.append(row | ({"": beyond[0]} if beyond else {}))
    return rows


def _field(title: object) -> str:
    return re.sub(r"[\s\-]+", "_", str(title).strip().casefold())


def _cell(field: str, text: str, mark: Mark | None) -> Any:
    if field in _NUMBERS:
        return number_of(text, mark)
    if field == "month":
        return month_in(text) or text
    if field == "date":
        return text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\d[ T]00:00:00", text) else text
    return text
