"""A random company whose dashboard polls at random times, through whatever goes wrong, and keeps a diary."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from eqho.history.evidence import lacks, suffices
from eqho.metrics.query import Scene
from eqho.periods import rfc3339
from eqho.sources.base import Page, Raw, SourceError
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from eqho.store.base import Store
from eqho.stripe_simulator.calendar import DAY, HOUR
from eqho.sync import Sync
from tests.ledger.random_company import BEGIN, Contract, RandomCompany
from tests.services.fake_time import FakeTime
from tests.services.stripe_server import KEY, StripeServer
from tests.sync.bad_days import BadDays
from tests.sync.telling import told

KEPT = 30 * DAY

Day = dict[str, int]
"""MRR units by subscription."""


class PowerCut(BaseException):
    """The process dies between two requests."""


class FragileSource(StripeSource):
    """With `left` the power goes after so many questions."""

    left: int | None = None

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        self._ask()
        return super().page(kind, created_from, created_before, after)

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        self._ask()
        return super().retrieve(kind, object_id)

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        self._ask()
        return super().events(since, types)

    def _ask(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise PowerCut


class Told(NamedTuple):
    """What was told at `at` of closed days, by their last instant; `lacking` are objects that could not be
    read then."""

    at: int
    days: dict[int, Day]
    lacking: frozenset[str]


class PolledCompany(RandomCompany):
    """Lives as its seed says; in between a sync polls."""

    def __init__(self, seed: int, store: Store) -> None:
        self._store = store
        self._chance = Random(seed)
        self._due = BEGIN + self._chance.randint(20 * DAY, 90 * DAY)
        self._server: StripeServer | None = None
        self._sync: Sync | None = None
        self._seed = seed
        self.polls: list[int] = []
        """Those that read all that is needed, and events."""
        self.fates: Counter[str] = Counter()
        self.given: Counter[str] = Counter()
        self.diary: list[Told] = []
        self.bad_days: BadDays
        super().__init__(seed)

    # The life

    def _wait(self) -> None:
        super()._wait()
        if self.sim.now >= self._due:
            self._restart_by_chance()
            self.bad_days.begin()
            self.poll(killed=self._chance.random() < 0.15, full=self._chance.random() < 0.05)
            self._due = self.sim.now + self._chance.choice((120, 900, HOUR, 7 * HOUR, DAY, 3 * DAY, 40 * DAY))

    def _act(self) -> None:
        if self._chance.random() < 0.06 and (paying := self._paying()):
            self._concede(self._chance.choice(paying))
        else:
            super()._act()

    def _paying(self) -> list[Contract]:
        return [
            contract
            for contract in self._living()
            if self.sim.status(contract.id) == "active" and not contract.paused and not contract.scheduled
        ]

    def _concede(self, contract: Contract) -> None:
        chance = self._chance
        if chance.random() < 0.5:
            self.given["free periods"] += 1
            self.sim.give_free_time(contract.id, chance.choice((7, 30, 60)), prorated=chance.random() < 0.7)
        else:
            self.given["balances"] += 1
            self.sim.give_balance(contract.customer, chance.choice((1_000, 44_900, 5_000_000)))

    # The dashboard

    @property
    def server(self) -> StripeServer:
        if self._server is None:
            self._server = StripeServer(self.sim.account, KEY)
            self._server.start()
            self.bad_days = BadDays(self._server, self._seed)
        return self._server

    def _restart_by_chance(self) -> None:
        if self._sync is None or self._chance.random() < 0.2:
            self.start_process()

    def start_process(self) -> None:
        """Nothing is remembered but what is in the store."""
        time = FakeTime()
        self._source = FragileSource(
            KEY,
            self.server.url,
            rate=1_000.0,
            retries=RetryPolicy(clock=time.clock, sleep=time.sleep),
            timeout=(5.0, 1.0),
            clock=lambda: float(self.sim.now),
        )
        self._sync = Sync(self._source, self._store, lambda: self.sim.now, workers=1)

    def poll(self, *, killed: bool = False, full: bool = False) -> None:
        assert self._sync is not None
        self._source.left = self._chance.randint(0, 20) if killed else None
        try:
            # Often somebody looks before everything is read again.
            result = self._sync.catch_up() if self._hasty(full=full) else self._sync.run(full=full)
        except PowerCut:
            self.fates["killed"] += 1
            self._sync = None
            return
        except SourceError:
            self.fates["failed"] += 1
            return
        lacking = lacks(result.issues)
        if not suffices(lacking) or "event" in lacking:
            self.fates["read too little"] += 1
            return
        self.fates["read"] += 1
        self.polls.append(self.sim.now)
        days = by_day(told(self._store, self.sim.now), [*self._closed(self.sim.now)])
        self.diary.append(Told(self.sim.now, days, lacking))

    def _hasty(self, *, full: bool) -> bool:
        return not full and bool(self.polls) and self._chance.random() < 0.5

    def end(self) -> Scene:
        """The last poll, after everything is well again; what is told then."""
        self.server.now = None
        self.bad_days.end()
        self.start_process()
        self.poll()
        assert self.polls[-1:] == [self.sim.now], self.fates
        assert not self.diary[-1].lacking
        self.server.stop()
        return told(self._store, self.sim.now)

    def _closed(self, now: int) -> Iterator[int]:
        """Ends of the days that are over at `now` and whose events were all within reach: thirty days before
        the first poll, and before each later one."""
        previous = self.polls[0] - KEPT
        for poll in self.polls:
            begin = max(previous, poll - KEPT) if poll - previous > KEPT else previous
            yield from range(begin - begin % DAY + 2 * DAY - 1, min(poll, now), DAY)
            previous = poll - poll % DAY - DAY

    # What is known of a subscription

    def created(self, subscription: str) -> int:
        return int(self._found(subscription)["created"])

    def came_back(self, subscription: str, at: int) -> bool:
        """Whether `at` lies between the end and another subscription of the customer within a day."""
        body = self._found(subscription)
        ended = body["ended_at"]
        return ended is not None and any(
            ended <= at < other["created"] <= ended + DAY
            for other in self.sim.account.every("subscription", status="all")
            if other["customer"] == body["customer"]
        )

    def was_on_a_draft(self, subscription: str, at: int, told_at: int) -> bool:
        """Whether bills of that time were drafts when it was told: they may still be changed."""
        bills = self.sim.account.every("invoice", subscription=subscription)
        settled = (
            (b["created"], b["status_transitions"]["finalized_at"] or b["status_transitions"]["voided_at"])
            for b in bills
        )
        return any(
            made <= at and made <= told_at and (done is None or done >= told_at) for made, done in settled
        )

    def concerns(self, subscription: str, lacking: frozenset[str]) -> bool:
        """Whether one of the objects that could not be read is the subscription, or says something of it."""
        customer = self._found(subscription)["customer"]
        return any(self._customers_of(name) & {customer, None} for name in lacking)

    def _customers_of(self, name: str) -> set[str | None]:
        """Whom an object is about that could not be read, None: anybody. `name` is its id, or its kind and
        when it was created."""
        kind, _, created = name.partition(" of ")
        if created:
            wanted = {"status": "all"} if kind == "subscription" else {}
            bodies = [b for b in self.sim.account.every(kind, **wanted) if rfc3339(b["created"]) == created]
        else:
            kinds = ("invoice", "subscription", "customer")
            bodies = [body for kind in kinds if (body := self.sim.account.stored(kind, name))]
        return {body["id"] if body["object"] == "customer" else body.get("customer") for body in bodies} or {
            None
        }

    def _found(self, subscription: str) -> Raw:
        return self.sim.account.stored("subscription", subscription) or {}


def by_day(scene: Scene, days: Sequence[int]) -> dict[int, Day]:
    spans = scene.ledger.spans
    instants = np.array(sorted(set(days)), dtype=np.int64)
    diary: dict[int, Day] = {int(at): defaultdict(int) for at in instants}
    for row in range(len(spans.start)):
        name = spans.names["subscription"][spans.subscription[row]]
        for at in instants[(instants >= spans.start[row]) & (instants < spans.end[row])]:
            diary[int(at)][name] += int(spans.net_eqho[row])
    return diary
