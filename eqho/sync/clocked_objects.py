"""Objects that live on a test clock of a sandbox: Stripe's lists leave them out, its events do not."""

import threading
from collections.abc import Iterable

from eqho.issues import Issue
from eqho.sources.base import Raw
from eqho.store.base import Store

_STATE = "test_clocks"
_REMEMBERED = ("customer", "subscription")


class ClockedObjects:
    """Never counted, and said. Remembered in `sync_state` under `test_clocks`. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        saved = store.get_state(_STATE) or {}
        self._ids = {kind: set(saved.get(kind, ())) for kind in _REMEMBERED}

    def without(self, kind: str, bodies: Iterable[Raw]) -> list[Raw]:
        """Those of `bodies` that live in real time."""
        kept = []
        for body in bodies:
            if self.holds(body):
                self._remember(kind, body)
            else:
                kept.append(body)
        return kept

    def holds(self, body: Raw) -> bool:
        """Whether an object is on a test clock, or of a customer who is."""
        return bool(body.get("test_clock")) or body.get("customer") in self._ids["customer"]

    def issues(self) -> list[Issue]:
        found = tuple(sorted(self._ids["subscription"]))
        if not found:
            return []
        return [
            Issue(
                "test_clock",
                f"{len(found)} {'subscription runs' if len(found) == 1 else 'subscriptions run'} on a test "
                "clock of this sandbox, in a time of their own: never counted.",
                found,
            )
        ]

    def _remember(self, kind: str, body: Raw) -> None:
        with self._lock:
            if kind in self._ids and body["id"] not in self._ids[kind]:
                self._ids[kind].add(body["id"])
                self._store.put_state(_STATE, {each: sorted(ids) for each, ids in self._ids.items()})
