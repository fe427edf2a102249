"""Counters of one tier: what was asked, what was found, how long it took."""

from collections import deque
from threading import Lock
from typing import Any

import numpy as np

_KEPT = 1_000


class TierStatistics:
    """Thread-safe. Latencies are of the last 1,000 look-ups."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hits = 0
        self._misses = 0
        self._seconds: deque[float] = deque(maxlen=_KEPT)

    def record(self, *, hit: bool, seconds: float) -> None:
        with self._lock:
            self._hits += hit
            self._misses += not hit
            self._seconds.append(seconds)

    def report(self) -> dict[str, Any]:
        """`hit_rate` and the percentiles are None before the first look-up."""
        with self._lock:
            hits, misses, seconds = self._hits, self._misses, list(self._seconds)
        asked = hits + misses
        p50, p95, p99 = np.percentile(seconds, (50, 95, 99)) * 1000 if seconds else (None, None, None)
        return {
            "hits": hits,
            "misses": misses,
            "hit_rate": hits / asked if asked else None,
            "p50_ms": _rounded(p50),
            "p95_ms": _rounded(p95),
            "p99_ms": _rounded(p99),
        }


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(float(milliseconds), 4)
