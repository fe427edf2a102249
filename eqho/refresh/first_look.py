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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_progress, self._publish, self._clock = on_progress, publish, clock
        # The threads of the pull all come here: one looks, the others go on.
        self._looking = threading.Lock()
        self._looked = False
        self._read_from: int | None = None
        self._not_before = 0.0
        self._took = 0.0
        self._cost: float | None = None
        """Seconds a look takes for each invoice that is stored."""

    def __call__(self, progress: Progress) -> None:
        self._on_progress(self._with_the_build(progress))
        takes_long = progress.requests > 0 and progress.seconds > PATIENCE
        if progress.phase == "pulling" and takes_long and self._looking.acquire(blocking=False):
            try:
                self._look(progress)
            finally:
                self._looking.release()

    def _with_the_build(self, progress: Progress) -> Progress:
        """The time left to figures and not to the last page: as a look has taken, by what is gone through."""
        invoices = progress.kinds.get("invoice")
        if progress.seconds_left is None or self._cost is None or invoices is None or not invoices.share:
            return progress
        build = self._cost * invoices.objects / invoices.share
        return msgspec.structs.replace(progress, seconds_left=progress.seconds_left + build)

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
        if self._read_from is None or read_from <= self._read_from - MONTH:
            began = self._clock()
            self._read_from = read_from
            self._publish(Look(complete - {"invoice"}, read_from))
            took = self._clock() - began
            self._not_before = self._clock() + (SHARE - 1) * took
            # A look that could tell no more ends at once.
            if took > self._took and invoices is not None and invoices.objects:
                self._took, self._cost = took, took / invoices.objects


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
