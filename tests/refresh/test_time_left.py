"""The first pull of a Stripe-like server by a clock that only the work moves: the time left that is said is
true, whatever reading and building take."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from eqho.billing.objects import Account
from eqho.billing.one_customer import Shared
from eqho.ledger.build import Ledger, build_ledger
from eqho.ledger.derive import Derivation, derive
from eqho.refresh import first_look, look_builder, parts
from eqho.refresh.build_time import Clocks
from eqho.refresh.pipeline import Builder
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from eqho.store import documents
from eqho.store.base import Document
from eqho.store.embedded import EmbeddedStore
from eqho.sync import Owner, Progress, Sync, full_pull
from tests.services.fake_time import FakeTime
from tests.services.growing_account import growing_account
from tests.services.plain_account import NOW
from tests.services.stripe_server import StripeServer
from tests.tiers.rig import CONVENTIONS, LINES

LARGE = bool(os.environ.get("EQHO_FIRST_MINUTES"))
CUSTOMERS, YEARS, RATE = 400, 4.0, 1.0
BUILDS = {0.0005: "little", 0.005: "as much as reading"} | ({0.03: "most of it"} if LARGE else {})
"""Seconds an object takes to be made into figures, and what that comes to."""
FIRST_MINUTE, LAST_SECONDS = 60.0, 2.0


@pytest.fixture(scope="module")
def stripe() -> Iterator[StripeServer]:
    server = StripeServer(growing_account(CUSTOMERS, YEARS))
    server.start()
    yield server
    server.stop()


class Working(EmbeddedStore):
    """`work` is told of each object that is read, and of the objects of a build that is published."""

    def __init__(self, path: Path, work: Callable[[float], None]) -> None:
        super().__init__(path)
        self._work = work
        self._read = 0

    def objects(self, kind: str, **more: Any) -> Iterator[Document]:
        for body in super().objects(kind, **more):
            self.read_one()
            yield body

    def read_one(self) -> None:
        self._read += 1
        self._work(1)

    def publish_build(self, *arguments: Any) -> int:
        self._work(self._read / 2)
        self._read = 0
        return super().publish_build(*arguments)


class Pull:
    """One pull and its build: `told` at which instant, `end` when the build was published. An object takes
    `seconds` to be read, as long to be told, half of that to be published, and half as long again while the
    pull goes on beside it."""

    def __init__(self, stripe: StripeServer, folder: Path, seconds: float) -> None:
        self.time, self.told = FakeTime(), list[tuple[float, Progress]]()
        self.end = 0.0
        self._seconds, self._pulling, self._alone = seconds, True, 0.0
        self._store = store = Working(folder / "eqho.db", self._work)
        policy = RetryPolicy(clock=self.time.clock, sleep=self.time.sleep)
        source = StripeSource(stripe.key, stripe.url, rate=RATE, retries=policy)
        owner = Owner(source, "stripe-test")
        sync = Sync(source, store, lambda: NOW, workers=1, owner=owner, elapsed=self.time.clock)
        clocks = Clocks(self.time.clock, lambda: self._alone, self.time.clock)
        self._builder = Builder(sync, store, LINES, CONVENTIONS, lambda: NOW, owner, clocks=clocks)

    def run(self) -> None:
        lease = self._store.acquire_lease("refresh", "test", 60)
        assert lease is not None
        self._builder.build(lease, self._on_progress, lambda: True)
        self.end = self.time.now
        self._store.close()

    def ledger(self, account: Account, *arguments: Any, on_told: Callable[[], None]) -> Ledger:
        each = (len(account.invoices) + len(account.customers)) / len(account.subscriptions)

        def told() -> None:
            self._work(each)
            on_told()

        return build_ledger(account, *arguments, on_told=told)

    def opened(self, packed: bytes) -> bool:
        """Asked of each object before it is read."""
        self._store.read_one()
        return documents.is_bson(packed)

    def derive(self, bodies: Mapping[str, Any], shared: Shared, now: int) -> Derivation:
        self._work(1 + (len(bodies["invoice"].packed) if "invoice" in bodies else 0))
        return derive(bodies, shared, now)

    def _on_progress(self, progress: Progress) -> None:
        self._pulling = progress.phase == "pulling"
        self.told.append((self.time.now, progress))

    def _work(self, objects: float) -> None:
        self._alone += objects * self._seconds
        self.time.now += objects * self._seconds * (1.5 if self._pulling else 1.0)


@pytest.mark.parametrize("seconds", BUILDS, ids=BUILDS.get)
def test_the_time_left_is_true_within_a_factor_of_two_from_the_first_minute_to_the_end(
    stripe: StripeServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    seconds: float,
) -> None:
    monkeypatch.setattr(full_pull, "NEWEST_PAGES", 4)
    monkeypatch.setattr(first_look, "PATIENCE", 4.0)
    pull = Pull(stripe, tmp_path, seconds)
    monkeypatch.setattr(look_builder, "build_ledger", pull.ledger)
    monkeypatch.setattr(parts, "is_bson", pull.opened)
    monkeypatch.setattr(parts, "derive", pull.derive)
    pull.run()
    due = [(p, pull.end - at) for at, p in pull.told if at >= FIRST_MINUTE and pull.end - at >= LAST_SECONDS]
    said = [(left, p.seconds_left / left) for p, left in due if p.seconds_left is not None]
    with capsys.disabled():
        low, high = min(off for _, off in said), max(off for _, off in said)
        print(f"\n{len(said)} of {len(due)} times, {low:.2f} to {high:.2f} of the truth; {pull.end:.0f} s")
    assert [(left, off) for left, off in said if not 0.5 <= off <= 2.0] == []
    assert len(said) >= 0.75 * len(due)
    told = [p.fraction for _, p in pull.told if p.fraction is not None]
    assert told == sorted(told)
    building = [p for _, p in pull.told if p.phase == "building"]
    assert {p.sentence for p in building} == {"Working out the figures."}
    assert 0.9 <= (building[0].fraction or 0.0) < 0.95 < (building[-1].fraction or 0.0) <= 1.0
