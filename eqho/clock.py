"""What time it is."""

import time
from collections.abc import Callable
from datetime import datetime

from eqho.issues import CLOCK_WRONG, Issue

_MAY_DIFFER = 300
"""Seconds."""


class Clock:
    """The source's clock where that is followed and tells the time, else this machine's; or one that stands
    still where `fixed` is given (tests and demos)."""

    def __init__(self, fixed: datetime | None = None) -> None:
        self._fixed = None if fixed is None else int(fixed.timestamp())
        self._told: Callable[[], int | None] = lambda: None

    def follow(self, told: Callable[[], int | None]) -> None:
        """From now on `told` counts wherever it knows the UTC seconds: this machine's clock may be set wrong,
        and a month that has not been would be frozen."""
        self._told = told

    @property
    def is_fixed(self) -> bool:
        return self._fixed is not None

    def notices(self) -> tuple[Issue, ...]:
        """What to say where this machine's clock is far from the followed one."""
        told = None if self.is_fixed else self._told()
        ahead = 0.0 if told is None else time.time() - told
        if abs(ahead) <= _MAY_DIFFER:
            return ()
        where = "ahead of" if ahead > 0 else "behind"
        return (
            Issue(
                CLOCK_WRONG,
                f"The clock of the machine that runs the dashboard is more than five minutes {where} the "
                "source's. The figures follow the source's, ages may be wrong: set it, and let it follow a "
                "time server.",
            ),
        )

    def now(self) -> int:
        """UTC seconds."""
        if self._fixed is not None:
            return self._fixed
        told = self._told()
        return int(time.time()) if told is None else told
