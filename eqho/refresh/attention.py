"""Whether somebody waits for an answer: what can be done later is done when nobody does."""

import threading
import time
from collections.abc import Callable

MOST_SECONDS = 15.0
"""Somebody always asks, on a busy day: what can be done later is then done all the same."""


class Attention:
    """`calm`: seconds after the last question from which on nobody waits; 0 where that is not looked at."""

    def __init__(self, calm: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.calm = calm
        self._clock = clock
        self._asked_at = clock() - calm

    def somebody_asks(self) -> None:
        self._asked_at = self._clock()

    def nobody_waits(self) -> bool:
        return self._clock() - self._asked_at >= self.calm

    def wait_for_calm(self, until: Callable[[], bool], stopped: threading.Event) -> None:
        """Returns when nobody waits, after MOST_SECONDS, or once `until` is true or `stopped` is set."""
        last = self._clock() + MOST_SECONDS
        while not (self.nobody_waits() or until() or self._clock() >= last):
            if stopped.wait(0.1):
                return
