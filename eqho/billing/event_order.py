"""The order of events that Stripe dates to the same second: their ids do not tell it, their contents do."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise, permutations
from typing import Any

from eqho.billing.wire_invoices import Event

_LIFE = {"created": 0, "paused": 1, "resumed": 2, "updated": 3, "deleted": 4}
"""Where the contents leave it open."""

_MANY = 6
"""Events of one object in one second beyond which no order is looked for."""


def in_order(events: Iterable[Event]) -> Iterator[Event]:
    """`events` come oldest first. Of one second, each object's are put so that what one says was before is
    what the one before it says. Holds no more than the latest of each object."""
    latest: dict[str, Event] = {}
    for _, second in groupby(events, key=lambda e: e.created):
        of_one_second = sorted(second, key=lambda e: (_subject(e), e.id))
        for subject, group in groupby(of_one_second, key=_subject):
            ordered = _chained(list(group), latest.get(subject))
            latest[subject] = ordered[-1]
            yield from ordered


def _subject(event: Event) -> str:
    return str(event.data.object.get("id", ""))


def _chained(events: Sequence[Event], before: Event | None) -> Sequence[Event]:
    """`before`: the object's event of an earlier second; it may be that others in between are not known."""
    by_life = sorted(events, key=_stage)
    if not 1 < len(by_life) <= _MANY:
        return by_life
    possible = [order for order in permutations(by_life) if _follow(order)]
    fitting = (order for order in possible if before is not None and _follow((before, *order)))
    return next(fitting, possible[0] if possible else by_life)


def _stage(event: Event) -> int:
    return _LIFE.get(event.type.rpartition(".")[2], _LIFE["updated"])


def _follow(order: Sequence[Event]) -> bool:
    return all(_leads_to(earlier, later) for earlier, later in pairwise(order))


def _leads_to(earlier: Event, later: Event) -> bool:
    if _stage(later) == _LIFE["created"] or _stage(earlier) == _LIFE["deleted"]:
        return False
    previous = later.data.previous_attributes
    return previous is None or _was(earlier.data.object, later.data.object, previous)


def _was(before: Any, after: Any, previous: Any) -> bool:
    """Whether `previous`, laid over `after`, says nothing else than `before`. Of what older API versions name
    differently, only the names they share are compared."""
    if isinstance(previous, dict) and isinstance(before, dict) and isinstance(after, dict):
        return all(
            _was(before.get(name), after.get(name), previous[name])
            if name in previous
            else before.get(name) == after.get(name)
            for name in {**before, **after}
        )
    return _agrees(before, previous)


def _agrees(known: Any, said: Any) -> bool:
    if isinstance(known, dict) and isinstance(said, dict):
        return all(_agrees(known[name], value) for name, value in said.items() if name in known)
    if isinstance(known, list) and isinstance(said, list):
        return len(known) == len(said) and all(map(_agrees, known, said))
    return bool(known == said)
