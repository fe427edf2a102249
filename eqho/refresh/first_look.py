"""Something to see while a long first pull goes on: today's subscriptions, before their history is read."""

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any

from eqho.sync import Progress

PATIENCE = 4.0
"""Seconds of pulling after which people are not left waiting for its end."""


class FirstLook:
    """Listens to the progress of a pull; calls `publish` at most once, with the kinds that are complete, when
    the subscriptions are and the pull goes on for longer than `PATIENCE`. A source that is asked nothing over
    a network is read to its end at once."""

    def __init__(
        self, on_progress: Callable[[Progress], None], publish: Callable[[Collection[str]], None]
    ) -> None:
        self._on_progress, self._publish = on_progress, publish
        # Taken once and never given back: the threads of the pull all come here.
        self._once = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        self._on_progress(progress)
        complete = {name for name, kind in progress.kinds.items() if kind.done}
        takes_long = progress.requests > 0 and progress.seconds > PATIENCE
        due = progress.phase == "pulling" and takes_long and "subscription" in complete
        if due and self._once.acquire(blocking=False):
            self._publish(complete)


def first_sync_goes_on(progress: Mapping[str, Any]) -> str:
    """Why the figures shown meanwhile are not all of them."""
    return f"The first sync is still running: what needs the past comes {waits_for_invoices(progress)}."


def waits_for_invoices(progress: Mapping[str, Any]) -> str:
    """Why a number that needs the past is not told yet, and, where the pull runs, how far that is."""
    sentence = "after the invoices are read"
    if not progress["kinds"]:  # another process reads them, or nobody does at the moment
        return sentence
    share = progress["kinds"].get("invoice", {"share": 0.0})["share"]
    return sentence if share is None else f"{sentence} ({int(100 * share)} % so far)"
