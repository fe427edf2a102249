"""Exports of Stripe, ChartMogul, Baremetrics, ProfitWell, or of anybody: who pays how much MRR, when.

Columns are recognised by their names. Months may stand in a column or be the columns themselves.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Literal

import msgspec
import pandas as pd
from dateutil.parser import ParserError
from dateutil.parser import parse as parse_date
from dateutil.relativedelta import relativedelta

from eqho.errors import BadArgument
from eqho.inputs.readers.frames import read_frame
from eqho.inputs.readers.numbers import Mark, decimal_mark, number_of
from eqho.metrics.comparison import Claim
from eqho.money import known_currencies, minor_digits

Kind = Literal["auto", "stripe", "chartmogul", "baremetrics", "profitwell"]
Field = Literal["id", "email", "name", "month", "amount", "currency"]

LARGEST_FILE = 20_000_000
_MOST_FAULTS = 50
_WORDS: Mapping[Field, tuple[str, ...]] = {
    "id": (
        "customer id", "stripe customer id", "stripe id", "external id", "customer external id",
        "customer oid", "oid", "subscriber id", "customer", "id",
    ),
    "email": ("customer email", "email", "e mail", "subscriber email", "email address"),
    "name": ("customer name", "name", "subscriber", "subscriber name", "company", "company name"),
    "month": ("month", "date", "period", "month end", "as of", "day"),
    "amount": (
        "mrr", "customer mrr", "current mrr", "monthly recurring revenue", "mrr amount", "net mrr", "amount",
        "mrr usd", "mrr value",
    ),
    "currency": ("currency", "mrr currency", "customer currency"),
}  # fmt: skip
_IN_CENTS = frozenset(("mrr cents", "mrr in cents", "current mrr cents", "amount cents"))
_TOTAL = re.compile(r"(grand )?totals?", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_WORDED_MONTH = re.compile(r"([A-Za-z]{3,9})[ \-']+(\d{2}|\d{4})")


class ExportRows(msgspec.Struct, frozen=True):
    """`columns`: which column of the file is what. `problems` name the rows that could not be used."""

    claims: tuple[Claim, ...]
    columns: dict[str, str]
    problems: tuple[str, ...]


def read_export(content: bytes, currency: str, kind: Kind = "auto", day: date | None = None) -> ExportRows:
    """`day` is the one the amounts are of where the file has no column of dates. Raises BadArgument."""
    table, semicolons = read_frame("The file", content, largest=LARGEST_FILE)
    table = table.loc[:, table.columns != ""]
    columns, months = _recognised(table, kind)
    if not months and "month" not in columns and day is None:
        raise BadArgument(
            "The file has no column of months or dates: say with `month` which one its amounts are of, "
            "such as 2026-10."
        )
    claims, problems = list[Claim](), list[str]()
    in_cents = _plain(columns.get("amount", "")) in _IN_CENTS
    amounts = (_bare(text) for title in months or [columns["amount"]] for text in table[title])
    mark = decimal_mark(amounts, semicolons=semicolons)
    for number, cells in enumerate(table.to_dict("records"), start=2):
        who = {f: _text(cells.get(columns[f])) for f in ("id", "email", "name") if f in columns}
        if not any(who.values()):
            if any(_text(value) for value in cells.values()):
                problems.append(f"row {number} names no customer")
            continue
        if any(_TOTAL.fullmatch(text) for text in who.values()):
            continue
        told = _text(cells.get(columns.get("currency", ""))).lower()
        if told and told not in known_currencies():
            problems.append(f"row {number}: “{told[:20]}” is no currency")
            continue
        for label, when, text in _amounts(cells, columns, months, day):
            if when is None:
                problems.append(f"row {number}: “{label[:30]}” is no month or day")
                continue
            try:
                minor = _minor(text, told or currency, mark, in_cents=in_cents)
            except ValueError:
                problems.append(f"row {number}: “{text[:30]}” is no amount")
                continue
            claims.append(Claim(label, when, minor, currency=told, **who))
    if not claims:
        raise BadArgument(f"No row of the file can be used: {_told(problems)}.")
    return ExportRows(tuple(claims), {str(k): v for k, v in columns.items()}, tuple(problems))


@cache
def month_or_day(text: str) -> tuple[str, date] | None:
    """(label, the last day meant) of `2026-10`, `Oct 2026`, `2026-10-31` or another way to write a day."""
    text = text.strip()
    if match := _MONTH.fullmatch(text):
        return _month(int(match[1]), int(match[2]))
    if match := _WORDED_MONTH.fullmatch(text):
        try:
            first = parse_date(f"1 {match[1]} {match[2]}")
        except (ParserError, OverflowError):
            return None
        return _month(first.year, first.month)
    try:
        day = (
            date.fromisoformat(text[:10]) if re.match(r"\d{4}-\d{2}-\d{2}", text) else parse_date(text).date()
        )
    except (ParserError, OverflowError, ValueError):
        return None
    if day.day == 1 or (day + timedelta(days=1)).day == 1:
        # Tools name a month by its first day or by its last.
        return _month(day.year, day.month)
    return day.isoformat(), day


def _month(year: int, month: int) -> tuple[str, date] | None:
    if not 1 <= month <= 12 or not 1971 <= year <= 2200:
        return None
    first = date(year, month, 1)
    return f"{first:%Y-%m}", first + relativedelta(months=1, days=-1)


def _recognised(table: pd.DataFrame, kind: Kind) -> tuple[dict[Field, str], list[str]]:
    """Which column is what, and the columns that are months."""
    months = [column for column in table.columns if month_or_day(column) is not None]
    plain = {_plain(column): column for column in reversed(table.columns)}
    columns: dict[Field, str] = {}
    for field, words in _WORDS.items():
        wanted = words if field != "amount" else (*words, *_IN_CENTS)
        if (known := next((plain[word] for word in wanted if word in plain), None)) is not None:
            columns[field] = known
    if kind == "chartmogul" and "external id" in plain:
        columns["id"] = plain["external id"]
    missing = []
    if not {"id", "email", "name"} & set(columns):
        missing.append("a customer (id, e-mail or name)")
    if not months and "amount" not in columns:
        missing.append("an amount of MRR")
    if missing:
        found = ", ".join(f"“{column[:30]}”" for column in table.columns[:12])
        raise BadArgument(f"The file has no column for {' and '.join(missing)}; its columns are {found}.")
    return columns, months


def _amounts(
    cells: Mapping[str, object], columns: Mapping[Field, str], months: Sequence[str], day: date | None
) -> list[tuple[str, date | None, str]]:
    """(label, day, text of the amount): one for a row of a long table, one a month of a wide one."""
    if months:
        wide = [(month_or_day(column), _text(cells[column])) for column in months]
        return [(*named, text or "0") for named, text in wide if named is not None]
    amount = _text(cells[columns["amount"]])
    if "month" in columns:
        written = _text(cells[columns["month"]])
        label, when = month_or_day(written) or (written, None)
        return [(label, when, amount)]
    assert day is not None
    return [(f"{day:%Y-%m}" if (day + timedelta(days=1)).day == 1 else day.isoformat(), day, amount)]


def _minor(text: str, currency: str, mark: Mark | None, *, in_cents: bool) -> int:
    """Minor units of `$1,234.50`, `(12.00)`, `1.234,50 €`. ValueError for what is no number."""
    amount = number_of(_bare(text), mark)
    if not isinstance(amount, Decimal):
        raise ValueError(text)  # noqa: TRY004 - it is the text that is wrong
    scaled = amount if in_cents else amount.scaleb(minor_digits(currency))
    return int(scaled.to_integral_value())


def _bare(text: str) -> str:
    """Without words and signs of currencies."""
    return re.sub(r"[^\d.,\-()]", "", text.replace("−", "-"))


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", column.lower()).strip()


def _text(value: object) -> str:
    return str(value).strip() if value is not None else ""


def _told(problems: Sequence[str]) -> str:
    more = f"; and {len(problems) - _MOST_FAULTS} more" if len(problems) > _MOST_FAULTS else ""
    return "; ".join(problems[:_MOST_FAULTS]) + more
