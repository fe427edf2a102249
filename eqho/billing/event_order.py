"""The order of events that Stripe dates to the same second: their ids do not tell it, their contents do."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise, permutations
from typing import Any

from eqho.billing.wire_invoices import Event

_MANY = 6
"""Events of one object in one second beyond which no order is looked for."""


def in_order(events: Iterable[Event]) -> list[Event]:
    """Oldest first. Of one second, each object's events are put so that what one says was before is what the
    one before it says."""
    ordered: list[Event] = []
    latest: dict[str, Event] = {}
    by_instant = sorted(events, key=lambda e: (e.created, _subject(e), e.id))
    for (_, subject), group in groupby(by_instant, key=lambda e: (e.created, _subject(e))):
        ordered.extend(_chained(list(group), latest.get(subject)))
        latest[subject] = ordered[-1]
    return ordered


def _subject(event: Event) -> str:
    return str(event.data.object.get("id", ""))


def _chained(events: Sequence[Event], before: Event | None) -> Sequence[Event]:
    """`before`: the object's event of an earlier second; it may be that others in between are not known."""
    by_life = sorted(events, key=lambda e: (_is(e, "deleted"), not _is(e, "created")))
    if not 1 < len(by_life) <= _MANY:
        return by_life
    possible = [order for order in permutations(by_life) if _follow(order)]
    fitting = (order for order in possible if before is not None and _follow((before, *order)))
    return next(fitting, possible[0] if possible else by_life)


def _is(event: Event, change: str) -> bool:
    return event.type.endswith(f".{change}")


def _follow(order: Sequence[Event]) -> bool:
    born_first = not any(_is(e, "created") for e in order[1:])
    gone_last = not any(_is(e, "deleted") for e in order[:-1])
    return born_first and gone_last and all(
        _agrees(later.data.previous_attributes or {}, earlier.data.object) for earlier, later in pairwise(order)
    )


def _agrees(said: Any, known: Any) -> bool:
    """Whether nothing that `said` names is otherwise in `known`."""
    if isinstance(said, dict) and isinstance(known, dict):
        return all(_agrees(value, known[name]) for name, value in said.items() if name in known)
    if isinstance(said, list) and isinstance(known, list):
        return len(said) == len(known) and all(map(_agrees, said, known))
    return bool(said == known)
