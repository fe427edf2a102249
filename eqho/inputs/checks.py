"""Whether rows that somebody typed or imported can be used. Every bad row is named, not only the first."""

import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from eqho.csv_files import looks_like_formula
from eqho.errors import BadArgument
from eqho.inputs.readers.numbers import has_two_readings
from eqho.metrics.entered import GOAL_METRICS, Goal, Margin, Rate, Spend
from eqho.money import known_currencies
from eqho.names import on_one_line
from eqho.products import ALL, ProductLines, UnknownProduct

T = TypeVar("T")

MOST_ROWS = 20_000
_LONGEST_CATEGORY = 60
_NAMED = 50
_YEARS = range(2000, 2101)
_LARGEST = Decimal(10) ** 12
_GOAL_PERIOD = re.compile(r"(\d{4})-(0[1-9]|1[0-2]|Q[1-4])")
_ANSWERED = ("actual", "on_pace")
"""What a list of goals says of each row when it is read; written back it changes nothing."""
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class Fault(NamedTuple):
    """`row` counts from 1; `of` names what a row that is made of several is: an account, a sum."""

    row: int
    field: str
    sentence: str
    of: str = ""

    def __str__(self) -> str:
        return f"{self.of or f'row {self.row}'}: {self.sentence}"


class Checked(NamedTuple, Generic[T]):
    """`rows` are the good ones, in their order."""

    rows: tuple[T, ...]
    faults: tuple[Fault, ...]


class BadRows(BadArgument):
    """Rows that cannot be used; nothing of the list was stored."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        named = "; ".join(str(fault) for fault in faults[:_NAMED])
        more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        super().__init__(f"Nothing is saved: {named}{more}.")
        self.faults = tuple(faults)


class _Bad(ValueError):
    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def check_spend(rows: Sequence[object], lines: ProductLines) -> Checked[Spend]:
    """Fields: month, category, amount, currency, and where it is one line's own, product."""

    def read(row: Mapping[str, Any]) -> Spend:
        return Spend(
            _month(row), _category(row), _amount(row), _currency(row), _line(row, lines, whole_company=None)
        )

    return _checked(
        rows,
        read,
        ("month", "category", "amount", "currency", "product"),
        lambda one: (one.month, one.category.casefold(), one.product or "", one.currency),
        "has the month, category and product of row {}: put them into one row",
    )


def check_sums(rows: Sequence[Mapping[str, Any]], lines: ProductLines) -> Checked[Spend]:
    """As `check_spend`, of rows that are sums of a file's: their faults name month and category."""
    checked = check_spend(rows, lines)
    named = (
        fault._replace(of="{month}, {category}".format_map(rows[fault.row - 1])) if fault.field else fault
        for fault in checked.faults
    )
    return Checked(checked.rows, tuple(named))


def check_margins(rows: Sequence[object], lines: ProductLines) -> Checked[Margin]:
    """Fields: month, gross_margin as a fraction, and product; without it the margin is the company's."""

    def read(row: Mapping[str, Any]) -> Margin:
        margin = _number(row, "gross_margin", "a fraction like 0.8")
        if not 0 <= margin <= 1:
            raise _Bad("gross_margin", f"gross_margin {_told(margin)} lies outside 0 to 1: 80 % is 0.8")
        return Margin(_month(row), margin, _line(row, lines, whole_company=ALL) or ALL)

    return _checked(
        rows,
        read,
        ("month", "product", "gross_margin"),
        lambda one: (one.month, one.product),
        "has the month and product of row {}: a product has one margin a month",
    )


def check_rates(rows: Sequence[object], lines: ProductLines) -> Checked[Rate]:
    """Fields: date, currency, and rate in units of the currency for one unit of the base."""

    def read(row: Mapping[str, Any]) -> Rate:
        rate = _number(row, "rate", "units of the currency for one of the base")
        if not 0 < rate < _LARGEST:
            raise _Bad("rate", f"rate {_told(rate)} cannot be: it is above 0 and below {_LARGEST:,}")
        return Rate(_day(row), _currency(row), rate)

    return _checked(
        rows,
        read,
        ("date", "currency", "rate"),
        lambda one: (one.date, one.currency),
        "has the date and currency of row {}: a currency has one rate a day",
    )


def check_goals(rows: Sequence[object], lines: ProductLines) -> Checked[Goal]:
    """Fields: metric, period (a month or a quarter), target, and product; without it the goal is the
    company's. `actual` and `on_pace`, which an answer adds, are left aside."""

    def read(row: Mapping[str, Any]) -> Goal:
        metric = _text(row, "metric", "one of " + ", ".join(GOAL_METRICS))
        if metric not in GOAL_METRICS:
            raise _Bad(
                "metric", f"metric {_shown(metric)} has no goals: give one of {', '.join(GOAL_METRICS)}"
            )
        period = _text(row, "period", "a month like 2026-12 or a quarter like 2026-Q4")
        parts = _GOAL_PERIOD.fullmatch(period)
        if not parts or int(parts[1]) not in _YEARS:
            raise _Bad(
                "period", f"period {_shown(period)} is no month and no quarter: give 2026-12 or 2026-Q4"
            )
        target = _number(row, "target", "a number like 100000")
        if not 0 <= target < _LARGEST:
            raise _Bad("target", f"target {_told(target)} cannot be: it is 0 or more and below {_LARGEST:,}")
        return Goal(metric, _line(row, lines, whole_company=ALL) or ALL, period, target)

    return _checked(
        rows,
        read,
        ("metric", "product", "period", "target", *_ANSWERED),
        lambda one: (one.metric, one.product, one.period),
        "has the metric, product and period of row {}: each has one goal",
    )


def _checked(
    rows: Sequence[object],
    read: Callable[[Mapping[str, Any]], T],
    fields: Iterable[str],
    key: Callable[[T], Hashable],
    repeated: str,
) -> Checked[T]:
    if len(rows) > MOST_ROWS:
        fault = Fault(MOST_ROWS + 1, "", f"there are {len(rows):,} rows: at most {MOST_ROWS:,} are kept")
        return Checked((), (fault,))
    good: list[T] = []
    faults: list[Fault] = []
    first: dict[Hashable, int] = {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            faults.append(Fault(number, "", f"{_shown(row)} is no object with {', '.join(fields)}"))
            continue
        try:
            _refuse_unknown(row, fields)
            one = read(row)
        except _Bad as error:
            faults.append(Fault(number, error.field, str(error)))
            continue
        before = first.setdefault(key(one), number)
        if before != number:
            faults.append(Fault(number, "", f"it {repeated.format(before)}"))
            continue
        good.append(one)
    return Checked(tuple(good), tuple(faults))


def _refuse_unknown(row: Mapping[str, Any], fields: Iterable[str]) -> None:
    for field in row:
        if field == "":
            raise _Bad("", f"it has a cell beyond the columns that are named: {_shown(row[field])}")
        if field not in fields:
            raise _Bad("", f"it has the unknown field {_shown(field)}; known are {', '.join(fields)}")


def _text(row: Mapping[str, Any], field: str, example: str) -> str:
    found = row.get(field)
    if not isinstance(found, str) or not on_one_line(found):
        given = "is missing" if _is_empty(found) else f"{_shown(found)} is no text"
        raise _Bad(field, f"{field} {given}: give {example}")
    return on_one_line(found)


def _month(row: Mapping[str, Any]) -> str:
    text = _text(row, "month", "a month like 2026-10")
    parts = _MONTH.fullmatch(text)
    if not parts or int(parts[1]) not in _YEARS or not 1 <= int(parts[2]) <= 12:
        raise _Bad("month", f"month {_shown(text)} is no month: give one like 2026-10")
    return text


def _day(row: Mapping[str, Any]) -> str:
    text = _text(row, "date", "a day like 2026-10-31")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _Bad("date", f"date {_shown(text)} is no day: give one like 2026-10-31") from None
    if day.year not in _YEARS:
        raise _Bad("date", f"date {_shown(text)} lies outside {_YEARS[0]} to {_YEARS[-1]}")
    return day.isoformat()


def _category(row: Mapping[str, Any]) -> str:
    text = _text(row, "category", "a name like Paid ads")
    if looks_like_formula(text):
        raise _Bad("category", f"category {_shown(text)} begins like a formula of a spreadsheet: give a name")
    if len(text) > _LONGEST_CATEGORY:
        raise _Bad("category", f"category {_shown(text)} has more than {_LONGEST_CATEGORY} characters")
    return text


def _amount(row: Mapping[str, Any]) -> Decimal:
    amount = _number(row, "amount", "an amount like 1200.50")
    if amount < 0:
        raise _Bad("amount", f"amount {_told(amount)} is below 0: take a refund off the row it belongs to")
    if amount >= _LARGEST:
        raise _Bad("amount", f"amount {_told(amount)} is too large: it is below {_LARGEST:,}")
    return amount


def _number(row: Mapping[str, Any], field: str, example: str) -> Decimal:
    found = row.get(field)
    if _is_empty(found):
        raise _Bad(field, f"{field} is missing: give {example}")
    if isinstance(found, str):
        formula = found.startswith("=")
        kind = "is a formula" if formula else "is text"
        if has_two_readings(found):
            kind = "can be read in two ways"
        raise _Bad(field, f"{field} {_shown(found)} {kind}: give {example} as a number")
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise _Bad(field, f"{field} {_shown(found)} is no number: give {example}")
    number = Decimal(str(found))
    if not number.is_finite():
        raise _Bad(field, f"{field} {_shown(found)} is no number: give {example}")
    return number


def _told(number: Decimal) -> str:
    return f"{number:f}" if abs(number.adjusted()) < 20 else f"{number:g}"


def _currency(row: Mapping[str, Any]) -> str:
    text = _text(row, "currency", "a code like USD")
    if text.lower() not in known_currencies():
        raise _Bad("currency", f"currency {_shown(text)} is unknown: give a code like USD")
    return text.upper()


def _line(row: Mapping[str, Any], lines: ProductLines, *, whole_company: str | None) -> str | None:
    if _is_empty(row.get("product")):
        return whole_company
    try:
        product = lines.resolve(_text(row, "product", "a product line"))
    except UnknownProduct as error:
        raise _Bad("product", str(error).rstrip(".").replace("There", "there", 1)) from None
    return whole_company if product == ALL else product


def _is_empty(found: object) -> bool:
    return found is None or found == "" or (isinstance(found, float) and math.isnan(found))


def _shown(found: object) -> str:
    return f"“{str(found)[:40]}”"
