"""CSV and Excel files, whoever made them, as tables of text."""

import csv
import io
import zipfile

import pandas as pd

from eqho.errors import BadArgument
from eqho.names import readable

LARGEST = 5_000_000
_LARGEST_UNPACKED = 40
"""A workbook is packed: at most so many times `largest` once unpacked."""
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
"""Also what a workbook with a password begins with."""


class UnreadableFile(BadArgument):
    """The file as a whole cannot be used; the message says what to bring instead."""


def read_frame(name: str, data: bytes, header: int | None = 0, *, largest: int = LARGEST) -> pd.DataFrame:
    """Every cell as readable text, "" where it is empty. `largest`: in bytes. Raises UnreadableFile."""
    if len(data) > largest:
        raise UnreadableFile(f"{name} has {len(data) / 1e6:.1f} MB: at most {largest / 1e6:.0f} MB are read.")
    if not data.strip():
        raise UnreadableFile(f"{name} is empty.")
    if data.startswith(b"PK"):
        frame = _workbook(name, data, header, largest)
    elif data.startswith(_OLD_EXCEL):
        raise UnreadableFile(
            f"{name} is protected by a password or of an old Excel: save it as .xlsx without a password."
        )
    else:
        frame = _csv(name, _decoded(name, data), header)
    if frame.empty:
        raise UnreadableFile(f"{name} has no rows below its first line.")
    if header is not None:
        frame.columns = pd.Index([readable(str(title)) for title in frame.columns])
    return frame.fillna("").map(lambda cell: readable(str(cell)).strip())


def has_semicolons(name: str, data: bytes) -> bool:
    """Whether semicolons stand between the cells of a file that `read_frame` has read."""
    return not data.startswith(b"PK") and _separator(_decoded(name, data)) == ";"


def _separator(text: str) -> str:
    return max(",;\t", key=text.count)


def _workbook(name: str, data: bytes, header: int | None, largest: int) -> pd.DataFrame:
    if _unpacked(name, data) > largest * _LARGEST_UNPACKED:
        raise UnreadableFile(f"{name} is far larger once unpacked: save the sheet alone, or as CSV.")
    try:
        return pd.read_excel(io.BytesIO(data), dtype=str, keep_default_na=False, header=header)
    except Exception:  # What a broken workbook makes openpyxl raise has no common kind.
        raise _unreadable(name) from None


def _unpacked(name: str, data: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        raise _unreadable(name) from None


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


def _csv(name: str, text: str, header: int | None) -> pd.DataFrame:
    separator = _separator(text)
    try:
        if header is None:
            # Title lines are shorter than the table below them.
            lines = [line for line in csv.reader(io.StringIO(text), delimiter=separator) if any(line)]
            width = max(map(len, lines), default=0)
            return pd.DataFrame([line + [""] * (width - len(line)) for line in lines])
        return pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype=str,
            keep_default_na=False,
            header=header,
            skip_blank_lines=True,
        )
    except (ValueError, OverflowError, csv.Error) as error:
        raise _unreadable(name, str(error)) from None


def _unreadable(name: str, why: str = "") -> UnreadableFile:
    because = f" ({why.strip()[:120]})" if why else ""
    return UnreadableFile(f"{name} is neither CSV nor an Excel workbook that can be read{because}.")
