"""Runs L3 in the background: one at a time across threads and replicas, and not right after a failure."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Literal
from uuid import uuid4

import msgspec

from eqho.refresh.attention import Attention
from eqho.refresh.leadership import Door, Leadership, knock
from eqho.refresh.pipeline import Builder, Built
from eqho.refresh.publishing import UnsoundBuild
from eqho.sources.base import SourceError
from eqho.store.base import LeaseLost, Store, StoreError
from eqho.sync import Progress
from eqho.sync.progress import LABELS, KindProgress

log = logging.getLogger("eqho.refresh")

LEASE = "refresh"
LEASE_SECONDS = 30.0
TURN_SECONDS = 0.5
RETRY_AFTER_FAILURE = 15.0
"""Seconds in which nobody but a person who asks for it tries a source again that has just failed."""


class Failure(msgspec.Struct, frozen=True):
    """Why the last refresh did not work. `at` by `time.monotonic()`, `wall` in UTC seconds of the clock."""

    sentence: str
    at: float
    wall: int


class Refresher:
    """`on_built` is called in the refreshing thread with each published build, `on_frozen` when months were
    frozen after that, when nobody waits for an answer."""

    def __init__(
        self,
        builder: Builder,
        store: Store,
        on_built: Callable[[Built], None],
        on_frozen: Callable[[], None],
        attention: Attention | None = None,
    ) -> None:
        self._builder, self._store = builder, store
        self._on_built, self._on_frozen = on_built, on_frozen
        self._attention = attention or Attention()
        self._holder = uuid4().hex
        self._turn = threading.Lock()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._done.set()
        self._settled = threading.Event()
        self._settled.set()
        self._relisting = False
        self._progress: Progress | None = None
        self._progress_before: Progress | None = None
        self._failure: Failure | None = None
        self._refreshes = 0
        self._failures = 0
        self._last_duration: float | None = None

    @property
    def failure(self) -> Failure | None:
        """None after a refresh that worked."""
        return self._failure

    @property
    def running(self) -> bool:
        return not self._done.is_set()

    def start(self, *, asked: bool = False, full: bool = False) -> Literal["started", "joined"] | None:
        """None: the source has just failed and nobody `asked`. With `full` everything is read again once what
        changed is published, by the refresh that runs already or this one; raises StoreError then."""
        if full:
            self._builder.ask_full()
        with self._lock:
            if self.running:
                return "joined"
            if self._stopped.is_set():
                return None
            failed = self._failure
            if not asked and failed is not None and time.monotonic() - failed.at < RETRY_AFTER_FAILURE:
                return None
            self._done.clear()
            self._settled.clear()
            # What a try that failed has stored is not read again.
            self._progress_before = self._progress if self._failure else None
            self._progress = None
        threading.Thread(target=self._run, name="eqho-refresh", daemon=True).start()
        return "started"

    def settled(self, seconds: float) -> bool:
        """Waits until no refresh runs and its months are frozen; False where that takes longer."""
        free = self._turn.acquire(timeout=seconds)
        if free:
            self._turn.release()
        return free

    def stop(self, seconds: float) -> None:
        """End what is running, at its next request or write, and wait so long for that. What was read stays
        read; nothing starts any more."""
        self._stopped.set()
        self.settled(seconds)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether no refresh is running any more."""
        return self._done.wait(seconds)

    def wait_full(self) -> None:
        """Until nothing is read any more: neither a refresh nor everything again."""
        self._settled.wait()

    def progress(self) -> dict[str, Any]:
        """{running, sentence, fraction, kinds, seconds_left}; fraction None while it cannot be told. It never
        falls, and what is stored stays in `kinds` when a try fails and the next one goes on."""
        relisting, running = self._relisting, self.running or self._relisting
        known = self._progress if running else None
        shown = known or (self._progress_before if running else None)
        sentence = "Starting to read the source." if running else "No refresh is running."
        if known:
            sentence = f"Everything is read again. {known.sentence}" if relisting else known.sentence
        return {
            "running": running,
            "sentence": sentence,
            "fraction": shown.fraction if shown else None,
            "kinds": {name: _kind(name, kind) for name, kind in shown.kinds.items()} if shown else {},
            "seconds_left": known.seconds_left if known else None,
        }

    def report(self) -> dict[str, Any]:
        progress = self.progress()
        return {
            "refreshes": self._refreshes,
            "failures": self._failures,
            "last_duration_s": self._last_duration,
            "last_failure": self._failure.sentence if self._failure else None,
            "running": progress["running"],
            "progress": progress if progress["running"] else None,
        }

    def _run(self) -> None:
        # The refresh before may still be freezing, or reading everything again, under the lease.
        with self._turn, ExitStack() as leased:
            try:
                made = self._refresh(leased)
            finally:
                self._done.set()
            if made is not None:
                built, leadership = made
                self._freeze(built, leadership)
                self._relist(leadership)
        with self._lock:
            if not self.running:
                self._settled.set()

    def _relist(self, leadership: Leadership) -> None:
        """What is due behind a refresh. Another refresh goes first, of this replica or of one that knocks:
        this one gives way at the next page, and the other goes on with it afterwards."""
        try:
            door = Door(self._store, self._holder)
            while not self.running and not door.knocked() and self._builder.relist_due():
                self._progress = self._progress_before = None
                self._relisting = True
                built = self._builder.relist(
                    leadership.lease,
                    self._on_progress,
                    leadership.holds,
                    lambda: self.running or door.knocked(),
                )
                if built is not None:
                    self._on_built(built)
                    log.info("everything was read again: build %d", built.generation)
                    self._freeze(built, leadership)
        except LeaseLost:
            log.info("another replica has taken over the refresh")
        except (SourceError, StoreError, UnsoundBuild) as error:
            self._failed(str(error))
        except Exception:
            log.exception("reading everything again failed unexpectedly")
            self._failed("Reading everything again failed unexpectedly; the log of the server says more.")
        finally:
            self._relisting = False

    def _refresh(self, leased: ExitStack) -> tuple[Built, Leadership] | None:
        """None when it failed, or when another replica has built. `leased` gives the lease back."""
        started = time.monotonic()
        try:
            made = self._build(leased)
            if made is not None:
                built, _ = made
                self._on_built(built)
                self._refreshes += 1
                self._last_duration = round(time.monotonic() - started, 3)
                done = "nothing has changed since build" if built.confirmed else "build"
                log.info("refresh done: %s %d in %.2f s", done, built.generation, self._last_duration)
            self._failure = None
        except (SourceError, StoreError, UnsoundBuild) as error:
            self._failed(str(error))
        except Exception:
            log.exception("refresh failed unexpectedly")
            self._failed("The refresh failed unexpectedly; the log of the server says more.")
        else:
            return made
        return None

    def _freeze(self, built: Built, leadership: Leadership) -> None:
        """Readers have the build already: whatever fails here is left to the next one."""
        if not built.confirmed:
            self._attention.wait_for_calm(lambda: self.running, self._stopped)
        try:
            if months := self._builder.freeze(built, self._while_leading(leadership)):
                self._on_frozen()
                log.info("froze %d months of products", months)
        except StoreError as error:
            log.warning("closed months are frozen with the next build: %s", error)
        except Exception:
            log.exception("closed months could not be frozen")

    def _failed(self, sentence: str) -> None:
        log.warning("refresh failed: %s", sentence)
        self._failures += 1
        self._failure = Failure(sentence, time.monotonic(), int(time.time()))

    def _build(self, leased: ExitStack) -> tuple[Built, Leadership] | None:
        """None when another replica has built in the meantime. The lease is kept until `leased` is closed."""
        before = self._store.generation()
        knocked = False
        while not self._stopped.is_set():
            leadership = self._lead(leased)
            # Asked under the lease: whoever had it until now may have published a moment ago.
            if self._store.generation() != before:
                return None
            if leadership is None:
                if not knocked:
                    knock(self._store, self._holder)
                    knocked = True
                self._stopped.wait(TURN_SECONDS)
                continue
            goes_on = self._while_leading(leadership)
            try:
                return self._builder.build(leadership.lease, self._on_progress, goes_on), leadership
            except LeaseLost:
                if not self._stopped.is_set():
                    log.info("another replica has taken over the refresh")
                leased.close()
        return None

    def _while_leading(self, leadership: Leadership) -> Callable[[], bool]:
        return lambda: leadership.holds() and not self._stopped.is_set()

    def _lead(self, leased: ExitStack) -> Leadership | None:
        asked = time.monotonic()
        lease = self._store.acquire_lease(LEASE, self._holder, LEASE_SECONDS)
        if lease is None:
            return None
        leadership = Leadership(self._store, lease, LEASE_SECONDS, asked)
        leased.callback(leadership.close)
        return leadership

    def _on_progress(self, progress: Progress) -> None:
        self._progress = progress.after(self._progress_before)


def _kind(name: str, kind: KindProgress) -> dict[str, Any]:
    """`label` is the kind in people's words, `objects` how many of it are stored."""
    return {
        "label": LABELS[name],
        "objects": kind.objects,
        "pages": kind.pages,
        "share": kind.share,
        "done": kind.read,
    }
