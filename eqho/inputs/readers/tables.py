"""CSV and Excel files in the template's layout: one header line, one row for each entry."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from eqho.inputs.entries import FX, GOALS, MARGINS, SPEND, Kind
from eqho.inputs.readers.frames import UnreadableFile, has_semicolons, read_frame
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
_MONTH_FORMS = ("%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%b %Y", "%B %Y", "%b-%y", "%m/%Y", "%Y/%m")


def template(kind: Kind) -> str:
    """CSV with the header and an example row."""
    written = io.StringIO()
    csv.writer(written).writerows([FIELDS[kind.name], _EXAMPLES[kind.name]])
    return written.getvalue()


def read_rows(kind: Kind, name: str, data: bytes) -> list[dict[str, Any]]:
    """One row of text and numbers for each line that is not empty. What cannot be a number or a month stays
    as it is: the check of the rows names it. Raises UnreadableFile."""
    frame = read_frame(name, data)
    fields = FIELDS[kind.name]
    columns = {_field(title): title for title in frame.columns}
    needed = [field for field in fields if field not in ("product",)]
    missing = [field for field in needed if field not in columns]
    if missing:
        raise UnreadableFile(
            f"The first line of {name} names no column {', '.join(missing)}: "
            f"it must be {', '.join(fields)}, as in the template."
        )
    texts = frame[[columns[field] for field in fields if field in columns]]
    texts.columns = pd.Index([field for field in fields if field in columns])
    numbers = [text for field in texts.columns if field in _NUMBERS for text in texts[field]]
    mark = decimal_mark(numbers, semicolons=has_semicolons(name, data))
    return [
        {field: _cell(field, text, mark) for field, text in row.items() if text != "" or field in needed}
        for row in texts.to_dict("records")
        if any(text != "" for text in row.values())
    ]


def _field(title: object) -> str:
    return re.sub(r"[\s\-]+", "_", str(title).strip().casefold())


def _cell(field: str, text: str, mark: Mark | None) -> Any:
    if field in _NUMBERS:
        return number_of(text, mark)
    if field == "month":
        return month_of(text)
    if field == "date":
        return text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\d[ T]00:00:00", text) else text
    return text


def month_of(text: str, forms: Sequence[str] = _MONTH_FORMS) -> str:
    """`Oct 2026`, `10/2026` and a day of the month as `2026-10`; other text as it is."""
    for form in forms:
        try:
            found: date = datetime.strptime(text, form).date()  # noqa: DTZ007 - a month has no zone
        except ValueError:
            continue
        return f"{found:%Y-%m}"
    return text
