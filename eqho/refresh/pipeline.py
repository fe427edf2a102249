"""L3: from the source to a published build. One straight line, no state of its own."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from eqho.billing.normalise import read_account
from eqho.billing.owners import TELLING_EVENTS
from eqho.history.evidence import lacks, unread_kinds
from eqho.history.freezing import Freezer
from eqho.history.records import Archive
from eqho.history.snapshots import to_store
from eqho.inputs.entries import Entries
from eqho.issues import Issue
from eqho.ledger.build import Ledger, build_ledger, label
from eqho.ledger.horizon import horizon, tells_nothing_before
from eqho.ledger.labels import Labels
from eqho.ledger.tables import pack
from eqho.metrics.document import snapshot, with_issues
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.entered import Inputs
from eqho.metrics.identities import violations
from eqho.metrics.other_currencies import apart
from eqho.metrics.panel import ledger_currency
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.metrics.today_only import as_told, without_invoices
from eqho.periods import DAY, day_of, rfc3339
from eqho.products import ALL, ProductLines
from eqho.refresh.build_time import CLOCKS, BuildTime, Clocks, Pace
from eqho.refresh.earlier_build import earlier_build, not_read_yet
from eqho.refresh.first_look import FirstLook, Look
from eqho.refresh.made_with import made_with
from eqho.refresh.parts import REMEMBERED, Joined, Parts
from eqho.refresh.standstill import REFRESHED, Basis, stands_until
from eqho.store.base import Document, Lease, LeaseLost, Prints, Store
from eqho.sync import Interrupted, Owner, Progress, Sync, SyncResult

log = logging.getLogger("eqho.refresh")

KEPT_WHOLE = timedelta(days=90)


class UnsoundBuild(Exception):
    """The numbers contradict each other: they are not published."""


@dataclass(frozen=True)
class Conventions:
    """What the settings say about counting. `currency` None: the one most items are billed in.

    `customer_url`: what stands before a customer's id in Stripe's dashboard, "" where there is none.
    """

    zone: ZoneInfo
    currency: str | None
    policy: str
    merge_gap_days: int
    customer_url: str = ""


class _Made(NamedTuple):
    """What a mirror makes, before it is published. `scenes` by product."""

    ledger: Ledger
    currency: str
    issues: tuple[Issue, ...]
    scenes: dict[str, Scene]


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
        self._made_with = made_with(lines, conventions.currency, *self._counting)
        self._freezer = Freezer()
        self._parts, self._labels = Parts(store), Labels(lines)
        self._standing: _Standing | None = None
        self._last_billed: int | None = None
        """When who was billed longest ago was billed last, while a first pull goes on."""
        self._pace: Pace | None = None
        self._earlier_is_told = False
        self._looked_at = 0
        """How many objects the look read whose pace is known."""

    def build(
        self, lease: Lease, on_progress: Callable[[Progress], None], still_leader: Callable[[], bool]
    ) -> Built:
        """Raises SourceError, StoreError, UnsoundBuild: nothing is published then but what a long first pull
        shows meanwhile."""
        self._tell_earlier(lease, on_progress)
        first_look = FirstLook(
            on_progress,
            lambda look: self._publish_first_look(look, lease),
            self._build_seconds,
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
        earlier = earlier_build(self._store, self._owner, self._made_with)
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
            made = self._make(ledger, issues, joined.left_out, self.entries.all().inputs, watch)
        except UnsoundBuild as error:
            log.warning("nothing is shown before the source is read: %s", error)
            return
        generation = self._publish(made, earlier.refreshed_at, lease, mark=earlier.mark)
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
        now, watch = self._clock(), BuildTime(0, self._pace, notify, self._clocks)
        joined, ledger = self._joined(now, watch)
        made = self._make(ledger, issues, joined.left_out, entered.inputs, watch)
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
        generation = self._publish(made, refreshed_at, lease)
        if joined.most_anew:
            self._pace = watch.finished() or self._pace
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
        return joined, label(joined.derived, joined.goods, self._labels, now, *self._counting)

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

    @property
    def _counting(self) -> tuple[int, str]:
        return self._conventions.merge_gap_days, self._conventions.customer_url

    def _make(
        self,
        ledger: Ledger,
        issues: Sequence[Issue],
        unread: Sequence[Issue],
        inputs: Inputs,
        watch: BuildTime,
    ) -> _Made:
        watch.publishing()
        currency = self._conventions.currency or ledger_currency(ledger.spans)
        company = self._scene(ledger, ALL, currency, inputs, without_invoices(issues), unread_kinds(issues))
        wrong = violations(company)
        if wrong:
            raise UnsoundBuild(
                f"The new figures contradict themselves ({wrong[0]}): the last good ones stay."
            )
        found = (*issues, *unread, *ledger.issues, *apart(company))
        scenes = {ALL: company, **{product: company.of(product) for product in self._lines.keys}}
        return _Made(ledger, currency, found, scenes)

    def _publish(
        self,
        made: _Made,
        refreshed_at: int,
        lease: Lease,
        told_from: int | None = None,
        mark: Document | None = None,
    ) -> int:
        """`told_from`: of a first look, from when on it tells the past. `mark`: whose data it is, the owner's
        unless said otherwise."""
        meta = {
            **(mark or self._owner.mark()),
            "made_with": self._made_with,
            "currency": made.currency,
            "now": made.ledger.now,
            "refreshed_at": refreshed_at,
            "issues": [[issue.code, issue.message, list(issue.subjects)] for issue in made.issues],
            "lacks": sorted(lacks(made.issues)),
            "provisional": told_from is not None,
            "told_from": told_from,
        }
        return self._store.publish_build(meta, pack(made.ledger), lease)

    def _publish_first_look(self, look: Look, lease: Lease) -> None:
        """Without the snapshots and frozen months of a build: it is no history. What was shown is shown again
        only with more of the past."""
        build = self._store.latest_build()
        shown = build.meta if build is not None and self._owner.owns(build.meta) else None
        if shown is not None and not (shown.get("provisional") and self._may_tell_more(look)):
            return
        watch = BuildTime(clocks=self._clocks)
        account, unread = read_account(watch.reading(self._bodies_of(look)))
        told = watch.telling(len(account.subscriptions))
        ledger = build_ledger(account, self._lines, self._clock(), *self._counting, on_told=told)
        try:
            made = self._make(ledger, (), unread, self.entries.all().inputs, watch)
        except UnsoundBuild as error:
            log.warning("nothing is shown before the first sync is done: %s", error)
            return
        told_from = made.ledger.now
        if look.read_from is not None:
            told_from = horizon(account, look.read_from, told_from) + self._merged_gap
        told_from = min(told_from, made.ledger.now)
        if shown is None or self._is_further_back(told_from, shown.get("told_from") or shown["now"]):
            self._publish(made, int(time.time()), lease, told_from)
            self._learn(watch)
            log.info("shown before the first sync is done: the past from %s on", rfc3339(told_from))

    def _learn(self, watch: BuildTime) -> None:
        """Of the looks, the one that read the most tells best what a build takes."""
        if watch.read >= self._looked_at:
            self._looked_at, self._pace = watch.read, watch.finished()

    def _build_seconds(self, objects: float) -> float | None:
        """How long a build of so many objects takes; None before there was one."""
        return None if self._pace is None else self._pace.whole * objects

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

    @property
    def _merged_gap(self) -> int:
        """What lies so shortly before the horizon may be merged with what lies behind it."""
        return self._conventions.merge_gap_days * DAY

    def _is_further_back(self, instant: int, before: int) -> bool:
        """By a month at least: a month that is not told whole is no news."""
        zone = self._conventions.zone
        first_told, first_shown = (
            day_of(at - 1, zone).replace(day=1) if at > 0 else day_of(0, zone) for at in (instant, before)
        )
        return first_told < first_shown

    def freeze(self, built: Built, still_leader: Callable[[], bool]) -> int:
        """Freeze the months that have closed since; how many records that were. Raises StoreError.

        With a new month, what was shown long ago is thinned to one snapshot a day.
        """
        if built.confirmed:
            return 0
        inputs = self.entries.all().inputs
        now = self._scene(built.ledger, ALL, built.currency, inputs, unread=unread_kinds(built.issues))
        archive = Archive(self._store, built.origin, lacks(built.issues))
        written = self._freezer.freeze(archive, now, built.generation, still_leader)
        if written:
            self._store.thin_metrics(datetime.fromtimestamp(now.at, UTC) - KEPT_WHOLE)
        if self._standing is not None and self._standing.built is built:
            self._standing.complete = True
        self._parts.save()
        return written

    def _bodies(self, kind: str) -> Iterator[Document]:
        return self._store.objects(kind, with_deleted=kind in REMEMBERED)

    def _scene(
        self,
        ledger: Ledger,
        product: str,
        currency: str,
        inputs: Inputs,
        untold: str = "",
        unread: frozenset[str] = frozenset(),
    ) -> Scene:
        conventions = self._conventions
        policy = POLICIES[conventions.policy]
        now, zone = ledger.now, conventions.zone
        return Scene(ledger, self._lines, inputs, product, now, policy, currency, zone, untold, unread=unread)
