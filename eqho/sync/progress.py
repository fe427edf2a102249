"""How far a sync is: counted by its threads, shown to people."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

Phase = Literal["checking", "pulling", "events", "done"]

LABELS = {
    "product": "products",
    "price": "prices",
    "coupon": "coupons",
    "customer": "customers",
    "subscription": "subscriptions",
    "subscription_schedule": "subscription schedules",
    "invoice": "invoices",
    "invoiceitem": "pending invoice items",
    "credit_note": "credit notes",
    "refund": "refunds",
}
_RATE_WINDOW = 10.0


class KindProgress(msgspec.Struct, frozen=True):
    """`share` of the objects that are read, 0..1, None while it cannot be told."""

    objects: int = 0
    pages: int = 0
    share: float | None = None
    done: bool = False


class Progress(msgspec.Struct, frozen=True):
    """`rate` in requests per second, over the last ten; `seconds_left` of the kinds being read now."""

    phase: Phase
    kinds: Mapping[str, KindProgress]
    requests: int
    rate: float
    seconds: float
    seconds_left: float | None

    @property
    def sentence(self) -> str:
        if self.phase == "checking":
            return "Checking what the source lets us read."
        if self.phase == "events":
            return "Reading what changed."
        if self.phase == "done":
            return f"Up to date after {self.requests} requests in {self.seconds:.0f} s."
        reading = [
            f"{LABELS[name]} ({_amount(kind)})"
            for name, kind in self.kinds.items()
            if not kind.done and kind.share != 1.0
        ]
        if not reading:
            return "Reading the source from its beginning."
        left = "" if self.seconds_left is None else f", about {_duration(self.seconds_left)} left"
        return f"Reading {', '.join(reading)} at {self.rate:.1f} requests/s{left}."


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
        self._kind_began: dict[str, tuple[float, float]] = {}

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

    def count(self, kind: str, objects: int, share: float | None) -> None:
        """One more page of `kind`, after which `share` of it is read."""
        with self._lock:
            before = self._kinds.get(kind, KindProgress())
            self._kinds[kind] = KindProgress(before.objects + objects, before.pages + 1, share)
            if share is not None:
                self._kind_began.setdefault(kind, (self._clock(), share))
        self._tell()

    def finish(self, kind: str) -> None:
        with self._lock:
            before = self._kinds.get(kind, KindProgress())
            self._kinds[kind] = KindProgress(before.objects, before.pages, 1.0, True)
        self._tell()

    def snapshot(self) -> Progress:
        with self._lock:
            now = self._clock()
            self._recent.append((now, self._requests()))
            while now - self._recent[0][0] > _RATE_WINDOW and len(self._recent) > 2:
                self._recent.popleft()
            (first, before), (last, after) = self._recent[0], self._recent[-1]
            rate = (after - before) / (last - first) if last > first else 0.0
            return Progress(
                self._phase, dict(self._kinds), self.requests, rate, now - self._began, self._left(now)
            )

    def _left(self, now: float) -> float | None:
        """The slowest of the kinds being read, each by the share it has gained since its first page."""
        waits = []
        for name, (began, share) in self._kind_began.items():
            kind = self._kinds[name]
            gained = (kind.share or 0.0) - share
            if not kind.done and kind.share is not None and gained > 0:
                waits.append((now - began) * (1 - kind.share) / gained)
        return max(waits, default=None)

    def _tell(self) -> None:
        if self._notify:
            self._notify(self.snapshot())


def _amount(kind: KindProgress) -> str:
    return f"{kind.objects:,}" if kind.share is None else f"{kind.objects:,}, {kind.share:.0%}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
