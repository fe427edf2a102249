"""Spend as ad platforms and card programs export it: one row a day (or month) and campaign, or one a payment.

Columns are recognised by their names, and a person confirms them. Days add up to months.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from dateutil.parser import ParserError
from dateutil.parser import parse as parse_date

from eqho.inputs.checks import Fault
from eqho.inputs.readers.frames import UnreadableFile, distinct, read_sheets
from eqho.inputs.readers.months import month_in
from eqho.inputs.readers.numbers import decimal_mark, has_two_readings, number_of
from eqho.inputs.readers.sums import Sums
from eqho.money import known_currencies
from eqho.names import on_one_line

_DATES = (
    "month", "day", "by day", "by month", "date", "reporting starts", "start date in utc", "start date",
    "transaction date", "transaction time", "posted date", "date utc", "clearing date", "purchase date",
    "time period",
)  # fmt: skip
_COSTS = (
    "cost", "spend", "amount spent", "total spent", "total spend", "amount", "transaction amount",
    "billing amount", "debit",
)  # fmt: skip
_CURRENCIES = ("currency code", "currency", "account currency", "transaction currency", "billing currency")
_CATEGORIES = ("category", "accounting category", "merchant category", "sk category", "expense category")
_ENDS = {
    "reporting starts": "reporting ends",
    "start date": "end date",
    "start date in utc": "end date in utc",
}
_WORDS_OF_DATES = frozenset(("date", "day", "month"))
_WORDS_OF_COSTS = frozenset(("amount", "cost", "debit", "spend", "spent", "total"))
_IN_TITLE = re.compile(r"\(([A-Za-z]{3})\)\s*$")
_TOTAL = re.compile(r"(?i)^(grand )?total\b")
_LINES_ABOVE = 15
_IN_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)\b")
_YEAR = re.compile(r"\d{4}")
_YEARS = range(2000, 2101)
_RANGE = re.compile(r" [-–] |–")


class Found(msgspec.Struct, frozen=True):
    """Which columns hold what, by their titles; `category` and `currency` None where no column does.
    `in_title`: the currency that the cost column's own title names. `until`: where rows are of a time from
    the day of `date` on, the column of its last day."""

    date: str
    cost: str
    category: str | None
    currency: str | None
    in_title: str | None
    until: str | None = None


class SpendExport(msgspec.Struct, frozen=True):
    """`rows` are cells as text, by title. `semicolons` stand between the cells. `other_sheets` of the
    workbook were not read."""

    titles: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    found: Found
    semicolons: bool = False
    other_sheets: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """What a person confirms of an export: `category` and `currency` of rows that name none; `day_first`:
    03/04 is the third of April; `turned`: amounts below 0 are what was spent, those above were given back."""

    columns: Found
    category: str
    currency: str
    day_first: bool = False
    turned: bool = False


class Summed(msgspec.Struct, frozen=True):
    """Spend rows for the check, and the lines that are no spend, each with its reason."""

    rows: tuple[dict[str, Any], ...]
    faults: tuple[Fault, ...]


def read_spend_export(name: str, data: bytes) -> SpendExport:
    """Lines above the header, as Google Ads writes them, are passed over. Raises UnreadableFile."""
    sheets = read_sheets(name, data)
    for sheet in sheets:
        for place, line in enumerate(sheet.lines[:_LINES_ABOVE]):
            titles = distinct(line)
            if (found := _recognised(titles)) is not None:
                others = tuple(other.title for other in sheets if other is not sheet)
                return SpendExport(
                    tuple(title for title in titles if title),
                    tuple(dict(zip(titles, cells, strict=True)) for cells in sheet.lines[place + 1 :]),
                    found,
                    sheet.semicolons,
                    others,
                )
    raise UnreadableFile(
        f"{name} has no line that names a column of days or months and one of cost, spend or amount."
    )


def proposed(export: SpendExport, columns: Found, *, category: str, currency: str) -> Reading:
    """What the file itself says of it: days above 12 tell where they stand, and of a card's payments more
    are on one side of 0."""
    numbered = [parts for row in export.rows if (parts := _IN_NUMBERS.match(row[columns.date]))]
    amounts = _amounts(export, columns)
    below = sum(amount < 0 for amount in amounts if isinstance(amount, Decimal))
    above = sum(amount > 0 for amount in amounts if isinstance(amount, Decimal))
    return Reading(
        columns,
        category,
        currency,
        day_first=any(int(parts[1]) > 12 or parts[2] == "." for parts in numbered),
        turned=below > above,
    )


def summed(export: SpendExport, reading: Reading) -> Summed:
    """Months × category, in the file's currency where it names one. What was given back is taken off its
    month. A line that repeats the sum of the others is not counted."""
    sums = Sums()
    faults = []
    columns, amounts = reading.columns, _amounts(export, reading.columns)
    total = _total_line(export, columns, amounts)
    for number, (row, amount) in enumerate(zip(export.rows, amounts, strict=True), 1):
        if number == total:
            continue
        month = _month(row[columns.date], reading.day_first)
        until = _month(row[columns.until], reading.day_first) if columns.until else month
        code = (row[columns.currency] if columns.currency else "") or columns.in_title or reading.currency
        if month is None:
            if not any(_TOTAL.match(cell) for cell in (row[columns.date], next(iter(row.values())))):
                faults.append(Fault(number, "date", f"“{row[columns.date][:40]}” is no day or month"))
        elif until != month:
            faults.append(
                Fault(number, "date", f"it is of more than {month}: export by day or by month instead")
            )
        elif not isinstance(amount, Decimal):
            faults.append(Fault(number, "amount", _no_amount(row[columns.cost])))
        elif code.lower() not in known_currencies():
            faults.append(Fault(number, "currency", f"“{code[:40]}” is no currency"))
        else:
            own = on_one_line(row[columns.category] if columns.category else "")[:60] or reading.category
            sums.add(month, own, code, -amount if reading.turned else amount)
    return Summed(tuple(sums.rows()), tuple(faults))


def _amounts(export: SpendExport, columns: Found) -> list[Decimal | str | None]:
    told = [row[columns.cost] for row in export.rows]
    mark = decimal_mark(told, semicolons=export.semicolons)
    return [number_of(text, mark) for text in told]


def _no_amount(cell: str) -> str:
    if not cell:
        return "nothing is no amount"
    return f"“{cell[:40]}” {'can be read in two ways' if has_two_readings(cell) else 'is no amount'}"


def _total_line(export: SpendExport, columns: Found, amounts: Sequence[Decimal | str | None]) -> int | None:
    """Meta puts a line of totals, dated as the others are, above or below them: it names nothing where each
    of the others does."""
    known = [amount for amount in amounts if isinstance(amount, Decimal)]
    for place in (0, len(amounts) - 1):
        if len(known) == len(amounts) > 2 and known[place] * 2 == sum(known):
            others = [row for at, row in enumerate(export.rows) if at != place]
            empty = [title for title in export.titles if not export.rows[place][title]]
            if any(all(row[title] for row in others) for title in empty if title != columns.cost):
                return place + 1
    return None


def _recognised(titles: Sequence[str]) -> Found | None:
    bare = {_bare(title): title for title in reversed(titles) if title}
    day = _first(_DATES, bare) or _of_words(_WORDS_OF_DATES, titles)
    cost = _first(_COSTS, bare) or _of_words(_WORDS_OF_COSTS, titles)
    if day is None or cost is None or day == cost:
        return None
    said = _IN_TITLE.search(cost)
    in_title = said[1].upper() if said and said[1].lower() in known_currencies() else None
    until = bare.get(_ENDS.get(_bare(day), ""))
    return Found(day, cost, _first(_CATEGORIES, bare), _first(_CURRENCIES, bare), in_title, until)


def _first(names: Sequence[str], titles: Mapping[str, str]) -> str | None:
    return next((titles[name] for name in names if name in titles), None)


def _of_words(words: frozenset[str], titles: Sequence[str]) -> str | None:
    return next((title for title in titles if words & set(_bare(title).split())), None)


def _bare(title: str) -> str:
    return " ".join(re.sub(r"\(.*?\)|[_.]", " ", title).casefold().split())


def _month(text: str, day_first: bool) -> str | None:
    """`2026-10`; None for what is no day or month with its year, and for days of more than one month."""
    if (parts := _IN_NUMBERS.match(text)) is not None:
        day, month = int(parts[1]), int(parts[3])
        if not day_first and parts[2] != ".":
            day, month = month, day
        year = int(parts[4])
        return _valid(year if year > 99 else 2000 + year, month, day)
    if re.fullmatch(r"\d{8}", text):
        return _valid(int(text[:4]), int(text[4:6]), int(text[6:]))
    if not _YEAR.search(text) or text.isdigit():
        return None
    if _RANGE.search(text):
        return month_in(text)
    try:
        found = parse_date(text, default=datetime(2000, 1, 1))  # noqa: DTZ001 - only its month is of use
    except (ParserError, OverflowError, ValueError):
        return None
    return _valid(found.year, found.month, found.day)


def _valid(year: int, month: int, day: int) -> str | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return f"{found:%Y-%m}" if year in _YEARS else None
