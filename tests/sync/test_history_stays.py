"""Whatever day a past day is asked about, it is told the same: random companies, polled at random times.

A sync that is killed, started anew, away for forty days and re-listed in between keeps a diary of what it
told of closed days. At the end the past is told once more.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from eqho.issues import Issue
from eqho.metrics.query import Scene
from eqho.money import MRR_SCALE
from eqho.sources.base import Page, Raw
from eqho.sources.demo.source import EXPAND
from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator import account
from eqho.stripe_simulator.account import StripeAccount
from eqho.stripe_simulator.calendar import DAY, HOUR
from eqho.sync import Sync
from tests.ledger.random_company import BEGIN, RandomCompany
from tests.ledger.untold import untold
from tests.sync.telling import told

SEEDS = range(300, 300 + int(os.environ.get("EQHO_SEEDS", "5")))
KEPT = 30 * DAY
_FILTERS = {"subscription": {"status": "all"}, "invoiceitem": {"pending": True}}

Diary = dict[int, dict[str, int]]
"""MRR units by subscription, by the last instant of a day."""


class PowerCut(BaseException):
    """The process dies between two requests."""


class SimulatedSource:
    """The account of a simulator read without HTTP. With `left` the power goes after so many requests."""

    name = "stripe"
    requests = 0

    def __init__(self, account: StripeAccount) -> None:
        self._account = account
        self.left: int | None = None

    @property
    def now(self) -> int:
        return self._account.now

    def check(self) -> list[Issue]:
        return []

    def pages(self, kind: str, created_before: int, after: str | None = None) -> Iterator[Page]:
        self._ask()
        expand = [f"data.{path}" for path in EXPAND.get(kind, ())]
        yield Page(list(self._account.every(kind, expand, **_FILTERS.get(kind, {}))), True)

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        self._ask()
        return self._account.retrieve(kind, object_id, EXPAND.get(kind, ()), complete=True)

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        self._ask()
        wanted = {"types": types} if types else {}
        yield from self._account.every("event", created={"gte": since}, **wanted)

    def _ask(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise PowerCut


class PolledCompany(RandomCompany):
    """Lives as its seed says; in between a sync polls."""

    def __init__(self, seed: int, store: EmbeddedStore) -> None:
        self._store = store
        self._chance = Random(seed)
        self._due = BEGIN + self._chance.randint(20 * DAY, 90 * DAY)
        self._sync: Sync | None = None
        self.polls: list[int] = []
        self.kills = 0
        self.diary: list[Diary] = []
        super().__init__(seed)
        self.poll(killed=False)

    def _wait(self) -> None:
        super()._wait()
        if self.sim.now >= self._due:
            self.poll(killed=self._chance.random() < 0.15)
            self._due = self.sim.now + self._chance.choice((120, 900, HOUR, 7 * HOUR, DAY, 3 * DAY, 40 * DAY))

    def poll(self, *, killed: bool) -> None:
        if self._sync is None or self._chance.random() < 0.2:
            self._source = SimulatedSource(self.sim.account)
            self._sync = Sync(self._source, self._store, lambda: self.sim.now)
        self._source.left = self._chance.randint(0, 12) if killed else None
        try:
            self._sync.run(full=self._chance.random() < 0.05)
        except PowerCut:
            self.kills += 1
            self._sync = None
            return
        self.polls.append(self.sim.now)
        self.diary.append(by_day(told(self._store, self.sim.now), [*self.closed(self.sim.now)]))

    def closed(self, now: int) -> Iterator[int]:
        """Ends of the days that are over at `now` and whose events were all within reach: thirty days before
        the first poll, and before each later one."""
        previous = self.polls[0] - KEPT
        for poll in self.polls:
            begin = max(previous, poll - KEPT) if poll - previous > KEPT else previous
            yield from range(begin - begin % DAY + 2 * DAY - 1, min(poll, now), DAY)
            previous = poll - poll % DAY - DAY

    def created(self, subscription: str) -> int:
        return int((self.sim.account.stored("subscription", subscription) or {})["created"])

    def came_back(self, subscription: str, at: int) -> bool:
        """Whether `at` lies between the end and another subscription of the customer within a day."""
        body = self.sim.account.stored("subscription", subscription) or {}
        ended = body["ended_at"]
        return ended is not None and any(
            ended <= at < other["created"] <= ended + DAY
            for other in self.sim.account.every("subscription", status="all")
            if other["customer"] == body["customer"]
        )

    @property
    def now_told(self) -> Scene:
        return told(self._store, self.sim.now)


def by_day(scene: Scene, days: Sequence[int]) -> Diary:
    spans = scene.ledger.spans
    instants = np.array(sorted(set(days)), dtype=np.int64)
    diary: Diary = {int(at): defaultdict(int) for at in instants}
    for row in range(len(spans.start)):
        name = spans.names["subscription"][spans.subscription[row]]
        for at in instants[(instants >= spans.start[row]) & (instants < spans.end[row])]:
            diary[int(at)][name] += int(spans.net_eqho[row])
    return diary


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_told_of_closed_days_is_told_for_ever(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmbeddedStore(tmp_path / "eqho.db")
    company = PolledCompany(seed, store)
    days = sorted({at for page in company.diary for at in page})
    final = by_day(company.now_told, days)
    store.close()
    monkeypatch.setattr(account, "EVENT_RETENTION", 10_000 * DAY)
    undated = untold(company.sim)
    kinds: Counter[str] = Counter()
    compared = 0
    for poll, page in zip(company.polls, company.diary, strict=True):
        for at, then in page.items():
            for name in then.keys() | final[at].keys():
                compared += 1
                if abs(then.get(name, 0) - final[at].get(name, 0)) >= MRR_SCALE:
                    reasons = [u.kind for u in undated if u.subscription == name and u.start <= at < u.end]
                    if company.created(name) >= poll:
                        reasons = ["sold later, with a start in the past"]
                    if company.came_back(name, at):
                        reasons = ["back within the day that is no churn"]
                    kinds[next(iter(reasons), "")] += 1
    with capsys.disabled():
        print(
            f"\nseed {seed}: {len(company.polls)} polls, {company.kills} kills, {compared:,} told days "
            f"of subscriptions; changed {dict(kinds) or 'none'}"
        )
    assert compared > 0
    assert kinds[""] == 0
