"""The table `mrr_snapshots`: MRR as somebody else's script has recorded it, day by day."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from eqho.money import known_currencies, minor_digits
from eqho.sources.supabase.reader import Reader, Row
from eqho.sources.supabase.refusals import MissingTable
from eqho.sources.told_history import ToldHistory, ToldPoint

SCHEMA, TABLE = "public", "mrr_snapshots"
_DAY = "snapshot_date"


def read_snapshots(reader: Reader) -> ToldHistory | None:
    """None without that table, in the order of days. A row that says no day is left out. Raises SourceError,
    also where the table has no column of days."""
    try:
        points = tuple(point for row in _rows(reader) if (point := _point(row)))
    except MissingTable:
        return None
    return ToldHistory(f"{SCHEMA}.{TABLE}", points)


def _rows(reader: Reader) -> Iterator[Row]:
    """A day may have several rows, so each page begins with the last day of the one before."""
    seen: set[str] = set()
    last: str | None = None
    while True:
        rows = reader.since(SCHEMA, TABLE, _DAY, last)
        fresh = [row for row in rows if repr(row) not in seen]
        if not fresh:
            return
        yield from fresh
        seen = set(map(repr, rows))
        last = str(rows[-1][_DAY])


def _point(row: Row) -> ToldPoint | None:
    try:
        day = date.fromisoformat(str(row[_DAY])[:10])
    except ValueError:
        return None
    currency = str(row["currency"]).lower() if row.get("currency") else None
    customers = row.get("customers")
    return ToldPoint(
        day,
        str(row.get("product") or "all"),
        currency if currency in known_currencies() else None,
        _minor_units(row, currency),
        customers if isinstance(customers, int) else None,
    )


def _minor_units(row: Row, currency: str | None) -> Decimal | None:
    """`mrr_cents` is in minor units, `mrr` in major ones."""
    if (cents := _number(row.get("mrr_cents"))) is not None:
        return cents
    whole = _number(row.get("mrr"))
    if whole is None or currency not in known_currencies():
        return None
    return whole.scaleb(minor_digits(currency))


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
