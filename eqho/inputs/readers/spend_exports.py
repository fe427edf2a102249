"""Spend as ad platforms and card programs export it: one row a day (or month) and campaign, or one a payment.

Columns are recognised by their names, and a person confirms them. Days add up to months.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pandas as pd
from dateutil.parser import ParserError
from dateutil.parser import parse as parse_date

from eqho.inputs.checks import Fault
from eqho.inputs.readers.frames import UnreadableFile, has_semicolons, read_frame
from eqho.inputs.readers.numbers import decimal_mark, number_of
from eqho.money import known_currencies
from eqho.names import on_one_line

_DATES = (
    "month", "day", "date", "reporting starts", "start date in utc", "start date", "transaction date",
    "posted date", "date utc", "clearing date", "purchase date",
)  # fmt: skip
_COSTS = (
    "cost", "spend", "amount spent", "total spent", "total spend", "amount", "transaction amount",
    "billing amount", "debit",
)  # fmt: skip
_CURRENCIES = ("currency code", "currency", "account currency", "transaction currency", "billing currency")
_CATEGORIES = ("category", "accounting category", "merchant category", "sk category", "expense category")
_IN_TITLE = re.compile(r"\(([A-Za-z]{3})\)\s*$")
_TOTAL = re.compile(r"(?i)^(grand )?total\b")
_LINES_ABOVE = 15
_YEAR_FIRST = re.compile(r"\d{4}[-/.]")


class Found(msgspec.Struct, frozen=True):
    """Which columns hold what, by their titles; `category` and `currency` None where no column does.
    `in_title`: the currency that the cost column's own title names."""

    date: str
    cost: str
    category: str | None
    currency: str | None
    in_title: str | None


class SpendExport(msgspec.Struct, frozen=True):
    """`rows` are cells as text, by title; `first` is the number of the first row's line in the file;
    `semicolons` stand between the cells."""

    titles: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    first: int
    found: Found
    semicolons: bool = False


class Summed(msgspec.Struct, frozen=True):
    """Spend rows for the check, and the lines that are no spend, each with its reason."""

    rows: tuple[dict[str, Any], ...]
    faults: tuple[Fault, ...]


def read_spend_export(name: str, data: bytes) -> SpendExport:
    """Lines above the header, as Google Ads writes them, are passed over. Raises UnreadableFile."""
    lines = [[str(cell) for cell in line] for line in read_frame(name, data, header=None).to_numpy().tolist()]
    for place, line in enumerate(lines[:_LINES_ABOVE]):
        if (found := _recognised(line)) is not None:
            rows = tuple(dict(zip(line, cells, strict=True)) for cells in lines[place + 1 :] if any(cells))
            titles = tuple(title for title in line if title)
            return SpendExport(titles, rows, place + 2, found, has_semicolons(name, data))
    raise UnreadableFile(
        f"{name} has no line that names a column of days or months and one of cost, spend or amount."
    )


def summed(
    export: SpendExport, columns: Found, *, category: str, currency: str, day_first: bool = False
) -> Summed:
    """Months × category, in the file's currency where it names one, else in `currency`. `category` stands
    for rows that have none. Amounts below 0 (refunds) are taken off their month. `day_first`: 03/04 is the
    third of April.
    """
    sums: dict[tuple[str, str, str], Decimal] = {}
    faults = []
    mark = decimal_mark((row[columns.cost] for row in export.rows), semicolons=export.semicolons)
    for number, row in enumerate(export.rows, 1):
        if any(_TOTAL.match(cell) for cell in (row[columns.date], next(iter(row.values())))):
            continue
        day, amount = _day(row[columns.date], day_first), number_of(row[columns.cost], mark)
        code = (row[columns.currency] if columns.currency else "") or columns.in_title or currency
        if day is None:
            faults.append(Fault(number, "date", f"“{row[columns.date][:40]}” is no day or month"))
        elif not isinstance(amount, Decimal):
            given = f"“{row[columns.cost][:40]}”" if row[columns.cost] else "nothing"
            faults.append(Fault(number, "amount", f"{given} is no amount"))
        elif code.lower() not in known_currencies():
            faults.append(Fault(number, "currency", f"“{code[:40]}” is no currency"))
        else:
            own = on_one_line(row[columns.category] if columns.category else "")[:60] or category
            key = f"{day:%Y-%m}", own, code.upper()
            sums[key] = sums.get(key, Decimal(0)) + amount
    rows = tuple(
        {"month": month, "category": own, "amount": amount, "currency": code}
        for (month, own, code), amount in sorted(sums.items())
        if amount
    )
    return Summed(rows, tuple(faults))


def _recognised(titles: Sequence[str]) -> Found | None:
    bare = {_bare(title): title for title in reversed(titles) if title}
    day, cost = _first(_DATES, bare), _first(_COSTS, bare)
    if day is None or cost is None:
        return None
    said = _IN_TITLE.search(cost)
    in_title = said[1].upper() if said and said[1].lower() in known_currencies() else None
    return Found(day, cost, _first(_CATEGORIES, bare), _first(_CURRENCIES, bare), in_title)


def _first(names: Sequence[str], titles: Mapping[str, str]) -> str | None:
    return next((titles[name] for name in names if name in titles), None)


def _bare(title: str) -> str:
    return " ".join(re.sub(r"\(.*?\)|[_.]", " ", title).casefold().split())


def _day(text: str, day_first: bool) -> date | None:
    try:
        first = day_first and not _YEAR_FIRST.match(text)
        found = parse_date(text, dayfirst=first, default=pd.Timestamp(2000, 1, 1).to_pydatetime())
    except (ParserError, OverflowError, ValueError):
        return None
    # A cell of a bare number or without a year is no day.
    return found.date() if re.search(r"\d{4}", text) and not text.isdigit() else None
