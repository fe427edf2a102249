"""Past an object that no page can hold: a list is newest first and goes on only behind what it has shown, so
the second of the object is found by asking what was created before others."""

from collections.abc import Callable
from typing import NamedTuple

from eqho.sources.base import ObjectUnreadable, Raw

WIDEN = 8
"""By how much longer each step back is than the one before."""


class Past(NamedTuple):
    """`second` holds what cannot be listed; `around` is what else was created in it, newest first."""

    second: int
    around: list[Raw]


class Stepper:
    """`ask(created, more)` is one object of the list, newest first, within bounds on `created` and behind
    cursors; empty where there is none. Raises ObjectUnreadable where that object does not come."""

    def __init__(self, ask: Callable[[dict[str, int], dict[str, str]], list[Raw]]) -> None:
        self._ask = ask

    def step(self, created_from: int, created_before: int) -> Past | None:
        """Past the newest object of `[created_from, created_before)`; None where it comes after all.

        Raises ObjectUnreadable where nothing of the list does.
        """
        self._ask({"lt": 1}, {})
        if self._comes(created_from, created_before):
            return None
        second = self._find(created_from, created_before)
        return Past(second, self.older_of(second, created_from))

    def _comes(self, created_from: int, created_before: int) -> bool:
        if created_before <= created_from:
            return True
        try:
            self._ask({"gte": created_from, "lt": created_before}, {})
        except ObjectUnreadable:
            return False
        return True

    def _find(self, created_from: int, fails: int) -> int:
        """What was created before the second comes, what was created before the next does not."""
        step, comes = 1, fails - 1
        while not self._comes(created_from, comes):
            fails, step = comes, step * WIDEN
            comes = max(created_from, comes - step)
        while fails - comes > 1:
            middle = (fails + comes) // 2
            if self._comes(created_from, middle):
                comes = middle
            else:
                fails = middle
        return comes

    def older_of(self, second: int, created_from: int) -> list[Raw]:
        """What was created in the same second and is listed behind it: read from the older end."""
        older = self._ask({"gte": created_from, "lt": second}, {})
        found: list[Raw] = []
        while older:
            try:
                older = self._ask({"gte": second, "lt": second + 1}, {"ending_before": older[0]["id"]})
            except ObjectUnreadable:
                break
            found = [*older, *found]
        return found
