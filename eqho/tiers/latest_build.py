"""Which published build this process answers from: its own, or what another replica has published since."""

import threading
import time
from dataclasses import replace
from zoneinfo import ZoneInfo

from eqho.periods import day_of
from eqho.refresh.pipeline import Built
from eqho.refresh.standstill import confirmed_at
from eqho.store.base import Store
from eqho.sync import Owner
from eqho.tiers.published import Current


class LatestBuild:
    """Thread-safe. `known` is None before there is one."""

    def __init__(self, store: Store, owner: Owner) -> None:
        self._store, self._owner = store, owner
        self.known: Current | None = None
        self._unusable: tuple[int, str | None] = (0, None)
        self._lock = threading.Lock()

    @property
    def provisional(self) -> bool:
        return self.known is not None and self.known.provisional

    def told_from(self, zone: ZoneInfo) -> str:
        """The first day of which the past is told while the first pull goes on, "" where none is."""
        known = self.known
        if known is None or known.told_from >= known.ledger.now:
            return ""
        return day_of(known.told_from - 1, zone).isoformat()

    def follow(self) -> Current | None:
        """Adopt the build of the store where it is a new one; the build to answer from.

        Only a build of this account's data is adopted: demo data is never shown as Stripe's, nor one
        company's figures to the key of another. Raises StoreError.
        """
        before = self.known
        generation = self._store.generation()
        if before is not None and generation == before.generation:
            return self._confirm(before)
        # Whose key it is may turn out later, and with it that the build may be served.
        unusable = generation, self._owner.origin
        if generation == 0 or unusable == self._unusable:
            return before
        build = self._store.latest_build()
        if build is None:
            return before
        readable = Current.of(build) if self._owner.owns(build.meta) else None
        with self._lock:
            if readable is None:
                self._unusable = unusable
            elif self.known is before:
                self.known = readable
            return self.known

    def adopt(self, built: Built) -> None:
        """What this process has just published."""
        with self._lock:
            if self.known is not None and self.known.generation == built.generation:
                self.known = _confirmed(self.known, built.refreshed_at)
                return
            self.known = Current(
                built.generation,
                built.origin,
                built.ledger,
                built.currency,
                built.issues,
                built.refreshed_at,
                time.monotonic(),
                fresh=dict(built.documents),
                fresh_entered=built.entered,
            )

    def _confirm(self, known: Current) -> Current:
        """A build that a refresh has found to be up to date is as fresh as that refresh."""
        refreshed_at = confirmed_at(self._store, known.generation)
        # A later refresh has an earlier instant where the clock was put back in between.
        if refreshed_at in (0, known.refreshed_at):
            return known
        confirmed = _confirmed(known, refreshed_at)
        with self._lock:
            if self.known is known:
                self.known = confirmed
        return confirmed


def _confirmed(known: Current, refreshed_at: int) -> Current:
    return replace(known, refreshed_at=refreshed_at, known_since=time.monotonic())
