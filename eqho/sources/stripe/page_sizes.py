"""How many objects of each list are asked for at once: fewer where a page does not arrive, more later on."""

import threading

from eqho.sources.base import PAGE_SIZE

CALM = 2
"""Pages that must arrive in a row before larger ones are tried; twice as many after each try that failed."""
LONGEST_CALM = 256


class PageSize:
    """Of one list. Thread-safe: several pages of the same size that fail together count once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._size = PAGE_SIZE
        self._arrived = 0
        self._calm = CALM
        self._on_trial = False  # just grown: no page of this size has arrived yet

    @property
    def size(self) -> int:
        return self._size

    def shrink(self, tried: int) -> bool:
        """A page of `tried` objects did not arrive. Whether there is a smaller one to ask for."""
        with self._lock:
            if tried == self._size and tried > 1:
                if self._on_trial:
                    self._calm = min(LONGEST_CALM, self._calm * 2)
                self._size, self._arrived, self._on_trial = tried // 2, 0, False
            return self._size < tried

    def arrived(self, size: int) -> None:
        with self._lock:
            if size != self._size:
                return
            self._on_trial = False
            self._arrived += 1
            if size == PAGE_SIZE:
                self._calm = CALM
            elif self._arrived >= self._calm:
                self._size, self._arrived, self._on_trial = min(PAGE_SIZE, size * 2), 0, True


class PageSizes:
    """By the path of the list; `invoices/in_1/lines` and `invoices/in_2/lines` are one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, PageSize] = {}

    def of(self, path: str) -> PageSize:
        parts = path.split("/")
        with self._lock:
            return self._of.setdefault(f"{parts[0]}/{parts[-1]}", PageSize())
