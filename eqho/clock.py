"""What time it is."""

import time
from datetime import datetime


class Clock:
    """The system's clock, or one that stands still where `fixed` is given (tests and demos)."""

    def __init__(self, fixed: datetime | None = None) -> None:
        self._fixed = None if fixed is None else int(fixed.timestamp())

    @property
    def is_fixed(self) -> bool:
        return self._fixed is not None

    def now(self) -> int:
        """UTC seconds."""
        return int(time.time()) if self._fixed is None else self._fixed
