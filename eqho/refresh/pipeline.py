"""L3: from the source to a published build. One straight line, no state of its own."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from eqho.history.evidence import lacks, unread_kinds
from eqho.history.freezing import Freezer
from eqho.history.records import Archive
from eqho.history.snapshots import to_store
from eqho.inputs.entries import Entries
from eqho.issues import Issue
from eqho.ledger.build import Ledger, label
from eqho.ledger.labels import Labels
from eqho.metrics.document import snapshot, with_issues
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.today_only import as_told
from eqho.products import ProductLines
from eqho.refresh.build_time import CLOCKS, BuildTime, Clocks
from eqho.refresh.earlier_build import earlier_build, not_read_yet
from eqho.refresh.first_look import FirstLook
from eqho.refresh.look_builder import LookBuilder
from eqho.refresh.parts import Joined, Parts
from eqho.refresh.publishing import Conventions, Publisher, UnsoundBuild
from eqho.refresh.standstill import REFRESHED, Basis, stands_until
from eqho.store.base import Lease, LeaseLost, Prints, Store
from eqho.sync import Interrupted, Owner, Progress, Sync, SyncResult

log = logging.getLogger("eqho.refresh")

KEPT_WHOLE = timedelta(days=90)


@dataclass(frozen=True)
class Built:
    """A published build of `origin`'s data. `documents` by product, under the default policy, with what was
    entered by then.

    `confirmed`: it was published before, and a refresh has found that nothing has changed since.
    """

    generation: int
    origin: str
    ledger: Ledger
    currency: str
    issues: tuple[Issue, ...]
    documents: dict[str, MetricsDocument]
    refreshed_at: int
    entered: str
    confirmed: bool = False


@dataclass
class _Standing:
    """The last build, and what it rests on. `complete` once its closed months are frozen."""

    built: Built
    basis: Basis
    until: int
    prints: Prints
    complete: bool = False


class Builder:
    """`clock` gives the data's now (UTC seconds). `owner` tells whose data this is, `notices` what to say of
    the place where it is kept."""

    def __init__(
        self,
        sync: Sync,
        store: Store,
        lines: ProductLines,
        conventions: Conventions,
        clock: Callable[[], int],
        owner: Owner,
        entries: Entries | None = None,
        *,
        notices: Callable[[], tuple[Issue, ...]] = tuple,
        clocks: Clocks = CLOCKS,
    ) -> None:
        self._sync, self._store, self._lines = sync, store, lines
        self.entries = entries or Entries(store, lines)
        self._conventions, self._clock, self._owner = conventions, clock, owner
        self._notices, self._clocks = notices, clocks
        self._publisher = Publisher(store, lines, conventions, owner)
        self._looks = LookBuilder(
            store, lines, conventions, owner, self.entries, self._publisher, clock, clocks
        )
        self._freezer = Freezer()
        self._parts, self._labels = Parts(store), Labels(lines)
        self._standing: _Standing | None = None
        self._earlier_is_told = False

    def build(
        self, lease: Lease, on_progress: Callable[[Progress], None], still_leader: Callable[[], bool]
    ) -> Built:
        """Raises SourceError, StoreError, UnsoundBuild: nothing is published then but what a long first pull
        shows meanwhile."""
        self._tell_earlier(lease, on_progress)
        first_look = FirstLook(
            on_progress,
            lambda look: self._looks.publish(look, lease),
            self._looks.build_seconds,
            self._clocks.elapsed,
        )
        synced = self._sync.catch_up(first_look, still_leader)
        return self._built(synced, lease, still_leader, first_look.building)

    def _tell_earlier(self, lease: Lease, on_progress: Callable[[Progress], None]) -> None:
        """Once in a process: what another version or configuration of ours told last is told by this one from
        the mirror, with its age, before the source is asked: that may be away, and readers may be unable to
        read what the other has published. Without snapshots and frozen months: the source tells no news."""
        if self._earlier_is_told:
            return
        self._earlier_is_told = True
        earlier = earlier_build(self._store, self._owner, self._publisher.made_with)
        if earlier is None:
            return
        not_read = not_read_yet(self._sync.unread() - unread_kinds(earlier.issues))
        if not_read is None:
            return
        on_progress(Progress.of_building())
        watch = BuildTime(clocks=self._clocks)
        joined, ledger = self._joined(earlier.now, watch)
        issues = (*earlier.issues_beside((*joined.left_out, *ledger.issues, *not_read)), *not_read)
        try:
            made = self._publisher.make(ledger, issues, joined.left_out, self.entries.all().inputs)
        except UnsoundBuild as error:
            log.warning("nothing is shown before the source is read: %s", error)
            return
        generation = self._publisher.publish(made, earlier.refreshed_at, lease, mark=earlier.mark)
        log.info("build %d tells anew what an earlier version or configuration has told", generation)

    def ask_full(self) -> None:
        """Everything is due to be read again. Raises StoreError."""
        self._sync.ask_full()

    def relist_due(self) -> bool:
        return self._sync.relist_due()

    def relist(
        self,
        lease: Lease,
        on_progress: Callable[[Progress], None],
        still_leader: Callable[[], bool],
        interrupted: Callable[[], bool],
    ) -> Built | None:
        """Read everything again after a `build`; raises as that does. None once `interrupted`: the next one
        goes on where this one was."""
        try:
            synced = self._sync.relist(on_progress, still_leader, interrupted)
        except Interrupted:
            return None
        return self._built(synced, lease, still_leader)

    def _built(
        self,
        synced: SyncResult,
        lease: Lease,
        still_leader: Callable[[], bool],
        notify: Callable[[float | None, float], None] = lambda left, share: None,
    ) -> Built:
        entered = self.entries.all()
        issues = (*self._notices(), *synced.issues)
        if not synced.changed and (standing := self._confirmed(issues, entered.numbers)) is not None:
            return standing
        now, watch = self._clock(), BuildTime(0, self._looks.pace, notify, self._clocks)
        joined, ledger = self._joined(now, watch)
        watch.publishing()
        made = self._publisher.make(ledger, issues, joined.left_out, entered.inputs)
        documents = {
            product: with_issues(as_told(scene, snapshot(scene)), made.issues)
            for product, scene in made.scenes.items()
        }
        if not still_leader():
            raise LeaseLost("Another replica has taken over the refresh: its figures are published.")
        refreshed_at = int(time.time())
        # The lease keeps others from publishing in between.
        number = self._store.generation() + 1
        self._store.append_metrics(
            [
                to_store(document, made.ledger.now, refreshed_at, self._owner.known, number, entered.numbers)
                for document in documents.values()
            ]
        )
        generation = self._publisher.publish(made, refreshed_at, lease)
        if joined.most_anew:
            self._looks.pace = watch.finished() or self._looks.pace
        built = Built(
            generation,
            self._owner.known,
            made.ledger,
            made.currency,
            made.issues,
            documents,
            refreshed_at,
            entered.numbers,
        )
        basis = Basis(issues, entered.numbers, generation)
        until = stands_until(joined.named, now, self._conventions.zone)
        self._standing = _Standing(built, basis, until, joined.prints)
        return built

    def _joined(self, now: int, watch: BuildTime) -> tuple[Joined, Ledger]:
        joined = self._parts.join(now, watch.deriving)
        watch.telling(0)
        return joined, label(joined.derived, joined.goods, self._labels, now, *self._conventions.of_ledger)

    def _confirmed(self, issues: tuple[Issue, ...], entered: str) -> Built | None:
        """The last build once more, where this process made it and nothing it rests on has changed since."""
        standing = self._standing
        if standing is None or not standing.complete or self._clock() >= standing.until:
            return None
        if Basis(issues, entered, self._store.generation()) != standing.basis:
            return None
        # Not so after a sync whose build failed, here or in another process.
        if self._store.prints(standing.prints) != standing.prints:
            return None
        refreshed_at = int(time.time())
        self._store.put_state(REFRESHED, {"generation": standing.built.generation, "at": refreshed_at})
        return replace(standing.built, refreshed_at=refreshed_at, confirmed=True)

    def freeze(self, built: Built, still_leader: Callable[[], bool]) -> int:
        """Freeze the months that have closed since; how many records that were. Raises StoreError.

        With a new month, what was shown long ago is thinned to one snapshot a day.
        """
        if built.confirmed:
            return 0
        inputs = self.entries.all().inputs
        now = self._publisher.company(built.ledger, built.currency, inputs, unread_kinds(built.issues))
        archive = Archive(self._store, built.origin, lacks(built.issues))
        written = self._freezer.freeze(archive, now, built.generation, still_leader)
        if written:
            self._store.thin_metrics(datetime.fromtimestamp(now.at, UTC) - KEPT_WHOLE)
        if self._standing is not None and self._standing.built is built:
            self._standing.complete = True
        self._parts.save()
        return written
