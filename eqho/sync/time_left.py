"""How long a pull still takes, by the rate at which its pages come; said only once the estimate holds."""

from collections import deque

_WINDOW = 60.0
"""Seconds over which the rate is measured."""
_PAGES, _SECONDS = 20, 15.0
"""What must be measured before anything is said."""
_HOLDS_FOR, _WITHIN = 10.0, 0.25
"""Before it is said first, the end that is foreseen has stayed where it is for so many seconds, within so
much of the time left."""
_LATEST, _SUDDEN = 10, 3.0
"""Nothing is said while the latest pages come so many times slower or faster than those of the window."""


class TimeLeft:
    """Not thread-safe. Instants in seconds of any clock that does not go back."""

    def __init__(self) -> None:
        self._pages: deque[float] = deque()
        self._ends: deque[tuple[float, float]] = deque()
        self._said = False

    def page(self, at: float) -> None:
        """One page has come."""
        self._pages.append(at)
        while at - self._pages[0] > _WINDOW and len(self._pages) > _PAGES:
            self._pages.popleft()

    def of(self, pages: float, now: float) -> float | None:
        """Seconds that `pages` more take, None while that cannot be said."""
        measured = now - self._pages[0] if self._pages else 0.0
        if len(self._pages) < _PAGES or measured < _SECONDS:
            return None
        each = measured / (len(self._pages) - 1)
        left = pages * each
        self._said = self._said or self._holds(now, left)
        sudden = (now - self._pages[-_LATEST]) / (_LATEST - 1) / each
        return left if self._said and 1 / _SUDDEN <= sudden <= _SUDDEN else None

    def _holds(self, now: float, left: float) -> bool:
        self._ends.append((now, now + left))
        while len(self._ends) > 2 and now - self._ends[1][0] >= _HOLDS_FOR:
            self._ends.popleft()
        foreseen = [end for _, end in self._ends]
        return now - self._ends[0][0] >= _HOLDS_FOR and max(foreseen) - min(foreseen) <= _WITHIN * left + 2.0
