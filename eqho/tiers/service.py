"""The look-up: memory, then the store, then the source. A founder never waits for Stripe once anything is
stored."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Literal

from eqho.errors import BadArgument, NoBuild, RefreshFailed
from eqho.history.freezing import accept
from eqho.inputs.entries import Entered, Kind, Listed
from eqho.issues import Issue
from eqho.ledger.build import Ledger
from eqho.metrics.document import with_more_issues
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.other_currencies import as_entered
from eqho.metrics.policy import POLICIES
from eqho.metrics.today_only import without_invoices
from eqho.periods import rfc3339
from eqho.products import ALL, ProductLines
from eqho.refresh.attention import Attention
from eqho.refresh.first_look import first_sync_goes_on, waits_for_invoices
from eqho.refresh.job import Refresher
from eqho.refresh.pipeline import Builder
from eqho.refresh.publishing import Conventions
from eqho.store.base import Store, StoreError
from eqho.sync import Owner
from eqho.tiers.answering import Answering
from eqho.tiers.comparing import ComparedExport, compare_export
from eqho.tiers.latest_build import LatestBuild
from eqho.tiers.memory import Computed, Key, Memory
from eqho.tiers.provenance import Provenance, Served
from eqho.tiers.published import Current
from eqho.tiers.question import A, AnyView, Question, RecordedView
from eqho.tiers.recorded_views import Restatements
from eqho.tiers.schedule import Schedule
from eqho.tiers.views import Metrics

log = logging.getLogger("eqho.cache")

FIRST_BUILD_WAIT = 25.0
_LOOK_EVERY = 0.25
FIRST_SECONDS = 4.0
"""In which a page is rather drawn a moment later than twice."""
CALM = 3.0
"""Seconds without a question after which closed months are frozen and the rest of the pages is made ready."""


class Tiers:
    """One per process, shared by pages, API and the background threads."""

    def __init__(
        self,
        builder: Builder,
        store: Store,
        lines: ProductLines,
        conventions: Conventions,
        source: str,
        owner: Owner,
        ttl: int,
        requests: Callable[[], int],
    ) -> None:
        self._store, self._lines, self._conventions = store, lines, conventions
        self._source = source
        self._ttl, self._requests = ttl, requests
        self._memory = Memory(self._compute, ttl)
        self._answering = Answering(store, lines, conventions)
        self._builds = LatestBuild(store, owner)
        self.attention = Attention()
        self._began = 0.0
        self._refresher = Refresher(builder, store, self._builds.adopt, self._forget_records, self.attention)
        self.entries = builder.entries
        self._entered: Entered | None = None
        self.troubles: dict[str, Issue] = {}
        """By code: what goes wrong now beside the build, told with the build's issues."""
        self._schedule = Schedule(self._refresher, self._poll)

    # -- look-up

    def metrics(
        self, product: str, as_of: date | None = None, policy: str | None = None
    ) -> Served[MetricsDocument]:
        """The metrics document of a product (`towpilot`, `all-products`, a line's key), without provenance.

        `as_of` is a day whose end is meant, None is now. Raises NoBuild, BadArgument.
        """
        return self.view(Metrics(), product, as_of, policy)

    def view(
        self, view: AnyView[A], product: str, as_of: date | None = None, policy: str | None = None
    ) -> Served[A]:
        """What a view answers, from the first tier that has it. Raises NoBuild, BadArgument, StoreError."""
        self.attention.somebody_asks()
        key = self._key(view, product, as_of, policy)
        found, hit = self._memory.get(key)
        self.attention.somebody_asks()
        log.info(
            "cache %s product=%s view=%s tier=%s",
            *(("hit", product, view.name, "L1") if hit else ("miss", product, view.name, found.tier)),
        )
        value: Any = found.value
        if isinstance(value, MetricsDocument) and self.troubles:
            value = with_more_issues(value, self.troubles.values())
        return Served(value, self._provenance("L1" if hit else found.tier, found.refreshed_at, found.build))

    def told(self, view: AnyView[A], product: str, as_of: date | None = None) -> A:
        """A view under the default policy, for what runs in the background: nobody looks, so nothing is
        refreshed and nothing is counted. Raises as `view`."""
        answer: A = self._compute(self._key(view, product, as_of, None)).value
        return answer

    def complete(self) -> Current | None:
        """The published build; None before there is one that is more than a first look. Waits for nothing."""
        current = self._builds.known
        return None if current is None or current.provisional else current

    def last_refresh(self) -> tuple[int, str | None]:
        """(UTC seconds of the real clock, 0 before the first; why the one since then did not work)."""
        return self._builds.known.refreshed_at if self._builds.known else 0, self._failure()

    def age(self) -> float | None:
        """Seconds since that refresh, None before the first; at least those since this process knows of it,
        whatever was done to the clock meanwhile."""
        known = self._builds.known
        if known is None:
            return None
        return max(time.time() - known.refreshed_at, time.monotonic() - known.known_since)

    def compare(
        self, content: bytes, product: str, policy: str | None = None, kind: str = "auto", month: str = ""
    ) -> ComparedExport:
        """An export of another tool beside the ledger; see `comparing`."""
        key = self._key(Metrics(), product, None, policy)
        scene = self._answering.scene(self.published(), self._inputs().inputs, key)
        return compare_export(scene, content, kind, month)

    def _key(self, view: AnyView[Any], product: str, as_of: date | None, policy: str | None) -> Key:
        policy = policy or self._conventions.policy
        if policy not in POLICIES:
            raise BadArgument(f"There is no policy “{policy}”; known: {', '.join(POLICIES)}.")
        current = self.published()
        named = "" if policy == self._conventions.policy else policy
        question = Question(view, product, as_of, named)
        return Key(question, current.generation, self._untold(current), self._inputs().numbers)

    def _compute(self, key: Key) -> Computed[Any]:
        return self._answering.compute(key, self.published(), self._inputs())

    def _untold(self, current: Current) -> str:
        if current.provisional:
            return waits_for_invoices(self.progress())
        return without_invoices(current.issues)

    def _inputs(self) -> Entered:
        """What people entered: held in memory, so that an outage of the store takes nothing away."""
        if self._entered is None:
            self._entered = self.entries.all()
        return self._entered

    def enter(self, kind: Kind, rows: Sequence[object], expected: int | None) -> Listed:
        """As `Entries.replace`; every figure follows at once, other replicas see it as they poll."""
        listed = self.entries.replace(kind, rows, expected)
        self._follow_inputs()
        return listed

    def undo_entry(self, kind: Kind, expected: int) -> Listed:
        """As `Entries.undo`; every figure follows at once."""
        listed = self.entries.undo(kind, expected)
        self._follow_inputs()
        return listed

    def _follow_inputs(self) -> None:
        if self._entered is None or self.entries.numbers() != self._entered.numbers:
            self._entered = self.entries.all()

    def _provenance(self, tier: str, refreshed: int, build: int) -> Provenance:
        age = max(0.0, time.time() - refreshed)
        if (current := self._builds.known) is not None and current.generation == build:
            refreshed, age = current.refreshed_at, self.age() or 0.0
        reason = self._failure()
        if self._builds.provisional:
            reason = reason or self._first_sync()
            self._refresher.start()
        elif age > self._ttl:
            reason = reason or "The figures are older than the cache's lifetime; they are being refreshed."
            self._refresher.start()
        return Provenance(tier, round(age, 1), self._source, build, reason is not None, reason, refreshed)

    def _first_sync(self) -> str:
        return first_sync_goes_on(self.progress(), self._builds.told_from(self._conventions.zone))

    def _failure(self) -> str | None:
        """Why the last refresh did not work, unless another replica's has worked since."""
        failure, known = self._refresher.failure, self._builds.known
        if failure is None:
            return None
        # Both: what is learnt later may have happened before, and clocks may have been put back.
        outlived = known is not None and failure.at < known.known_since and failure.wall < known.refreshed_at
        return None if outlived else failure.sentence

    def await_first(self) -> None:
        """In the first seconds of the process, and only then, waits until there is something to show."""
        if self._builds.known is None and self._refresher.running:
            self._refresher.wait(max(0.0, self._began + FIRST_SECONDS - time.monotonic()))

    # -- builds

    def ledger(self) -> Ledger:
        """The published one. Raises NoBuild, StoreError."""
        return self.published().ledger

    def published(self) -> Current:
        """The build to answer from: what is stored, else the first one, for which it waits a while. Raises
        NoBuild and StoreError."""
        if self._builds.known is not None:
            return self._builds.known
        started = time.perf_counter()
        if (stored := self._builds.follow()) is not None:
            return stored
        self._answering.statistics.record(hit=False, seconds=time.perf_counter() - started)
        if (first := self._await_build()) is not None:
            return first
        failure = self._refresher.failure
        if failure is not None and not self._refresher.running:
            raise NoBuild(failure.sentence, self.progress())
        raise NoBuild("The first sync is still running; the figures appear when it is done.", self.progress())

    def _await_build(self) -> Current | None:
        """What a refresh publishes, be it before its end; a first look where that takes long."""
        until = time.monotonic() + FIRST_BUILD_WAIT
        if self._refresher.start() is not None:
            while (left := until - time.monotonic()) > 0 and not self._refresher.wait(min(left, _LOOK_EVERY)):
                early = self._builds.follow()
                if early is not None and not early.provisional:
                    return early
        return self._builds.follow()

    # -- what people do

    def refresh(self, *, wait: bool = False, full: bool = False) -> Literal["started", "joined"]:
        """Read what changed at the source, for every product at once; with `full` everything again behind
        that. With `wait`, returns when it is done.

        Raises RefreshFailed when the refresh that was waited for did not work; StoreError with `full`.
        """
        status = self._refresher.start(asked=True, full=full) or "started"
        if wait:
            if full:
                self._refresher.wait_full()
            self._refresher.wait()
            if (failure := self._refresher.failure) is not None:
                raise RefreshFailed(failure.sentence)
            # Another replica may have made it.
            with suppress(StoreError):
                self._builds.follow()
        return status

    def accept_restatement(self, product: str, month: str) -> None:
        """Make what the ledger says today the frozen value of a closed month (`YYYY-MM`); what was frozen
        before stays in the store. Raises NoBuild, StoreError, and BadArgument where there is none to accept.
        """
        current = self.published()
        key = Key(Question(Restatements(), product), current.generation)
        scene = self._answering.scene(current, self._inputs().inputs, key)
        accept(self._answering.archive(current), scene, month, current.generation)
        self._forget_records()

    def _forget_records(self) -> None:
        """What a month that was frozen may have made another one."""
        self._memory.forget(lambda key: isinstance(key.question.view, RecordedView))

    def clear(self) -> dict[str, int]:
        """Forget L1 and the raw pages. History is never cleared."""
        if self._builds.known is not None:
            self._builds.known.fresh.clear()
        return {"l1": self._memory.clear(), "stripe_cache": self._store.clear_pages()}

    # -- what people see

    def progress(self) -> dict[str, Any]:
        self.attention.somebody_asks()
        return self._refresher.progress()

    def issues(self) -> tuple[Issue, ...]:
        current = self._builds.known or self._builds.follow()
        if current is None:
            return ()
        troubles = tuple(self.troubles.values())
        if len(current.ledger.spans.names["currency"]) < 2:
            return (*current.issues, *troubles)
        scene = self._answering.scene(current, self._inputs().inputs, self._key(Metrics(), ALL, None, None))
        return (*as_entered(current.issues, scene), *troubles)

    def outage(self) -> tuple[Any, str] | None:
        """(since, sentence) while the store is out of reach."""
        return getattr(self._store, "outage", None)

    def statistics(self) -> dict[str, Any]:
        generation = self._builds.known.generation if self._builds.known else 0
        keys = self._memory.keys(generation)
        return {
            "l1": {"entries": len(keys), "keys": keys, **self._memory.statistics.report()},
            "l2": {
                "enabled": self.outage() is None,
                "backend": self._store.backend,
                "documents": self._documents(),
                **self._answering.statistics.report(),
            },
            "l3": {**self._refresher.report(), "source_requests": self._requests()},
            "generation": generation,
            "ttl": self._ttl,
        }

    def _documents(self) -> int | None:
        with suppress(StoreError):
            return self._store.count_metrics()
        return None

    def health(self) -> dict[str, Any]:
        """The answer of `/health`. `reason`: the sentence that says why it is not healthy, else None."""
        current, unreachable = self._builds.known, None
        if current is None:
            try:
                current = self._builds.follow()
            except StoreError as error:
                unreachable = str(error)
        outage = self.outage()
        reason = outage[1] if outage else unreachable or self._failure()
        if self._builds.provisional:
            reason = reason or self._first_sync()
        keys = self._memory.keys(current.generation if current else 0)
        return {
            "status": "starting" if current is None else "degraded" if reason else "healthy",
            "reason": reason,
            "cache_stats": {
                "memory_cache": {"entries": len(keys), "keys": keys},
                "mongodb_enabled": self._store.backend == "mongodb",
                "store": self._store.backend,
            },
            "source": self._source,
            "last_refresh": rfc3339(current.refreshed_at) if current else None,
            "stale": reason is not None or (self.age() or 0.0) > self._ttl,
        }

    # -- background

    def wake(self) -> None:
        """The source has news: read it with the next turn of the background, within seconds."""
        self._schedule.wake()

    def run_background(self, interval: int) -> None:
        """Until `stop`: follow other replicas every two seconds, refresh on schedule and when woken. Whoever
        has started it comes to look: what can wait is put off."""
        self._began = time.monotonic()
        self.attention.calm = CALM
        self.attention.somebody_asks()
        self._schedule.run(interval)

    def _poll(self) -> Current | None:
        with suppress(StoreError):
            self._builds.follow()
        with suppress(StoreError):
            self._follow_inputs()
        return self._builds.known

    def settled(self, seconds: float) -> bool:
        """Waits for the refresh that runs and the freezing after it; False where they take longer."""
        return self._refresher.settled(seconds)

    def stop(self, seconds: float = 10.0) -> None:
        """End what runs in the background, a refresh too, and wait so long for it."""
        self._schedule.stop()
        self._refresher.stop(seconds)
