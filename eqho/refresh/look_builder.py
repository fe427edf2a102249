"""What is shown while a long first pull goes on, built of what has been read so far. It is no history:
without the snapshots and frozen months of a build."""

import logging
import time
from collections.abc import Callable, Iterator

from eqho.billing.normalise import read_account
from eqho.billing.owners import TELLING_EVENTS
from eqho.inputs.entries import Entries
from eqho.ledger.build import build_ledger
from eqho.ledger.horizon import horizon, tells_nothing_before
from eqho.periods import DAY, day_of, rfc3339
from eqho.products import ProductLines
from eqho.refresh.build_time import BuildTime, Clocks, Pace
from eqho.refresh.first_look import Look
from eqho.refresh.parts import REMEMBERED
from eqho.refresh.publishing import Conventions, Publisher, UnsoundBuild
from eqho.store.base import Document, Lease, Store
from eqho.sync import Owner

log = logging.getLogger("eqho.refresh")


class LookBuilder:
    """`clock` gives the data's now (UTC seconds)."""

    def __init__(
        self,
        store: Store,
        lines: ProductLines,
        conventions: Conventions,
        owner: Owner,
        entries: Entries,
        publisher: Publisher,
        clock: Callable[[], int],
        clocks: Clocks,
    ) -> None:
        self._store, self._lines, self._conventions = store, lines, conventions
        self._owner, self._entries, self._publisher = owner, entries, publisher
        self._clock, self._clocks = clock, clocks
        self._last_billed: int | None = None
        """When who was billed longest ago was billed last."""
        self.pace: Pace | None = None
        """Of the last build that tells what one takes."""
        self._looked_at = 0
        """How many objects the look read whose pace is known."""

    def publish(self, look: Look, lease: Lease) -> None:
        """What was shown is shown again only with more of the past."""
        build = self._store.latest_build()
        shown = build.meta if build is not None and self._owner.owns(build.meta) else None
        if shown is not None and not (shown.get("provisional") and self._may_tell_more(look)):
            return
        watch = BuildTime(clocks=self._clocks)
        account, unread = read_account(watch.reading(self._bodies_of(look)))
        told = watch.telling(len(account.subscriptions))
        ledger = build_ledger(account, self._lines, self._clock(), *self._conventions.of_ledger, on_told=told)
        watch.publishing()
        try:
            made = self._publisher.make(ledger, (), unread, self._entries.all().inputs)
        except UnsoundBuild as error:
            log.warning("nothing is shown before the first sync is done: %s", error)
            return
        told_from = ledger.now
        if look.read_from is not None:
            # What lies so shortly before the horizon may be merged with what lies behind it.
            merged = self._conventions.merge_gap_days * DAY
            told_from = horizon(account, look.read_from, told_from) + merged
        told_from = min(told_from, ledger.now)
        if shown is None or self._is_further_back(told_from, shown.get("told_from") or shown["now"]):
            self._publisher.publish(made, int(time.time()), lease, told_from)
            self._learn(watch)
            log.info("shown before the first sync is done: the past from %s on", rfc3339(told_from))

    def build_seconds(self, objects: float) -> float | None:
        """How long a build of so many objects takes; None before there was one."""
        return None if self.pace is None else self.pace.whole * objects

    def _learn(self, watch: BuildTime) -> None:
        """Of the looks, the one that read the most tells best what a build takes."""
        if watch.read >= self._looked_at:
            self._looked_at, self.pace = watch.read, watch.finished()

    def _may_tell_more(self, look: Look) -> bool:
        """Asked before all that is read is gone through."""
        if look.read_from is None:
            return False
        if self._last_billed is None:
            catalogue = {kind: self._bodies(kind) for kind in ("product", "price", "subscription")}
            subscriptions = read_account(catalogue)[0].subscriptions.values()
            self._last_billed = tells_nothing_before(subscriptions, self._clock())
        return look.read_from <= self._last_billed

    def _bodies_of(self, look: Look) -> dict[str, Iterator[Document]]:
        bodies = {kind: self._bodies(kind) for kind in look.complete}
        if (since := look.read_from) is not None:
            bodies["invoice"] = (body for body in self._bodies("invoice") if body["created"] >= since)
            bodies["event"] = self._store.events(families=TELLING_EVENTS)
        return bodies

    def _bodies(self, kind: str) -> Iterator[Document]:
        return self._store.objects(kind, with_deleted=kind in REMEMBERED)

    def _is_further_back(self, instant: int, before: int) -> bool:
        """By a month at least: a month that is not told whole is no news."""
        zone = self._conventions.zone
        first_told, first_shown = (
            day_of(at - 1, zone).replace(day=1) if at > 0 else day_of(0, zone) for at in (instant, before)
        )
        return first_told < first_shown
