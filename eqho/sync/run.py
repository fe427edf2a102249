"""One run of the sync: decides between a full pull and the events, and keeps the books."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from eqho.issues import Issue
from eqho.periods import DAY
from eqho.sources.base import Raw, Source, SourceDenied
from eqho.sources.changed_rows import ChangingSource
from eqho.sources.stripe.kinds import API_VERSION
from eqho.store.base import Store
from eqho.sync.account import Owner
from eqho.sync.clocked_objects import ClockedObjects
from eqho.sync.context import Tools, guard
from eqho.sync.events import OVERLAP, Changes, Cursor, Followed
from eqho.sync.full_pull import FullPull
from eqho.sync.plan import Plan, Planner
from eqho.sync.progress import Meter, Progress
from eqho.sync.references import References
from eqho.sync.rows import follow_rows
from eqho.sync.told_history import keep_told_history
from eqho.sync.unreadable import Unreadable

# Stripe keeps events for 30 days.
KEPT = 31 * DAY
NO_SUBSCRIPTIONS = (
    "This key sees 0 subscriptions: is it the right account? A Connect platform's own key does not see those "
    "of its connected accounts; use a key of the account that sells."
)
# What it takes to use 15 requests/s when a page takes 0.4 s.
WORKERS = 6


class SyncResult(msgspec.Struct, frozen=True):
    """`changed` tells whether the mirror may differ from before, `relist_due` whether everything is to be
    listed again. Counts are of objects, but for `events` (not known before) and `requests` (sent to the
    source)."""

    full: bool
    changed: bool
    written: int
    deleted: int
    events: int
    requests: int
    seconds: float
    issues: tuple[Issue, ...]
    relist_due: bool = False

    def then(self, later: "SyncResult") -> "SyncResult":
        """Both as one."""
        return SyncResult(
            full=self.full or later.full,
            changed=self.changed or later.changed,
            written=self.written + later.written,
            deleted=self.deleted + later.deleted,
            events=self.events + later.events,
            requests=self.requests + later.requests,
            seconds=self.seconds + later.seconds,
            issues=tuple(dict.fromkeys((*self.issues, *later.issues))),
            relist_due=later.relist_due,
        )


class Sync:
    """Brings the mirror in `store` up to date with `source`. One run at a time: the caller holds the lease.

    `clock` gives UTC seconds, `elapsed` seconds that never go back. State in `sync_state`: `mirror` (what is
    complete, the event cursor), `pull` (a full pull under way), `pull:<kind>`, `references`, `asked` (how
    often everything was asked for again).
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        clock: Callable[[], int],
        *,
        workers: int = WORKERS,
        api_version: str = API_VERSION,
        owner: Owner | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._store = store
        self._clock = clock
        self._workers = workers if source.splits else 1
        self._api_version = api_version
        self._owner = owner or Owner(source, source.name)
        self._elapsed = elapsed
        self._planner = Planner(source, store, clock)

    def run(
        self,
        full: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        still_leader: Callable[[], bool] | None = None,
    ) -> SyncResult:
        """`catch_up`, and `relist` where that is due."""
        if full:
            self._planner.ask_full()
        result = self.catch_up(on_progress, still_leader)
        if result.relist_due:
            result = result.then(self.relist(on_progress, still_leader))
        return result

    def ask_full(self) -> None:
        self._planner.ask_full()

    def relist_due(self) -> bool:
        return self._planner.relist_due()

    def unread(self) -> frozenset[str]:
        return self._planner.unread()

    def catch_up(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        still_leader: Callable[[], bool] | None = None,
    ) -> SyncResult:
        """Read what changed; everything where nothing else would tell.

        Everything read is in the store when it returns; what was read stays there when it raises.
        `still_leader` is asked before every request and write: it may renew the lease, and False stops the
        run with LeaseLost. Raises SourceError, SourceDenied, StoreError.
        """
        now = self._clock()
        meter = Meter(lambda: self._source.requests, on_progress, self._elapsed)
        meter.enter("checking")
        issues = list(self._source.check())
        issues += self._owner.recognise(self._store)
        issues += keep_told_history(self._source, self._store)
        skipped = _denied_kinds(issues)
        tools = self._tools(skipped, guard(still_leader))
        plan = self._planner.next(now, skipped)
        issues += plan.issues
        pull = FullPull(tools, meter)
        if plan.kinds:
            issues += self._pull(plan, pull, tools)
        meter.enter("events")
        followed = self._follow(tools, now)
        issues += self._left_out(tools)
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
            relist_due=self._planner.relist_due(),
        )

    def relist(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        still_leader: Callable[[], bool] | None = None,
        interrupted: Callable[[], bool] | None = None,
    ) -> SyncResult:
        """List everything again after a `catch_up`, which heals what events missed and finds deletions.

        Raises as `catch_up` does, and Interrupted soon after `interrupted` says so: what is read stays, and
        the next one goes on from there.
        """
        now = self._clock()
        meter = Meter(lambda: self._source.requests, on_progress, self._elapsed)
        issues = list(self._source.check())
        skipped = _denied_kinds(issues)
        tools = self._tools(skipped, guard(still_leader, interrupted))
        pull = FullPull(tools, meter)
        plan = self._planner.full(now, skipped)
        if plan.resumes is not None:
            # Events have brought in what is newer than the pages of then.
            self._store.clear_pages()
        issues += self._pull(plan, pull, tools)
        meter.enter("events")
        tools = self._tools(skipped, guard(still_leader))
        followed = self._follow(tools, now)
        issues += self._left_out(tools)
        meter.enter("done")
        return SyncResult(
            full=True,
            changed=True,
            written=pull.objects + followed.changed,
            deleted=pull.deleted + followed.deleted,
            events=followed.events,
            requests=meter.requests,
            seconds=meter.seconds,
            issues=tuple(issues),
            relist_due=self._planner.relist_due(),
        )

    def _tools(self, skipped: frozenset[str], proceed: Callable[[], None]) -> Tools:
        unreadable = Unreadable(self._store)
        return Tools(
            self._source,
            self._store,
            References(self._source, self._store, skipped, self._api_version, self._instant, unreadable),
            skipped,
            self._api_version,
            self._instant,
            proceed,
            self._workers,
            unreadable,
            ClockedObjects(self._store, lambda name: self._customer(name, skipped, unreadable)),
        )

    def _customer(self, name: str, skipped: frozenset[str], unreadable: Unreadable) -> Raw | None:
        if "customer" in skipped:
            return None
        return unreadable.retrieve(self._source, "customer", name)[0]

    def _left_out(self, tools: Tools) -> list[Issue]:
        issues = [*tools.unreadable.issues(tools.skipped), *tools.clocked.issues()]
        if self._source.name == "stripe" and not any(True for _ in self._store.objects("subscription")):
            issues.append(Issue("no_subscriptions", NO_SUBSCRIPTIONS))
        return issues

    def _instant(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _begin(self, plan: Plan, references: References) -> dict[str, Any]:
        """Open a new pull; from here on an interrupted run goes on with it."""
        self._store.clear_pages()
        references.forget_absent()
        number = int((self._store.get_state("pull") or {}).get("number", 0)) + 1
        opened = {"open": True, "number": number, "source": self._source.name, "began": plan.began}
        opened |= {"kinds": list(plan.kinds), "full": plan.full, "asked": self._planner.asked()}
        # Whichever clock is behind: an event that is read twice costs a request, one left out is lost.
        opened["listed"] = min(self._source.now or plan.began, plan.began)
        self._store.put_state("pull", opened)
        return opened

    def _pull(self, plan: Plan, pull: FullPull, tools: Tools) -> list[Issue]:
        begun = self._store.get_state("pull") if plan.resumes else None
        begun = begun or self._begin(plan, tools.references)
        jumps = plan.full and (plan.jumps or not self._planner.mirror().get("follows"))
        past = (lambda: self._remember_first(begun, tools)) if jumps else None
        pull.run(plan.kinds, number=begun["number"], bound=plan.began + 1, before_bills=past)
        mirror = self._planner.mirror()
        mirror["source"] = self._source.name
        mirror["pulled"] = sorted({*mirror.get("pulled", ()), *plan.kinds} - pull.left_out)
        if plan.full:
            mirror |= {"last_full": plan.began, "asked": begun.get("asked", 0)}
            if jumps:
                _jump(mirror, begun.get("listed", plan.began))
            if "remembered" in begun:
                del mirror["unread_since"]
                mirror["remembered"] = begun["remembered"]
        self._store.put_state("mirror", mirror)
        self._store.put_state("pull", {"open": False, "number": begun["number"]})
        denied = [Issue("missing_permission", str(why), (kind,)) for kind, why in pull.denied.items()]
        return denied + [Issue("unreadable_list", str(why), (kind,)) for kind, why in pull.unreadable.items()]

    def _remember_first(self, begun: dict[str, Any], tools: Tools) -> None:
        """Past events date what no bill tells: who shows the newest months before all bills are read needs
        them first. What an earlier follower has not read yet is left to the follower."""
        if (
            "event" in tools.skipped
            or "remembered" in begun
            or self._planner.mirror()
            or not self._source.splits
        ):
            return
        listed = begun["listed"]
        try:
            begun["remembered"] = Changes(tools).remember(listed - KEPT, Cursor(listed).since)
        except SourceDenied:
            return  # the follower says so
        self._store.put_state("pull", begun)

    def _follow(self, tools: Tools, now: int) -> Followed:
        mirror = self._planner.mirror()
        cursor = Cursor(mirror["cursor"], frozenset(mirror["seen"]))
        followed = Followed(cursor, 0, 0, 0)
        follows, eventless = "event" not in tools.skipped, False
        if follows:
            try:
                followed = self._read_events(tools, mirror, cursor, now)
            except SourceDenied:
                # Denied from the start it has none; denied later, the key has changed: that is for people.
                if mirror.get("follows"):
                    raise
                follows, eventless = False, True
        if not follows:
            followed = self._heard(tools, mirror)
        # A kind that may not be read now is read as a whole once it may again.
        pulled = [kind for kind in mirror["pulled"] if kind not in tools.skipped]
        state = {**mirror, **_saved(followed.cursor), "pulled": pulled}
        state |= {"last_success": now, "follows": follows, "eventless": eventless}
        self._store.put_state("mirror", state)
        return followed

    def _read_events(self, tools: Tools, mirror: dict[str, Any], cursor: Cursor, now: int) -> Followed:
        if isinstance(self._source, ChangingSource):
            mirror.pop("unread_since", None)
            return follow_rows(self._source, tools, cursor)
        changes = Changes(tools)
        known = mirror.pop("remembered", 0)
        if (unread := mirror.get("unread_since")) is not None:
            known = changes.remember(unread, cursor.since)
            del mirror["unread_since"]
        followed = changes.follow(cursor, lambda: self._latest(now))
        return followed._replace(events=followed.events + known)

    def _latest(self, now: int) -> int:
        """After this no event can have happened: the source's clock decides, ours where it tells none."""
        told = self._source.now
        return now + DAY if told is None else min(told + OVERLAP, now + DAY)

    def _heard(self, tools: Tools, mirror: dict[str, Any]) -> Followed:
        """What a webhook has stored since everything was listed; `heard` are the events handled already."""
        cursor = Cursor(mirror["cursor"], frozenset(mirror["seen"]))
        heard = set(mirror.get("heard", ()))
        stored = self._store.events(cursor.since)
        # What the sync has sighted itself is stored among them.
        fresh = [e for e in stored if e["id"] not in heard and e["id"].startswith("evt_")]
        followed = Changes(tools).hear(fresh[::-1], cursor.since)
        mirror["heard"] = sorted({*heard, *(event["id"] for event in fresh)})
        return followed._replace(cursor=cursor)


def _denied_kinds(issues: Sequence[Issue]) -> frozenset[str]:
    return frozenset(
        kind for issue in issues if issue.code == "missing_permission" for kind in issue.subjects
    )


def _saved(cursor: Cursor) -> dict[str, Any]:
    return {"cursor": cursor.created, "seen": sorted(cursor.seen)}


def _jump(mirror: dict[str, Any], listed: int) -> None:
    """The cursor goes to where everything was listed; what lies between is noted as still to be read."""
    begun = mirror["cursor"] - OVERLAP if mirror.get("follows") else listed - KEPT
    mirror["unread_since"] = min(begun, mirror.get("unread_since", begun))
    mirror["heard"] = []
    mirror |= _saved(Cursor(listed))
