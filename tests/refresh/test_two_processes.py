"""Two processes on one MongoDB: one leads, the other takes over when it dies, both show the same build."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from eqho.stripe_simulator.account import StripeAccount
from eqho.sync.run import WORKERS
from tests.conftest import MongoDatabase
from tests.services.plain_account import plain_account
from tests.services.upstreams import Upstream

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 5.0
PRODUCTS = 6
"""All products and the five lines of eqho.toml: a snapshot of each is stored with every build."""


class Replica:
    """A process, and what it has told so far."""

    def __init__(self, settings: dict[str, str], folder: Path) -> None:
        self.told: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.refresh.replica_process", str(LEASE_SECONDS)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "EQHO_DATA_DIR": str(folder), **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.told.append(json.loads(line))

    def refresh(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("refresh\n")
        self._process.stdin.flush()

    @property
    def pulls(self) -> bool:
        return bool(self.told and self.told[-1]["pulling"])

    def shows(self, generation: int) -> bool:
        return any(seen["generation"] == generation for seen in self.told)

    def showed_at(self, generation: int) -> float:
        return next(seen["at"] for seen in self.told if seen["generation"] == generation)

    @property
    def mrr(self) -> float:
        return float(self.told[-1]["mrr"])

    def stall(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """With −9."""
        self._process.kill()
        self._process.wait()


class Pair:
    def __init__(self, upstream: Upstream, database: MongoDatabase, folder: Path) -> None:
        self.upstream = upstream
        self._folder = folder
        self._settings = {
            **upstream.settings,
            "MONGODB_URL": database.url,
            "MONGODB_DATABASE": database.name,
            "EQHO_NOW": "2026-11-22T12:00:00Z",
            "CACHE_TTL": "3600",
        }
        self.replicas: list[Replica] = []

    def start(self) -> Replica:
        replica = Replica(self._settings, self._folder / str(len(self.replicas)))
        self.replicas.append(replica)
        return replica


@pytest.fixture
def account() -> StripeAccount:
    """300 customers who pay $100 a month."""
    return plain_account(300, 8)


@pytest.fixture
def pair(upstream: Upstream, mongo_database: MongoDatabase, tmp_path: Path) -> Iterator[Pair]:
    pair = Pair(upstream, mongo_database, tmp_path)
    yield pair
    for replica in pair.replicas:
        replica.kill()


def until(true: Callable[[], Any], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def snapshots(database: MongoDatabase) -> Counter[int]:
    """How many were stored by build, without the frozen months."""
    client: MongoClient[dict[str, Any]] = MongoClient(database.url)
    with client:
        found = client[database.name].metrics.find({"closed_month": {"$exists": False}}, {"build": 1})
        return Counter(document["build"] for document in found)


def test_a_leader_killed_in_mid_pull_is_replaced_and_nothing_is_done_twice(
    pair: Pair, mongo_database: MongoDatabase
) -> None:
    upstream = pair.upstream
    upstream.slow_down(0.1)
    first, second = pair.start(), pair.start()
    until(lambda: first.pulls or second.pulls)
    leader, follower = (first, second) if first.pulls else (second, first)
    until(lambda: upstream.pages().total() >= upstream.pages_needed / 2)
    assert upstream.probes() == 1
    assert not follower.pulls
    leader.kill()
    killed = time.monotonic()
    read = upstream.pages().total()
    until(lambda: follower.pulls)
    until(lambda: follower.shows(1))
    took_over = min(at for at in upstream.times() if at > killed + 0.5) - killed

    # The lease was renewed every third of its time, and is asked for every half second.
    assert LEASE_SECONDS / 2 < took_over <= LEASE_SECONDS + 2.0
    assert read < upstream.pages_needed
    assert upstream.pages().total() - len(upstream.pages()) <= WORKERS
    assert upstream.probes() == 2
    assert follower.mrr == 30_000.0
    assert snapshots(mongo_database) == {1: PRODUCTS}

    # It comes back and serves what is stored.
    upstream.clear_log()
    leader = pair.start()
    until(lambda: leader.shows(1))
    assert leader.mrr == 30_000.0
    assert upstream.times() == []

    # Both are asked to refresh at once: one does it, both show it.
    upstream.slow_down(0.3)
    upstream.add_customer(900)
    for replica in (leader, follower):
        replica.refresh()
    until(lambda: leader.shows(2) and follower.shows(2))
    assert (leader.mrr, follower.mrr) == (30_100.0, 30_100.0)
    assert abs(leader.showed_at(2) - follower.showed_at(2)) <= 3.0
    assert upstream.looks() == 1
    assert snapshots(mongo_database) == {1: PRODUCTS, 2: PRODUCTS}


def test_a_leader_that_stalls_for_longer_than_its_lease_publishes_nothing(
    pair: Pair, mongo_database: MongoDatabase
) -> None:
    upstream = pair.upstream
    upstream.slow_down(0.1)
    first, second = pair.start(), pair.start()
    until(lambda: first.pulls or second.pulls)
    leader, follower = (first, second) if first.pulls else (second, first)
    until(lambda: upstream.pages().total() >= upstream.pages_needed / 2)
    leader.stall()
    until(lambda: follower.shows(1))
    leader.go_on()
    until(lambda: leader.shows(1))
    until(lambda: not leader.pulls)
    assert (leader.mrr, follower.mrr) == (30_000.0, 30_000.0)
    assert leader.told[-1]["refreshes"] == 0
    assert snapshots(mongo_database) == {1: PRODUCTS}
