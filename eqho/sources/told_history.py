"""A past that a source was told by somebody else: shown as theirs, never mixed with what is computed here."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, runtime_checkable

from msgspec import Struct, structs

from eqho.sources.base import Source


class ToldPoint(Struct, frozen=True):
    """`mrr` in minor units of `currency`; `product` as the table names it. What a column does not say is
    None."""

    day: date
    product: str
    currency: str | None
    mrr: Decimal | None
    customers: int | None


class ToldHistory(NamedTuple):
    """`origin`: the table it was read from."""

    origin: str
    points: tuple[ToldPoint, ...]


@runtime_checkable
class TellsHistory(Source, Protocol):
    def told_history(self) -> ToldHistory | None:
        """None where the source has none. Raises SourceError."""


def to_state(told: ToldHistory) -> dict[str, Any]:
    """As `sync_state` keeps it."""
    points = [
        structs.asdict(point)
        | {"day": point.day.isoformat(), "mrr": None if point.mrr is None else str(point.mrr)}
        for point in told.points
    ]
    return {"origin": told.origin, "points": points}


def from_state(state: dict[str, Any]) -> ToldHistory:
    return ToldHistory(state["origin"], tuple(_points(state["points"])))


def _points(rows: Iterable[dict[str, Any]]) -> Iterator[ToldPoint]:
    for row in rows:
        mrr = None if row["mrr"] is None else Decimal(row["mrr"])
        yield ToldPoint(
            date.fromisoformat(row["day"]), row["product"], row["currency"], mrr, row["customers"]
        )
