"""When to ask again, and how long to wait before."""

import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class AttemptError(Exception):
    """One try failed. `wait` is what the server asked for, in seconds; `throttled`: it is alive, but refuses
    to be asked so often; `answered`: it is there, and may answer another question; `unwieldy`: where this
    much is not answered, less may be; `status`: of HTTP, 0 without. `renewed`: what is asked next is another
    question, with its own patience."""

    def __init__(
        self,
        reason: str,
        *,
        wait: float | None = None,
        throttled: bool = False,
        answered: bool = True,
        unwieldy: bool = False,
        status: int = 0,
        renewed: bool = False,
    ) -> None:
        super().__init__(reason)
        self.wait = wait
        self.throttled = throttled
        self.answered = answered
        self.unwieldy = unwieldy
        self.status = status
        self.renewed = renewed


class RetryPolicy(NamedTuple):
    """Exponential pauses with full jitter; all values but `tries` are seconds.

    A server that is silent or broken is given up after `patience`, so that a person who waits gets an answer;
    one that says "later" is alive and is waited for up to `throttled_patience`.
    """

    tries: int = 8
    shortest: float = 0.5
    longest: float = 30.0
    patience: float = 9.0
    throttled_patience: float = 120.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def run(self, attempt: Callable[[], T]) -> T:
        """The first result; the last `AttemptError` when the tries or the patience are used up."""
        began, tried = self.clock(), 0
        while True:
            tried += 1
            try:
                return attempt()
            except AttemptError as failure:
                if failure.renewed:
                    began, tried = self.clock(), 1
                pause = self.pause(tried, failure.wait)
                patience = self.throttled_patience if failure.throttled else self.patience
                if tried >= self.tries or self.clock() - began + pause > patience:
                    raise
                self.sleep(pause)

    def pause(self, tried: int, asked: float | None) -> float:
        """Seconds before the next try after `tried` failures; never less than the server asked for."""
        ceiling = min(self.longest, self.shortest * 2 ** (tried - 1))
        jittered = ceiling * self.jitter()
        return jittered if asked is None else asked + self.shortest * self.jitter()


def retry_after(value: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Seconds named by a `Retry-After` header: a number or an HTTP date. None when absent or unreadable."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now())
    except ValueError:
        return None
