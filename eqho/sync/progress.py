"""How far a sync is: pages done of pages expected, counted by its threads, shown to people."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from eqho.sync.time_left import TimeLeft

Phase = Literal["checking", "pulling", "events", "done", "building"]

LABELS = {
    "product": "products",
    "price": "prices",
    "coupon": "coupons",
    "customer": "customers",
    "subscription": "subscriptions",
    "subscription_schedule": "planned changes",
    "invoice": "invoices",
    "invoiceitem": "invoice items",
    "credit_note": "credit notes",
    "refund": "refunds",
    "dispute": "disputes",
}
_RATE_WINDOW = 10.0
_PAGE = 100
_TRUSTED_SOON = 4
"""Of what is read, the first quarter corrects more and more what was expected."""


class KindProgress(msgspec.Struct, frozen=True):
    """What is stored of a kind. `share` of it that is read, 0..1, None while it cannot be told. `expected`:
    pages of the whole, as it was estimated before it was read; None where it was not. `complete_from`: all
    that was created at or after this instant is read, None while nobody knows."""

    objects: int = 0
    pages: int = 0
    share: float | None = None
    done: bool = False
    expected: int | None = None
    complete_from: int | None = None

    @property
    def read(self) -> bool:
        """To its end, though others that are read beside it are not."""
        return self.done or self.complete_from == 0

    @property
    def pages_left(self) -> float | None:
        """At first what was expected, and more and more what the share says; None where nobody knows."""
        if self.read:
            return 0.0
        if self.expected is None:
            return self.pages * (1 - self.share) / self.share if self.share else None
        share = self.share or 0.0
        trusted = min(1.0, _TRUSTED_SOON * share)
        whole = trusted * self.pages / share + (1 - trusted) * self.expected if share else self.expected
        return (1 - share) * max(whole, self.pages)


class Progress(msgspec.Struct, frozen=True):
    """`fraction` of the pages, 0..1, None while the whole cannot be told; it never falls. `rate` in requests
    per second, over the last ten. `seconds_left` None until the estimate holds."""

    phase: Phase
    kinds: Mapping[str, KindProgress]
    requests: int
    rate: float
    seconds: float
    seconds_left: float | None
    fraction: float | None = None

    @classmethod
    def of_building(cls) -> "Progress":
        """Of figures from what is stored already: nothing is asked for."""
        return cls("building", {}, 0, 0.0, 0.0, None)

    @property
    def sentence(self) -> str:
        if self.phase == "checking":
            return "Checking what the source lets us read."
        if self.phase == "events":
            return "Reading what changed."
        if self.phase == "building":
            return "Working out the figures."
        if self.phase == "done":
            return f"Up to date after {self.requests} requests in {self.seconds:.0f} s."
        reading = [
            f"{LABELS[name]} ({kind.objects:,} read)"
            for name, kind in self.kinds.items()
            if kind.pages and not kind.read
        ]
        if not reading:
            return "Reading the source from its beginning."
        pace = f" at {self.rate:.1f} requests a second" if self.rate else ""
        return f"Reading {', '.join(reading)}{pace}."

    def after(self, before: "Progress | None") -> "Progress":
        """As the next try shows it: what an earlier one has stored stays in sight, the bar where it was."""
        if before is None:
            return self
        fractions = [known.fraction for known in (before, self) if known.fraction is not None]
        return msgspec.structs.replace(
            self, kinds={**before.kinds, **self.kinds}, fraction=max(fractions, default=None)
        )


class Meter:
    """Thread-safe. `requests` is the source's counter; `notify` gets a snapshot after each page."""

    def __init__(
        self,
        requests: Callable[[], int],
        notify: Callable[[Progress], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._requests = requests
        self._notify = notify
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._first = requests()
        self._recent: deque[tuple[float, int]] = deque([(self._began, self._first)])
        self._phase: Phase = "checking"
        self._kinds: dict[str, KindProgress] = {}
        self._planned: tuple[str, ...] = ()
        self._fraction: float | None = None
        self._time_left = TimeLeft()

    @property
    def requests(self) -> int:
        return self._requests() - self._first

    @property
    def seconds(self) -> float:
        return self._clock() - self._began

    def enter(self, phase: Phase) -> None:
        with self._lock:
            self._phase = phase
        self._tell()

    def plan(self, kinds: Iterable[str]) -> None:
        """These will be read: no whole is told before each of them is counted or estimated."""
        with self._lock:
            self._planned = tuple(kinds)

    def expect(self, kind: str, objects: int) -> None:
        """So many objects there will be, as far as can be told before they are read."""
        with self._lock:
            known = self._kinds.get(kind, KindProgress())
            self._kinds[kind] = msgspec.structs.replace(known, expected=-(-max(1, objects) // _PAGE))

    def resume(
        self, kind: str, objects: int, pages: int, share: float | None, complete_from: int | None = None
    ) -> None:
        """An earlier run has stored so much of it."""
        with self._lock:
            known = self._kinds.get(kind, KindProgress())
            self._kinds[kind] = msgspec.structs.replace(
                known, objects=objects, pages=pages, share=share, complete_from=complete_from
            )

    def count(self, kind: str, objects: int, share: float | None, complete_from: int | None = None) -> None:
        """One more page of `kind`, after which `share` of it is read, and all from `complete_from` on."""
        with self._lock:
            before = self._kinds.get(kind, KindProgress())
            # Where windows split, the share is estimated anew: to people it only rises.
            share = max(share, before.share or 0.0) if share is not None else before.share
            self._kinds[kind] = msgspec.structs.replace(
                before,
                objects=before.objects + objects,
                pages=before.pages + 1,
                share=share,
                complete_from=_earlier(before.complete_from, complete_from),
            )
            self._time_left.page(self._clock())
        self._tell()

    def finish(self, kind: str) -> None:
        with self._lock:
            before = self._kinds.get(kind, KindProgress())
            self._kinds[kind] = msgspec.structs.replace(before, share=1.0, done=True)
        self._tell()

    def snapshot(self) -> Progress:
        with self._lock:
            now = self._clock()
            self._recent.append((now, self._requests()))
            while now - self._recent[0][0] > _RATE_WINDOW and len(self._recent) > 2:
                self._recent.popleft()
            (first, before), (last, after) = self._recent[0], self._recent[-1]
            rate = (after - before) / (last - first) if last > first else 0.0
            seconds_left = self._measure(now)
            return Progress(
                self._phase,
                dict(self._kinds),
                self.requests,
                rate,
                now - self._began,
                seconds_left,
                self._fraction,
            )

    def _measure(self, now: float) -> float | None:
        if self._phase != "pulling":
            return None
        lefts = [self._kinds.get(kind, KindProgress()).pages_left for kind in self._planned or self._kinds]
        known = [left for left in lefts if left is not None]
        if not lefts or len(known) < len(lefts):
            return None
        left, done = sum(known), sum(kind.pages for kind in self._kinds.values())
        if left + done:
            self._fraction = max(self._fraction or 0.0, done / (done + left))
        return self._time_left.of(left, now)

    def _tell(self) -> None:
        if self._notify:
            self._notify(self.snapshot())


def _earlier(*instants: int | None) -> int | None:
    """Threads report in no order."""
    return min((instant for instant in instants if instant is not None), default=None)
