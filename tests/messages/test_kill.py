"""Two processes over one store, killed with −9 wherever they are: each message arrives once."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from eqho.messages.rules import Rules
from eqho.store.embedded import EmbeddedStore
from tests.messages.rig import MONDAY, SET_UP, Desk
from tests.services.sinks import HttpSink
from tests.tiers.rig import settle

ROOT = Path(__file__).resolve().parents[2]
WEEK = "Eqho Metrics: the week from 2026-11-09 to 2026-11-15"


class Processes:
    def __init__(self, path: Path, urls: str) -> None:
        self._arguments = [str(path), str(MONDAY), urls, "2"]
        self._running: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.messages.messenger_process", *self._arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._running.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()
        self._running.remove(process)

    def end(self) -> None:
        for process in list(self._running):
            self.kill(process)


@pytest.fixture
def processes(store: EmbeddedStore, web: HttpSink) -> Iterator[Processes]:
    Desk(store, SET_UP, web.url).messenger.turn()
    processes = Processes(store.database.path, web.url)
    yield processes
    processes.end()


def states(store: EmbeddedStore, web: HttpSink) -> Counter[str]:
    desk = Desk(store, MONDAY, web.url, Rules(quiet_hours=""))
    return Counter(copy.state for copy in desk.messenger.copies())


def test_killed_while_the_destination_has_it_but_has_not_answered(
    store: EmbeddedStore, web: HttpSink, processes: Processes
) -> None:
    web.answers.clear()
    first = processes.start()
    settle(lambda: bool(web.received))
    processes.kill(first)
    web.answers.set()
    processes.start()
    settle(lambda: states(store, web) == {"unsure": 1})
    assert [one.title for one in web.received] == [WEEK]


def test_the_other_process_takes_over_when_the_leader_dies_and_sends_nothing_twice(
    store: EmbeddedStore, web: HttpSink, processes: Processes
) -> None:
    web.status = 503
    leader = processes.start()
    settle(lambda: len(web.received) > 2)
    processes.start()
    processes.kill(leader)
    refused = len(web.received)
    settle(lambda: len(web.received) > refused)  # the other one leads
    web.status = 200
    settle(lambda: states(store, web)["sent"] == 1)
    processes.start()
    assert [one.title for one in web.taken] == [WEEK]


def test_killed_with_a_destination_that_is_down_it_goes_out_once_when_that_is_back(
    store: EmbeddedStore, web: HttpSink, processes: Processes
) -> None:
    web.status = 503
    first = processes.start()
    settle(lambda: states(store, web) == {"waiting": 1})
    processes.kill(first)
    web.status = 200
    later = Desk(store, MONDAY, web.url)
    later.wall = max(copy.next_try for copy in later.messenger.copies())
    settle(lambda: later.messenger.turn() is None and bool(states(store, web)["sent"]))
    assert [one.title for one in web.taken] == [WEEK]
