"""CSV and Excel files in the template's layout: one header line, one row for each entry."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from eqho.errors import BadArgument
from eqho.inputs.entries import FX, MARGINS, SPEND, Kind

LARGEST = 5_000_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Also what a workbook with a password begins with."""
FIELDS = {
    SPEND.name: ("month", "category", "amount", "currency", "product"),
    MARGINS.name: ("month", "product", "gross_margin"),
    FX.name: ("date", "currency", "rate"),
}
_EXAMPLES = {
    SPEND.name: ("2026-10", "Paid ads", "1200.50", "USD", ""),
    MARGINS.name: ("2026-10", "all-products", "0.8"),
    FX.name: ("2026-10-30", "EUR", "0.92"),
}
_NUMBERS = frozenset(("amount", "gross_margin", "rate"))
_MONTH_FORMS = ("%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%b %Y", "%B %Y", "%b-%y", "%m/%Y", "%Y/%m")
_MONEY = re.compile(r"[$€£¥\s\u00a0]")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")


class UnreadableFile(BadArgument):
    """The file as a whole cannot be used; the message says what to bring instead."""


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
    return [
        {field: _cell(field, text) for field, text in row.items() if text != "" or field in needed}
        for row in texts.to_dict("records")
        if any(text != "" for text in row.values())
    ]


def read_frame(name: str, data: bytes, header: int | None = 0) -> pd.DataFrame:
    """Every cell as text, "" where it is empty. Raises UnreadableFile."""
    if len(data) > LARGEST:
        raise UnreadableFile(f"{name} has {len(data) / 1e6:.1f} MB: at most {LARGEST / 1e6:.0f} MB are read.")
    if not data.strip():
        raise UnreadableFile(f"{name} is empty.")
    try:
        if data.startswith(b"PK"):
            frame = pd.read_excel(io.BytesIO(data), dtype=str, keep_default_na=False, header=header)
        elif data.startswith(_OLD_EXCEL):
            raise UnreadableFile(
                f"{name} is protected by a password or of an old Excel: save it as .xlsx without a password."
            )
        else:
            frame = _csv(_decoded(name, data), header)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, csv.Error, pd.errors.ParserError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"{name} is neither CSV nor an Excel workbook that can be read.") from None
    if frame.empty:
        raise UnreadableFile(f"{name} has no rows below its first line.")
    return frame.fillna("").map(lambda cell: str(cell).strip())


def _decoded(name: str, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableFile(
            f"{name} is not in UTF-8: save it as “CSV UTF-8” or as an Excel workbook."
        ) from None
    if "\x00" in text:
        raise UnreadableFile(f"{name} is neither CSV nor an Excel workbook that can be read.")
    return text


def _csv(text: str, header: int | None) -> pd.DataFrame:
    separator = max(",;\t", key=text.count)
    if header is None:
        # Title lines are shorter than the table below them.
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=separator) if any(line)]
        width = max(map(len, lines))
        return pd.DataFrame([line + [""] * (width - len(line)) for line in lines])
    return pd.read_csv(
        io.StringIO(text),
        sep=separator,
        dtype=str,
        keep_default_na=False,
        header=header,
        skip_blank_lines=True,
    )


def _field(title: object) -> str:
    return re.sub(r"[\s\-]+", "_", str(title).strip().casefold())


def _cell(field: str, text: str) -> Any:
    if field in _NUMBERS:
        return number_of(text)
    if field == "month":
        return month_of(text)
    if field == "date":
        return text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\d[ T]00:00:00", text) else text
    return text


def number_of(text: str) -> Decimal | str | None:
    """`1,200.50`, `$ 1,200`, `(45)` and `80%` as numbers; None where nothing stands; other text as it is."""
    bare = _MONEY.sub("", text)
    if not bare:
        return None
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()").replace("−", "-")
    percent = bare.endswith("%")
    bare = bare.removesuffix("%")
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    return (-number if negative else number) / (100 if percent else 1)


def month_of(text: str, forms: Sequence[str] = _MONTH_FORMS) -> str:
    """`Oct 2026`, `10/2026` and a day of the month as `2026-10`; other text as it is."""
    for form in forms:
        try:
            found: date = datetime.strptime(text, form).date()  # noqa: DTZ007 - a month has no zone
        except ValueError:
            continue
        return f"{found:%Y-%m}"
    return text
