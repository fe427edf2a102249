"""What time it is at the server, whatever the clock of this machine says."""

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime


class ServerClock:
    """Told by the `Date` header of each answer; goes on by itself in between."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ahead: float | None = None

    def hear(self, headers: Mapping[str, str]) -> None:
        """A header that is absent or unreadable changes nothing."""
        told = next((value for name, value in headers.items() if name.lower() == "date"), None)
        if told is None:
            return
        try:
            self._ahead = parsedate_to_datetime(told).timestamp() - self._monotonic()
        except ValueError:
            return

    def now(self) -> int | None:
        """UTC seconds, None before the first answer with a date."""
        return None if self._ahead is None else int(self._ahead + self._monotonic())
