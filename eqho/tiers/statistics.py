"""Counters of one tier: what was asked, what was found, how long it took."""

from collections import deque
from threading import Lock
from typing import Any

import numpy as np

_KEPT = 1_000


class TierStatistics:
    """Thread-safe. Latencies are of the last 1,000 hits, and of the last 1,000 misses apart: what is computed
    on a miss is no look-up."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hits = 0
        self._misses = 0
        self._seconds: dict[bool, deque[float]] = {hit: deque(maxlen=_KEPT) for hit in (True, False)}

    def record(self, *, hit: bool, seconds: float) -> None:
        with self._lock:
            self._hits += hit
            self._misses += not hit
            self._seconds[hit].append(seconds)

    def report(self) -> dict[str, Any]:
        """`hit_rate` is None before the first look-up, a percentile before the first hit or miss it is of."""
        with self._lock:
            hits, misses = self._hits, self._misses
            found, computed = list(self._seconds[True]), list(self._seconds[False])
        asked = hits + misses
        p50, p95, p99 = _percentiles(found)
        miss_p50, _, miss_p99 = _percentiles(computed)
        return {
            "hits": hits,
            "misses": misses,
            "hit_rate": hits / asked if asked else None,
            "p50_ms": _rounded(p50),
            "p95_ms": _rounded(p95),
            "p99_ms": _rounded(p99),
            "miss_p50_ms": _rounded(miss_p50),
            "miss_p99_ms": _rounded(miss_p99),
        }


def _percentiles(seconds: list[float]) -> tuple[float | None, float | None, float | None]:
    """50th, 95th and 99th, in milliseconds."""
    if not seconds:
        return None, None, None
    p50, p95, p99 = np.percentile(seconds, (50, 95, 99)) * 1000
    return float(p50), float(p95), float(p99)


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 4)
