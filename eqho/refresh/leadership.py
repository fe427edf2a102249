"""Leading: a lease of the store, kept for as long as the work under it takes, and a door to knock at."""

import threading
import time
from contextlib import suppress
from uuid import uuid4

from eqho.store.base import Lease, Store, StoreError

_KNOCK = "refresh_wanted"
_LOOK_EVERY = 1.0


def knock(store: Store, holder: str) -> None:
    """Let the replica that leads know that somebody waits for a refresh here."""
    store.put_state(_KNOCK, {"holder": holder, "knock": uuid4().hex})


class Door:
    """Whether another replica has knocked since this was made."""

    def __init__(self, store: Store, holder: str) -> None:
        self._store, self._holder = store, holder
        self._before = store.get_state(_KNOCK)
        self._looked = time.monotonic()
        self._knocked = False

    def knocked(self) -> bool:
        """Looks once a second, and is sure of what it has seen once."""
        if self._knocked or time.monotonic() - self._looked < _LOOK_EVERY:
            return self._knocked
        self._looked = time.monotonic()
        with suppress(StoreError):
            last = self._store.get_state(_KNOCK)
            self._knocked = last is not None and last != self._before and last["holder"] != self._holder
        return self._knocked


class Leadership:
    """Renews its lease in the background until `close`: a build may compute for longer than a lease lasts.

    The process that dies renews no more, and another one takes over when the lease has run out.
    """

    def __init__(self, store: Store, lease: Lease, seconds: float, acquired: float) -> None:
        """`acquired`: what `time.monotonic()` was before the lease of `seconds` was asked for."""
        self._store, self._lease, self._seconds = store, lease, seconds
        self._until = acquired + seconds
        self._lost = False
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._keep, name="eqho-lease", daemon=True).start()

    @property
    def lease(self) -> Lease:
        return self._lease

    def holds(self) -> bool:
        """False once somebody else may lead."""
        return not self._lost and time.monotonic() < self._until

    def close(self) -> None:
        """Give the lease back. One that cannot be given back runs out by itself."""
        with self._lock:
            self._closed.set()
            with suppress(StoreError):
                self._store.release_lease(self._lease)

    def _keep(self) -> None:
        while not self._closed.wait(self._seconds / 3) and not self._lost:
            with self._lock:
                if not self._closed.is_set():
                    self._renew()

    def _renew(self) -> None:
        asked = time.monotonic()
        try:
            renewed = self._store.acquire_lease(self._lease.name, self._lease.holder, self._seconds)
        except StoreError:
            return
        if renewed is not None and renewed.name != self._lease.name:
            return  # the store is away: nobody knows who leads
        # The holder gets a new token where the lease had run out and another one led in between.
        if renewed is None or renewed.token != self._lease.token:
            self._lost = True
        else:
            self._until = asked + self._seconds
