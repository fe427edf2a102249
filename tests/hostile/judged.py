"""Whether a piece of output shows what is secret, or lets a name act."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet as pq
from openpyxl import load_workbook

from tests.hostile import secrets
from tests.hostile.names import EVIL, UNREADABLE

_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def acts(text: str) -> list[str]:
    """Characters of a text that do not stand to be read."""
    return [f"U+{ord(one):04X}" for one in sorted(UNREADABLE.intersection(text))]


def wrong_with(content_type: str, body: bytes) -> list[str]:
    """What an answer, a message or a file tells or does that it must not; nothing where all is well."""
    found = secrets.told(body)
    match content_type.partition(";")[0]:
        case "application/json" | "application/vnd.eqho.records+json" | "text/event-stream":
            texts = list(texts_of(json.loads(body)))
        case "text/csv":
            texts = [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for cell in row]
            found += [f"runs as a formula: {cell!r}" for cell in texts if runs(cell)]
        case "application/vnd.apache.parquet":
            table = pq.read_table(io.BytesIO(body)).to_pydict()
            texts = [cell for column in table.values() for cell in column if isinstance(cell, str)]
        case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
            texts = []
            for sheet in load_workbook(io.BytesIO(body)):
                for cell in (cell for row in sheet.iter_rows() for cell in row):
                    texts.append(str(cell.value or ""))
                    found += [f"formula in {sheet.title}: {cell.value!r}"] * (cell.data_type == "f")
                    link = cell.hyperlink and cell.hyperlink.target
                    found += [f"leads to {link}"] * (EVIL in (link or ""))
        case "text/plain" | "text/html":
            texts = [body.decode()]
        case other:
            raise AssertionError(f"say here how {other} is read")
    found += [f"holds {signs}" for text in texts if (signs := acts(text))]
    return list(dict.fromkeys(found))


def runs(cell: str) -> bool:
    """A spreadsheet ignores blanks and what it cannot show; a number may be negative."""
    try:
        float(cell)
    except ValueError:
        shown = "".join(one for one in cell if one not in UNREADABLE)
        return shown.strip().startswith(_STARTS_A_FORMULA)
    return False


def texts_of(told: Any) -> list[str]:
    """Every text in an answer, the names of its fields among them."""
    if isinstance(told, str):
        return [told]
    if isinstance(told, dict):
        return [text for pair in told.items() for each in pair for text in texts_of(each)]
    if isinstance(told, list):
        return [text for each in told for text in texts_of(each)]
    return []
