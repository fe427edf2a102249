"""A mirror of the source in a file of its own, for as long as a server has never been seen from here.

Where the last build of the server is known it is shown, with its age. Where nothing is known, something right
from the source is better than nothing: it is read into this file, and what it makes waits in the spool.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from eqho.store.base import Store, StoreUnavailable
from eqho.store.damage import open_embedded
from eqho.store.embedded import EmbeddedStore


class StandIn:
    """`nothing_known`: whether no build of the server is known here. `path` None: no stand-in at all."""

    def __init__(self, path: Path | None, nothing_known: Callable[[], bool]) -> None:
        self._path, self._nothing_known = path, nothing_known
        self._opened: EmbeddedStore | None = None
        self._lock = threading.Lock()
        self.leading = False
        """Whether a refresh that began without the server is at work: it stays with this file to its end."""

    @property
    def allowed(self) -> bool:
        return self._path is not None and (self._path.exists() or self._nothing_known())

    def store(self, *, server_is_back: bool) -> Store:
        """Raises StoreUnavailable once the server answers: half of a mirror here and half there is none."""
        if server_is_back:
            raise StoreUnavailable("The store answers again: the refresh begins anew with it.")
        with self._lock:
            if self._opened is None:
                assert self._path is not None
                self._opened = open_embedded(self._path)
            return self._opened

    def forget(self) -> None:
        """The server has everything, or reads it from the source itself."""
        if self._path is None or self.leading or not self._path.exists():
            return
        self.close()
        for side in ("", "-wal", "-shm"):
            with suppress(OSError):
                self._path.with_name(self._path.name + side).unlink()

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None
