"""One run of the sync: decides between a full pull and the events, and keeps the books."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from eqho.issues import Issue
from eqho.sources.base import KINDS, Source, SourceDenied
from eqho.sources.changed_rows import ChangingSource
from eqho.sources.stripe.client import API_VERSION
from eqho.sources.windowed import WindowedSource
from eqho.store.base import LeaseLost, Store
from eqho.sync.account import recognise_account
from eqho.sync.context import Tools
from eqho.sync.events import Changes, Cursor, Followed
from eqho.sync.full_pull import FullPull
from eqho.sync.progress import Meter, Progress
from eqho.sync.references import References
from eqho.sync.rows import follow_rows
from eqho.sync.unreadable import Unreadable

DAY = 86_400
# Stripe keeps events for 30 days.
EVENTS_LAST = 25 * DAY
RELIST_EVERY = DAY
# What it takes to use 15 requests/s when a page takes 0.4 s.
WORKERS = 6


class SyncResult(msgspec.Struct, frozen=True):
    """`changed` tells whether the mirror may differ from before. Counts are of objects, but for `events`
    (not known before) and `requests` (sent to the source)."""

    full: bool
    changed: bool
    written: int
    deleted: int
    events: int
    requests: int
    seconds: float
    issues: tuple[Issue, ...]


class Sync:
    """Brings the mirror in `store` up to date with `source`. One run at a time: the caller holds the lease.

    `clock` gives UTC seconds. State in `sync_state`: `mirror` (what is complete, the event cursor), `pull`
    (a full pull under way), `pull:<kind>`, `references`.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        clock: Callable[[], int],
        *,
        workers: int = WORKERS,
        api_version: str = API_VERSION,
    ) -> None:
        self._source = source
        self._store = store
        self._clock = clock
        self._workers = workers if isinstance(source, WindowedSource) else 1
        self._api_version = api_version
        self._account_known = False

    def run(
        self,
        full: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        still_leader: Callable[[], bool] | None = None,
    ) -> SyncResult:
        """Everything read is in the store when it returns; what was read stays there when it raises.

        `still_leader` is asked before every request and write: it may renew the lease, and False stops the
        run with LeaseLost. Raises SourceError, SourceDenied, StoreError.
        """
        now = self._clock()
        meter = Meter(lambda: self._source.requests, on_progress)
        meter.enter("checking")
        issues = list(self._source.check())
        if not self._account_known:
            issues += recognise_account(self._source, self._store)
            self._account_known = True
        skipped = _denied_kinds(issues)
        unreadable = Unreadable(self._store)
        tools = Tools(
            self._source,
            self._store,
            References(self._source, self._store, skipped, self._api_version, self._instant, unreadable),
            skipped,
            self._api_version,
            self._instant,
            _guard(still_leader),
            self._workers,
            unreadable,
        )
        plan = self._plan(now, full, skipped)
        issues += plan.issues
        pull = FullPull(tools, meter)
        if plan.kinds:
            self._pull(plan, pull, tools)
            issues += [Issue("missing_permission", str(why), (kind,)) for kind, why in pull.denied.items()]
        meter.enter("events")
        followed = self._follow(tools, now)
        issues += unreadable.issues(skipped)
        meter.enter("done")
        return SyncResult(
            full=plan.full,
            changed=bool(plan.kinds or followed.changed or followed.deleted or followed.events),
            written=pull.objects + followed.changed,
            deleted=pull.deleted + followed.deleted,
            events=followed.events,
            requests=meter.requests,
            seconds=meter.seconds,
            issues=tuple(issues),
        )

    def _instant(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _plan(self, now: int, asked: bool, skipped: frozenset[str]) -> "Plan":
        """A pull that was interrupted goes on; otherwise whatever the mirror needs."""
        allowed = [kind for kind in KINDS if kind not in skipped]
        mirror = self._store.get_state("mirror") or {}
        begun = self._store.get_state("pull") or {}
        if begun.get("open") and now - begun["began"] < EVENTS_LAST:
            kinds = [kind for kind in begun["kinds"] if kind in allowed]
            if kinds:
                return Plan(kinds, begun["full"], begun["began"], resumes=begun["number"])
        idle = now - mirror.get("last_success", now)
        if idle > EVENTS_LAST:
            gap = Issue(
                "events_gap",
                f"The last refresh that succeeded was {idle // DAY} days ago, and Stripe keeps events for 30 "
                "days only: everything was read again.",
            )
            return Plan(allowed, True, now, issues=(gap,))
        due = now - mirror.get("last_full", 0) >= RELIST_EVERY
        if asked or due or not mirror.get("follows", False):
            return Plan(allowed, True, now)
        return Plan([kind for kind in allowed if kind not in mirror["pulled"]], False, now)

    def _begin(self, plan: "Plan", references: References) -> int:
        """Open a new pull; from here on an interrupted run goes on with it. Returns its number."""
        self._store.clear_pages()
        references.forget_absent()
        number = int((self._store.get_state("pull") or {}).get("number", 0)) + 1
        opened = {"open": True, "number": number, "source": self._source.name, "began": plan.began}
        self._store.put_state("pull", {**opened, "kinds": list(plan.kinds), "full": plan.full})
        return number

    def _pull(self, plan: "Plan", pull: FullPull, tools: Tools) -> None:
        number = plan.resumes or self._begin(plan, tools.references)
        pull.run(plan.kinds, number=number, bound=plan.began + 1)
        mirror = self._store.get_state("mirror") or {}
        mirror["source"] = self._source.name
        mirror["pulled"] = sorted({*mirror.get("pulled", ()), *plan.kinds} - set(pull.denied))
        if plan.full:
            mirror["last_full"] = plan.began
            # The first poll goes back by the overlap, to before the pull began.
            mirror |= _saved(Cursor(plan.began))
        self._store.put_state("mirror", mirror)
        self._store.put_state("pull", {"open": False, "number": number})

    def _follow(self, tools: "Tools", now: int) -> Followed:
        mirror = self._store.get_state("mirror") or {}
        cursor = Cursor(mirror["cursor"], frozenset(mirror["seen"]))
        followed = Followed(cursor, 0, 0, 0)
        follows = "event" not in tools.skipped
        if follows:
            try:
                followed = self._changes(tools, cursor, now)
            except SourceDenied:
                # Denied from the start it has none; denied later, the key has changed: that is for people.
                if mirror.get("follows"):
                    raise
                follows = False
        # A kind that may not be read now is read as a whole once it may again.
        pulled = [kind for kind in mirror["pulled"] if kind not in tools.skipped]
        state = {**mirror, **_saved(followed.cursor), "pulled": pulled}
        state |= {"last_success": now, "follows": follows}
        self._store.put_state("mirror", state)
        return followed

    def _changes(self, tools: Tools, cursor: Cursor, now: int) -> Followed:
        if isinstance(self._source, ChangingSource):
            return follow_rows(self._source, tools, cursor)
        return Changes(tools).follow(cursor, now)


class Plan(NamedTuple):
    """`kinds` to pull (none: events only), as they were at `began`; `resumes` numbers a pull left open."""

    kinds: Sequence[str]
    full: bool
    began: int
    resumes: int | None = None
    issues: tuple[Issue, ...] = ()


def _denied_kinds(issues: Sequence[Issue]) -> frozenset[str]:
    return frozenset(
        kind for issue in issues if issue.code == "missing_permission" for kind in issue.subjects
    )


def _saved(cursor: Cursor) -> dict[str, Any]:
    return {"cursor": cursor.created, "seen": sorted(cursor.seen)}


def _guard(still_leader: Callable[[], bool] | None) -> Callable[[], None]:
    def proceed() -> None:
        if still_leader is not None and not still_leader():
            raise LeaseLost("Another process has taken over the refresh: this one has stopped.")

    return proceed
