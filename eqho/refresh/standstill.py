"""When nothing is built again: what a build rests on, and until when time alone changes nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from eqho.billing.objects import Account
from eqho.issues import Issue
from eqho.periods import FAR, day_of, period_of
from eqho.store.base import Store

REFRESHED = "refreshed"
"""In `sync_state`: {generation, at}: when a refresh last found that nothing had changed since that build."""


class Basis(NamedTuple):
    """Beside the mirror itself: what the source complained of, what people entered, which build it became."""

    issues: tuple[Issue, ...]
    entered: str
    generation: int


def confirmed_at(store: Store, generation: int) -> int:
    """When a refresh last found a build to be up to date; 0 where none has since. UTC seconds."""
    state = store.get_state(REFRESHED) or {}
    return int(state["at"]) if state.get("generation") == generation else 0


def stands_until(account: Account, now: int, zone: ZoneInfo) -> int:
    """The first instant after `now` at which a build of the same objects may say something else: the next one
    that any object names, at the latest the end of the day, for growth and months are told by days."""
    midnight = period_of(day_of(now, zone), "day", zone).end
    return min(midnight, min((at for at in _instants(account) if at > now), default=FAR))


def _instants(account: Account) -> Iterator[int]:
    for invoice in account.invoices:
        yield invoice.created
        for line in invoice.lines:
            yield line.start
            yield line.end
    for told in (account.subscriptions.values(), account.schedules.values(), account.pending):
        for each in told:
            yield from _numbers(each)


def _numbers(value: Any) -> Iterator[int]:
    """Every whole number in a struct: one that is no instant only makes the build a little more careful."""
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield value
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _numbers(getattr(value, field))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from _numbers(inner)
