"""How long a build still takes: by how far it is, and by what those before it have taken for each object."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from eqho.store.base import Document

_TRUSTED = 0.1
"""Of a step, so much must be done before its own pace counts."""
_OVERDUE = 0.2
"""Nobody knows how long more takes what takes longer than it did: so much of what it has taken."""
_NOTIFY_EVERY = 0.5


class Clocks(NamedTuple):
    """Seconds that never go back: that pass, that this thread works, and that the whole process does."""

    elapsed: Callable[[], float] = time.monotonic
    thread: Callable[[], float] = time.thread_time
    process: Callable[[], float] = time.process_time


CLOCKS = Clocks()


class Pace(NamedTuple):
    """Seconds that each step took for each object that was read."""

    reading: float
    telling: float
    publishing: float

    @property
    def whole(self) -> float:
        return sum(self)


class BuildTime:
    """Of one build, in one thread. `objects` will be read, 0 where nobody knows; `known` is the pace of an
    earlier one. `notify` gets the seconds left, None while they cannot be told, and the share done, 0..1."""

    def __init__(
        self,
        objects: int = 0,
        known: Pace | None = None,
        notify: Callable[[float | None, float], None] = lambda left, share: None,
        clocks: Clocks = CLOCKS,
    ) -> None:
        self._objects, self._known, self._notify, self._clock = objects, known, notify, clocks.elapsed
        self._clocks = clocks
        self._worked = clocks.thread(), clocks.process()
        self._read = self._done = self._of = 0
        self._took: list[float] = []
        self._shown = 0.0
        self._began = self._told = self._first = self._clock()

    def reading(self, bodies: Mapping[str, Iterator[Document]]) -> dict[str, Iterator[Document]]:
        """The same, counted as they are read. Events are read beside them."""
        self._begin(self._objects)
        return {kind: found if kind == "event" else self._counted(found) for kind, found in bodies.items()}

    def deriving(self, objects: int) -> Callable[[], None]:
        """In place of `reading`, where each part is told as soon as it is read: to be called with each object
        that is read. May be said again where more has to be derived."""
        self._objects = objects
        self._begin(objects)
        if self._known is not None:
            reading, telling, publishing = self._known
            self._known = Pace(reading + telling, 0.0, publishing)
        return self._step_read

    def telling(self, subscriptions: int) -> Callable[[], None]:
        """To be called with each subscription that is told."""
        self._end()
        self._begin(subscriptions)
        return self._step

    def publishing(self) -> None:
        self._end()
        self._begin(0)

    def finished(self) -> Pace | None:
        """What it takes alone; None where nothing was read."""
        self._end()
        each = self._share() / self._read if self._read else 0.0
        return Pace(*(seconds * each for seconds in self._took)) if self._read else None

    def _share(self) -> float:
        """Of the time it took, what it would have taken without the threads beside it."""
        (thread, process), clocks = self._worked, self._clocks
        work, passed = clocks.thread() - thread, clocks.elapsed() - self._first
        beside = min(passed, clocks.process() - process)
        return min(1.0, work / beside) if beside > 0 else 1.0

    @property
    def read(self) -> int:
        return self._read

    def _counted(self, bodies: Iterator[Document]) -> Iterator[Document]:
        for body in bodies:
            self._step_read()
            yield body

    def _step_read(self) -> None:
        self._read += 1
        self._step()

    def _begin(self, of: int) -> None:
        self._began, self._done, self._of = self._clock(), 0, of
        self._tell()

    def _end(self) -> None:
        self._took.append(self._clock() - self._began)

    def _step(self) -> None:
        self._done += 1
        if self._clock() - self._told >= _NOTIFY_EVERY:
            self._tell()

    def _tell(self) -> None:
        self._told = self._clock()
        left, total = self._left(), sum(self._took) + self._told - self._began
        if left is not None and total + left:
            # A step that takes longer than it was thought to moves the end, and not the bar.
            self._shown = max(self._shown, total / (total + left))
        self._notify(left, self._shown)

    def _left(self) -> float | None:
        if self._known is None:
            return None
        objects = self._read if self._took else self._objects
        expected = [max(seconds * objects, 1e-6) for seconds in self._known]
        step, elapsed = len(self._took), self._told - self._began
        share = min(1.0, self._done / self._of) if self._of else 0.0
        whole = elapsed / share if share >= _TRUSTED else None
        # A look at today tells little of what a bill takes to be told, but what an object takes to be read.
        read = self._took[0] if self._took else whole
        slower = 1.0 if read is None else read / expected[0]
        here = (
            max(slower * expected[step] - elapsed, _OVERDUE * elapsed) if whole is None else whole - elapsed
        )
        return here + slower * sum(expected[step + 1 :])
