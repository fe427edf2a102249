"""What a run of the sync is to list before it reads the events: as a rule nothing."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from eqho.issues import Issue
from eqho.periods import DAY
from eqho.sources.base import KINDS, Source
from eqho.sources.changed_rows import ChangingSource
from eqho.store.base import Store

EVENTS_LAST = 25 * DAY
"""Stripe keeps events for 30 days."""
WEBHOOK_TRUSTED = 2 * DAY
"""Seconds without an event after which a webhook is not relied upon."""
RELIST_EVERY = DAY


class Plan(NamedTuple):
    """`kinds` to pull (none: events only), as they were at `began`; `resumes` numbers a pull left open. After
    one that `jumps`, events before it need not be read to know the objects."""

    kinds: Sequence[str]
    full: bool
    began: int
    resumes: int | None = None
    issues: tuple[Issue, ...] = ()
    jumps: bool = False


class Planner:
    """Of the states `mirror`, `pull`, `asked` and `webhook` in `store`. `clock` gives UTC seconds."""

    def __init__(self, source: Source, store: Store, clock: Callable[[], int]) -> None:
        self._source, self._store, self._clock = source, store, clock

    def mirror(self) -> dict[str, Any]:
        return self._store.get_state("mirror") or {}

    def next(self, now: int, skipped: frozenset[str]) -> "Plan":
        """What is to be listed before the events are read: as a rule nothing. A pull that was interrupted
        goes on."""
        mirror = self.mirror()
        if "last_full" not in mirror:
            return self.full(now, skipped)
        idle = now - mirror.get("last_success", now)
        if idle > EVENTS_LAST and not isinstance(self._source, ChangingSource):
            gap = Issue(
                "events_gap",
                f"The last refresh that succeeded was {idle // DAY} days ago, and Stripe keeps events for 30 "
                "days only: everything was read again.",
            )
            return self.full(now, skipped)._replace(issues=(gap,), jumps=True)
        if ("event" in skipped or mirror.get("eventless")) and not self._hears(now):
            return self.full(now, skipped)
        begun = self._store.get_state("pull") or {}
        missing = [kind for kind in KINDS if kind not in skipped and kind not in mirror["pulled"]]
        if missing and begun.get("open") and set(begun["kinds"]) == set(missing):
            return Plan(missing, False, begun["began"], resumes=begun["number"])
        return Plan(missing, False, now)

    def full(self, now: int, skipped: frozenset[str]) -> "Plan":
        begun = self._store.get_state("pull") or {}
        # Rows may come late, before those that were read: of a list that was interrupted nothing tells which.
        relists_rows = "last_full" in self.mirror() and isinstance(self._source, ChangingSource)
        goes_on = begun.get("open") and begun["full"] and not relists_rows
        if goes_on and 0 <= now - begun["began"] < EVENTS_LAST:
            kinds = [kind for kind in begun["kinds"] if kind not in skipped]
            if kinds:
                return Plan(kinds, True, begun["began"], resumes=begun["number"])
        return Plan([kind for kind in KINDS if kind not in skipped], True, now)

    def unread(self) -> frozenset[str]:
        """Kinds that the mirror does not hold, all while a first pull is not done. Raises StoreError."""
        return frozenset(KINDS) - frozenset(self.mirror().get("pulled", ()))

    def relist_due(self) -> bool:
        """Whether everything is to be listed again: asked for, a day old, or begun."""
        mirror, begun = self.mirror(), self._store.get_state("pull") or {}
        if "last_full" not in mirror:
            return False
        listed_lately = 0 <= self._clock() - mirror["last_full"] < RELIST_EVERY
        asked = self.asked() > mirror.get("asked", 0)
        return asked or not listed_lately or bool(begun.get("open") and begun["full"])

    def ask_full(self) -> None:
        """Everything is due to be listed again, by whoever leads then; a pull that began before is not it."""
        asked = self._store.get_state("asked") or {}
        self._store.put_state("asked", {"times": asked.get("times", 0) + 1})

    def asked(self) -> int:
        return int((self._store.get_state("asked") or {}).get("times", 0))

    def _hears(self, now: int) -> bool:
        """A webhook tells what changes where the key may not read events."""
        heard = (self._store.get_state("webhook") or {}).get("last", 0)
        return bool(now - heard < WEBHOOK_TRUSTED)
