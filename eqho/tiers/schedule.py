"""When a refresh begins by itself: at the first start, every so often, when the source has news."""

import threading
import time
from collections.abc import Callable

from eqho.refresh.job import Refresher
from eqho.tiers.published import Current

POLL_SECONDS = 2.0
RETRY_ON_SCHEDULE = 60.0
"""Seconds after which the schedule tries again what has failed, without waiting for its next turn."""
WOKEN_EVERY = 15.0
"""Seconds between two refreshes that `wake` asks for: a burst of news is read together."""


class Schedule:
    """`poll` looks what other replicas have done, and answers with the build that is shown."""

    def __init__(self, refresher: Refresher, poll: Callable[[], Current | None]) -> None:
        self._refresher, self._poll = refresher, poll
        self._stopped = threading.Event()
        self._woken = threading.Event()

    def wake(self) -> None:
        self._woken.set()

    def run(self, interval: int) -> None:
        shown = self._poll()
        began = 0.0
        # Not the clock on the wall: set back by a day, it would end the refreshes for that day.
        due = time.monotonic() + (interval if shown else 0)
        while not self._stopped.is_set():
            if (failure := self._refresher.failure) is not None:
                due = min(due, failure.at + RETRY_ON_SCHEDULE)
            woken = self._woken.is_set()
            if woken or (shown is not None and shown.provisional):
                due = min(due, began + WOKEN_EVERY)
            if time.monotonic() >= due:
                self._woken.clear()
                if self._refresher.start() == "joined" and woken:
                    self._woken.set()  # the one that is running may have asked for news before these came
                began = time.monotonic()
                due = began + interval
            self._stopped.wait(POLL_SECONDS)
            shown = self._poll()

    def stop(self) -> None:
        self._stopped.set()
