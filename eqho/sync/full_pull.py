"""The full pull: every kind by parallel windows, each page in the store before its cursor."""

import threading
from collections.abc import Callable, Collection, Sequence

import msgspec

from eqho.periods import DAY
from eqho.sources.base import (
    PAGE_SIZE,
    CursorError,
    ObjectUnreadable,
    Page,
    SourceDenied,
    SourceError,
    created_of,
)
from eqho.sources.stripe.kinds import REQUIRED_KINDS
from eqho.sync.context import Tools
from eqho.sync.invoices_expected import InvoicesExpected
from eqho.sync.progress import Meter
from eqho.sync.sightings import note_sightings
from eqho.sync.unlisted import not_listed
from eqho.sync.windows import SPLIT_PAGES, KindState, Window

# What refers to others comes after them, so that whatever a page names and the store lacks is truly missing.
STAGES = (
    ("product", "coupon"),
    ("price",),
    ("customer",),
    ("subscription", "subscription_schedule"),
    ("invoiceitem", "credit_note", "refund", "dispute", "invoice"),
)
# Nobody deletes all of these: an empty list is a view that was taken away.
_NEVER_ALL_GONE = ("subscription", "invoice")
# Without these MRR and its history are told all the same.
_CASH_ALONE = ("credit_note", "refund")
# Ids of pages that `seen` holds before they move to a document of their own.
SPILL_IDS = 2_000
# The newest invoices are read month by month backwards, so far: what they tell completely is shown meanwhile.
NEWEST_FIRST = 800 * DAY
NEWEST_PAGES = SPLIT_PAGES


class FullPull:
    """Brings `kinds` into the store as they were before `bound`. Killed anywhere, the next one goes on."""

    def __init__(self, tools: Tools, meter: Meter) -> None:
        self._store = tools.store
        self._references = tools.references
        self._api_version = tools.api_version
        self._clock = tools.clock
        self._proceed = tools.proceed
        self._workers = tools.workers
        self._unreadable = tools.unreadable
        self._clocked = tools.clocked
        self._meter = meter
        self._tools = tools
        self._source = tools.source
        self._number = 0
        self._bound = 0
        self._expected: dict[str, int] = {}
        self._bills: InvoicesExpected | None = None
        self._states: dict[str, KindState] = {}
        self._busy: set[int] = set()
        self._changed = threading.Condition()
        self._failure: BaseException | None = None
        self.denied: dict[str, SourceDenied] = {}
        self.unreadable: dict[str, ObjectUnreadable] = {}
        """Lists of which nothing comes: the kinds are not read yet."""
        self.objects = 0
        self.deleted = 0

    def run(
        self,
        kinds: Collection[str],
        *,
        number: int,
        bound: int,
        before_bills: Callable[[], None] | None = None,
    ) -> None:
        """What an earlier run of the same `number` has read is not read again. `before_bills` is called once
        all is read but what was billed."""
        self._number = number
        self._bound = bound
        self._meter.enter("pulling")
        self._expected = self._store.count_objects()
        self._meter.plan(kinds)
        for stage in STAGES:
            if "invoice" in stage:
                if before_bills is not None:
                    before_bills()
                self._expect_the_rest(stage)
            chosen = [kind for kind in stage if kind in kinds]
            for kind in chosen:
                self._states[kind] = self._load(kind)
            self._run_stage(chosen)
            for kind in chosen:
                if kind not in self.left_out:
                    self._finish(kind)

    @property
    def left_out(self) -> set[str]:
        """Kinds that this pull could not read."""
        return {*self.denied, *self.unreadable}

    def _expect_the_rest(self, kinds: Sequence[str]) -> None:
        """Subscriptions are read: they tell how many invoices there will be. The others are few."""
        for kind in kinds:
            objects = self._expected.get(kind, 0)
            if kind == "invoice":
                self._bills = InvoicesExpected(self._store.objects("subscription"), self._bound)
                objects = max(objects, self._bills.total)
            self._meter.expect(kind, objects)

    def _load(self, kind: str) -> KindState:
        saved = self._store.get_state(f"pull:{kind}")
        if saved and saved["number"] == self._number:
            state = msgspec.convert({key: saved[key] for key in KindState.__struct_fields__}, KindState)
            pages = sum(window.pages for window in state.windows)
            read = (
                len(state.seen) + state.spilled * SPILL_IDS if state.relist else self._expected.get(kind, 0)
            )
            self._meter.resume(kind, read, pages, self._share(kind, state), self._reached(state))
            return state
        relist = self._expected.get(kind, 0) > 0
        cuts: Sequence[int] = ()
        if kind == "invoice" and self._bills is not None and not relist and self._source.splits:
            size, since = NEWEST_PAGES * PAGE_SIZE, self._bound - NEWEST_FIRST
            cuts = self._bills.newest_first(self._bound, size, since)
        state = KindState.begin(self._number, self._bound, relist, cuts)
        self._unreadable.forget_seconds(kind)
        self._save(kind, state)
        return state

    def _share(self, kind: str, state: KindState) -> float | None:
        before = self._bills.before if kind == "invoice" and self._bills is not None else None
        return state.share(self._account_began(), before)

    def _reached(self, state: KindState) -> int | None:
        """From when on all is read; told of a source whose past events are read before."""
        return state.complete_from if self._source.splits else None

    def _save(self, kind: str, state: KindState) -> None:
        self._store.put_state(f"pull:{kind}", state.document())

    def _run_stage(self, kinds: Sequence[str]) -> None:
        threads = [
            threading.Thread(target=self._work, args=(kinds,), name=f"eqho-pull-{number}", daemon=True)
            for number in range(1, self._workers)
        ]
        for thread in threads:
            thread.start()
        self._work(kinds)
        for thread in threads:
            thread.join()
        if self._failure:
            raise self._failure

    def _work(self, kinds: Sequence[str]) -> None:
        try:
            while (claim := self._claim(kinds)) is not None:
                kind, window = claim
                try:
                    self._read_window(kind, window)
                except SourceDenied as denied:
                    if kind in REQUIRED_KINDS:
                        raise
                    self.denied[kind] = denied
                except ObjectUnreadable as unreadable:
                    if kind not in _CASH_ALONE:
                        raise
                    self.unreadable[kind] = unreadable
                finally:
                    with self._changed:
                        self._busy.discard(id(window))
                        self._changed.notify_all()
        except BaseException as failure:  # handed to the thread that waits for all of them
            with self._changed:
                self._failure = self._failure or failure
                self._changed.notify_all()

    def _claim(self, kinds: Sequence[str]) -> tuple[str, Window] | None:
        """A window nobody reads, or the older half of the largest; None when nothing is left to do."""
        with self._changed:
            while not self._failure:
                windows = [
                    (kind, window)
                    for kind in kinds
                    if kind not in self.left_out
                    for window in self._states[kind].windows
                    if not window.done
                ]
                if not windows:
                    return None
                free = next((found for found in windows if id(found[1]) not in self._busy), None)
                found = free or self._split(windows)
                if found:
                    self._busy.add(id(found[1]))
                    return found
                self._changed.wait()
            return None

    def _split(self, windows: Sequence[tuple[str, Window]]) -> tuple[str, Window] | None:
        since = self._account_began()
        if since is None:
            return None
        kind, window = max(windows, key=lambda found: self._states[found[0]].pages_left(found[1], since))
        state = self._states[kind]
        if state.pages_left(window, since) < SPLIT_PAGES:
            return None
        return kind, state.split(window, since)

    def _account_began(self) -> int | None:
        """The oldest object of the stages before; what is older still is read all the same."""
        known = [state.earliest for state in self._states.values() if state.done]
        return min((earliest for earliest in known if earliest is not None), default=None)

    def _read_window(self, kind: str, window: Window) -> None:
        while not window.done and not self._failure and kind not in self.left_out:
            self._proceed()
            key = self._cache_key(kind, window)
            try:
                page = self._cached(key) or self._source.page(kind, window.start, window.before, window.after)
            except CursorError:
                window.skip_cursor()
                continue
            self._proceed()
            self._keep(kind, key, page)
            self._advance(kind, window, page)

    def _cache_key(self, kind: str, window: Window) -> str:
        whole = window.start == 0 and window.before == self._bound
        span = "all" if whole else f"{window.start}-{window.before}"
        return f"{kind}s:{span}:{self._bound}:{window.after or 'first'}"

    def _cached(self, key: str) -> Page | None:
        """The page of a pull that was killed between writing it and its cursor."""
        data = self._store.get_page(key)
        return None if data is None else Page(data, len(data) < PAGE_SIZE)

    def _keep(self, kind: str, key: str, page: Page) -> None:
        # A full page is cached as "more follows", a short one as the last: others cannot be told apart.
        whole = not (page.flawed or page.unread)
        if page.last == (len(page.objects) < PAGE_SIZE) and whole:
            self._store.put_page(key, page.objects)
        bodies = self._clocked.without(kind, page.objects)
        note_sightings(self._store, kind, bodies, self._clock())
        self._store.put_objects(kind, bodies, self._api_version, self._clock())
        self._references.note(kind, (body["id"] for body in bodies))
        self._unreadable.listed(kind, page)
        self._references.resolve(kind, bodies)

    def _advance(self, kind: str, window: Window, page: Page) -> None:
        state = self._states[kind]
        ids = [body["id"] for body in page.objects]
        oldest = min(filter(None, map(created_of, page.objects)), default=None)
        with self._changed:
            window.advance(len(ids), ids[-1] if ids else None, oldest, page.last)
            if page.unread:
                window.step_over(page.unread.second)
            if state.relist:
                state.seen.extend(ids)
                if len(state.seen) >= SPILL_IDS:
                    self._spill(kind, state)
            self._save(kind, state)
            self.objects += len(ids)
            share, reached = self._share(kind, state), self._reached(state)
            self._changed.notify_all()
        self._meter.count(kind, len(ids), share, reached)

    def _spill(self, kind: str, state: KindState) -> None:
        self._store.put_state(f"pull:{kind}:{state.spilled}", {"ids": state.seen})
        state.spilled += 1
        state.seen = []

    def _finish(self, kind: str) -> None:
        state = self._states[kind]
        if not state.done:
            if state.relist:
                self._bury_unseen(kind, state)
            state.done = True
            state.seen = []
            self._save(kind, state)
        self._meter.finish(kind)

    def _bury_unseen(self, kind: str, state: KindState) -> None:
        seen = set(state.seen)
        for number in range(state.spilled):
            seen.update((self._store.get_state(f"pull:{kind}:{number}") or {})["ids"])
        gone = self._store.object_ids(kind) - seen - self._references.unlisted(kind)
        gone -= not_listed(self._tools, kind, gone, state.bound)
        if kind in _NEVER_ALL_GONE and gone and not seen:
            # The next run must ask again, and not take up this one's empty answer.
            self._save(kind, KindState.begin(self._number, self._bound, relist=True))
            self._store.clear_pages()
            raise SourceError(
                f"The source lists no {kind} although {len(gone)} are known: check its key and permissions; "
                "nothing was changed."
            )
        self._store.bury_objects(kind, gone, self._clock())
        self.deleted += len(gone)
