"""Something to see while a long first pull goes on: today's subscriptions, before their history is read, and
then as much of the past as is told completely, month by month backwards."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from eqho.periods import DAY
from eqho.sync import Progress

PATIENCE = 4.0
"""Seconds of pulling after which people are not left waiting for its end."""
MONTH = 28 * DAY
SHARE = 5
"""A look more takes no more than one part in so many of the time."""
_WORTH = 2
"""Nobody is kept from the whole by a look that would be shown for less than it takes to make."""
_READ = 0.9
"""Of the bar, what is read; the rest is what is made of it."""
_NEEDED = ("subscription", "invoiceitem")


class Look(NamedTuple):
    """`complete` kinds; and every invoice that was created at or after `read_from`, None where they are left
    out."""

    complete: frozenset[str]
    read_from: int | None = None


class FirstLook:
    """Listens to the progress of a pull; calls `publish` when the subscriptions are complete and the pull
    goes on for longer than `PATIENCE`, and again with each month of invoices that is complete. A source that
    is asked nothing over a network is read to its end at once."""

    def __init__(
        self,
        on_progress: Callable[[Progress], None],
        publish: Callable[[Look], None],
        build_seconds: Callable[[float], float | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_progress, self._publish, self._clock = on_progress, publish, clock
        self._build_seconds = build_seconds
        self._known: Progress | None = None
        # The threads of the pull all come here: one looks, the others go on.
        self._looking = threading.Lock()
        self._looked = False
        self._read_from: int | None = None
        self._not_before = 0.0

    def __call__(self, progress: Progress) -> None:
        self._known = self._with_the_build(progress)
        self._on_progress(self._known)
        takes_long = progress.requests > 0 and progress.seconds > PATIENCE
        if progress.phase == "pulling" and takes_long and self._looking.acquire(blocking=False):
            try:
                self._look(progress)
            finally:
                self._looking.release()

    def building(self, left: float | None, share: float) -> None:
        """What was read is made into figures: `share` of that is done, 0..1."""
        if self._known is not None:
            read = None if self._known.fraction is None else _READ + (1 - _READ) * share
            self._on_progress(
                msgspec.structs.replace(self._known, phase="building", seconds_left=left, fraction=read)
            )

    def _with_the_build(self, progress: Progress) -> Progress:
        """The bar and the time left to figures and not to the last page."""
        if progress.fraction is None:
            return progress
        build = self._build_seconds(_whole(progress))
        left = progress.seconds_left
        if progress.phase in ("events", "done"):
            left = build
        elif left is not None and build is not None:
            left += build
        return msgspec.structs.replace(progress, seconds_left=left, fraction=_READ * progress.fraction)

    def _look(self, progress: Progress) -> None:
        kinds = progress.kinds.items()
        complete = frozenset(name for name, kind in kinds if kind.read)
        if "subscription" not in complete:
            return
        if not self._looked:
            self._looked = True
            self._publish(Look(complete - {"invoice"}))
            return
        invoices = progress.kinds.get("invoice")
        read_from = invoices.complete_from if invoices is not None else None
        if not complete.issuperset(_NEEDED) or self._clock() < self._not_before:
            return
        if not read_from:  # not known, or all are read: the whole follows at once
            return
        if self._ends_soon(progress):
            return
        if self._read_from is None or read_from <= self._read_from - MONTH:
            began = self._clock()
            self._read_from = read_from
            self._publish(Look(complete - {"invoice"}, read_from))
            self._not_before = self._clock() + (SHARE - 1) * (self._clock() - began)

    def _ends_soon(self, progress: Progress) -> bool:
        """Before a look more would be done and worth it, everything is read."""
        took = self._build_seconds(sum(kind.objects for kind in progress.kinds.values()))
        left = progress.seconds_left
        return left is not None and took is not None and left < _WORTH * took


def _whole(progress: Progress) -> float:
    """How many objects there will be, as far as can be told."""
    return sum(kind.objects / (kind.share or 1.0) for kind in progress.kinds.values())


def first_sync_goes_on(progress: Mapping[str, Any], told_from: str = "") -> str:
    """Why the figures shown meanwhile are not all of them. `told_from`: the day from which on the past is
    told already."""
    past = (
        f"the past is told back to {told_from}, what needs more of it" if told_from else "what needs the past"
    )
    return f"The first sync is still running: {past} comes {waits_for_invoices(progress)}."


def waits_for_invoices(progress: Mapping[str, Any]) -> str:
    """Why a number that needs the past is not told yet, and, where the pull runs, how far that is."""
    sentence = "after the invoices are read"
    if not progress["kinds"]:  # another process reads them, or nobody does at the moment
        return sentence
    share = progress["kinds"].get("invoice", {"share": 0.0})["share"]
    return sentence if share is None else f"{sentence} ({int(100 * share)} % so far)"
