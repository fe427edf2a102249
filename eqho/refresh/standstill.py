"""When nothing is built again: what a build rests on, and until when time alone changes nothing."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from eqho.issues import Issue
from eqho.periods import day_of, period_of
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


def stands_until(named: int, now: int, zone: ZoneInfo) -> int:
    """The first instant after `now` at which a build of the same objects may say something else: the next one
    that any object names, at the latest the end of the day, for growth and months are told by days."""
    return min(period_of(day_of(now, zone), "day", zone).end, named)
