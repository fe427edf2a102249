"""A primary store that can be switched off, or lose its answers, at chosen moments."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

from eqho.store.base import Store, StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.store.spooled import SpooledStore

Mode = Literal["up", "down", "answers lost"]


class Flaky:
    """Calls reach `real` when `mode` lets them. "answers lost": what is asked is done, nobody hears of it.

    `fail_after` lets so many calls through before it goes down.
    """

    def __init__(self, real: EmbeddedStore) -> None:
        self.real = real
        self.mode: Mode = "up"
        self.fail_after: int | None = None
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if not callable(found):
            return found
        return self._guarded(name, found)

    def _guarded(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            if self.fail_after is not None:
                self.fail_after -= 1
                if self.fail_after < 0:
                    self.mode = "down"
            if self.mode == "down":
                raise StoreUnavailable("The server is off: switch it on.")
            answer = method(*args, **kwargs)
            if self.mode == "answers lost":
                raise StoreUnavailable("The connection broke: try again.")
            return answer

        return call


class Site:
    """A primary and one dashboard's folder; `open` starts the dashboard (again)."""

    def __init__(self, folder: Path) -> None:
        self.primary = Flaky(EmbeddedStore(folder / "primary.db"))
        self._folder = folder
        self.opened: list[SpooledStore] = []

    def open(self, folder: str = "replica", retry_seconds: float = 0.0) -> SpooledStore:
        spool = EmbeddedStore(self._folder / folder / "spool.db")
        store = SpooledStore(cast(Store, self.primary), spool, retry_seconds=retry_seconds)
        self.opened.append(store)
        return store
