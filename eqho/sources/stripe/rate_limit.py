"""A token bucket that yields to Stripe: halved when Stripe says "too many", back to full in half a minute."""

import threading
import time
from collections.abc import Callable

RECOVERY_SECONDS = 60.0  # from nothing to the full rate; from a half it takes 30
LOWEST_SHARE = 1 / 16


class TokenBucket:
    """`take()` blocks until a request may be sent. `rate` is in requests per second. Thread-safe."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.full_rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = rate
        self._filled = clock()
        self._cut_rate = rate
        self._cut_at = self._filled

    @property
    def rate(self) -> float:
        """Requests per second permitted now."""
        recovered = (self._clock() - self._cut_at) * self.full_rate / RECOVERY_SECONDS
        return min(self.full_rate, self._cut_rate + recovered)

    def take(self) -> None:
        with self._lock:
            self._refill()
            self._tokens -= 1
            wait = max(0.0, -self._tokens / self.rate)
        if wait:
            self._sleep(wait)

    def halve(self) -> None:
        """Requests already under way are refused together: within one second they count as one refusal."""
        with self._lock:
            self._refill()
            now = self._clock()
            if self._cut_rate < self.full_rate and now - self._cut_at < 1.0:
                return
            self._cut_rate = max(self.full_rate * LOWEST_SHARE, self.rate / 2)
            self._cut_at = now
            self._tokens = min(self._tokens, 0.0)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self.full_rate, self._tokens + (now - self._filled) * self.rate)
        self._filled = now
