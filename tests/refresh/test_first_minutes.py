"""The first pull of a large account, looked at while it runs and killed three times: what is told is right or
null with its reason, nothing is taken back, the bar never falls.

`EQHO_FIRST_MINUTES=1`: 5,000 customers and 166,000 invoices at 8 requests/s, which takes five minutes; the
time left is held against the truth then.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from eqho.periods import DAY
from tests.metrics.test_today_only import numbers
from tests.refresh.first_minutes_process import BY_DAY, BY_MONTH, QUESTIONS
from tests.services.growing_account import contracts, growing_account
from tests.services.plain_account import NOW
from tests.services.stripe_server import Limit, StripeServer

LARGE = bool(os.environ.get("EQHO_FIRST_MINUTES"))
CUSTOMERS, YEARS, RATE = (5_000, 8.5, 8.0) if LARGE else (600, 4.0, 15.0)
PATIENCE, PAGES = (4.0, 16) if LARGE else (0.5, 2)
"""Of few invoices a month is less than what six workers read at once."""
MONTHS_TOLD = 13
MOMENTS = 20
KILLED_AT = (0.15, 0.4, 0.6)
TODAY = ("product", "coupon", "price", "customer", "subscription")
"""Kinds that today's figures are made of."""
KEY = "rk_test_eqho_first" if LARGE else "rk_live_eqho_first"
TIMELESS = {"timestamp"}
Look = dict[str, Any]


def serve(pipe: Connection) -> None:
    """Answers with its URL and how many requests would be the fewest, for today's figures and for everything;
    ends when told so."""
    account = growing_account(CUSTOMERS, YEARS)
    server = StripeServer(account, KEY)
    server.limit = Limit(RATE * 1.5)
    server.latency = 0.1
    server.start()
    pipe.send((server.url, (server.pages_needed(kinds=TODAY), server.pages_needed())))
    pipe.recv()


@pytest.fixture(scope="module")
def stripe() -> Iterator[tuple[str, tuple[int, int]]]:
    context = multiprocessing.get_context("spawn")
    pipe, other_end = context.Pipe()
    process = context.Process(target=serve, args=(other_end,), daemon=True)
    process.start()
    yield pipe.recv()
    pipe.send("end")
    process.join(10)


class Replica:
    """The process under test."""

    def __init__(self, url: str, folder: Path) -> None:
        settings = {
            "STRIPE_SECRET_KEY": KEY, "STRIPE_API_BASE": url, "EQHO_DATA_DIR": str(folder),
            "EQHO_NOW": "2026-11-22T12:00:00Z", "EQHO_SYNC_INTERVAL": "900", "CACHE_TTL": "3600",
        }  # fmt: skip
        with (folder.parent / "replica.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.refresh.first_minutes_process", str(PATIENCE), str(PAGES)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": str(folder), **settings},
                cwd=Path(__file__).resolve().parents[2],
            )
        self._answer()

    def look(self, what: str = "") -> Look:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n".encode())
        self._process.stdin.flush()
        return self._answer()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answer(self) -> Look:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process has ended: see replica.log"
        return json.loads(line)  # type: ignore[no-any-return]


class Pull:
    """`looks` in order; `restarts` are the places of those that came first after a kill. The last look is at
    the end of the pull, when everything is told."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir()
        self.looks: list[Look] = []
        self.restarts: list[int] = []
        self.first_mrr: int | None = None
        self.sent_before = 0
        due, kills = [(1 + n) / (MOMENTS + 1) for n in range(MOMENTS)], list(KILLED_AT)
        replica = Replica(url, folder)
        try:
            while True:
                seen = replica.look()
                seen["requests"] += self.sent_before
                fraction = seen["progress"]["fraction"]
                told = _mrr(seen) is not None
                if told and self.first_mrr is None:
                    self.first_mrr = seen["requests"]
                if (
                    not seen["progress"]["running"]
                    and told
                    and all(a["stale"] is None for a in seen["answers"])
                ):
                    self.looks.append(self._all(replica, seen))
                    return
                if due and (told or fraction is not None) and (fraction or 0.0) >= due[0]:
                    self.looks.append(self._all(replica, seen))
                    due = [moment for moment in due if moment > (fraction or 0.0)]
                if kills and fraction is not None and fraction >= kills[0]:
                    kills.pop(0)
                    replica.kill()
                    self.sent_before = seen["requests"]
                    replica = Replica(url, folder)
                    self.restarts.append(len(self.looks))
                time.sleep(0.5 if LARGE else 0.05)
        finally:
            replica.kill()

    @staticmethod
    def _all(replica: Replica, seen: Look) -> Look:
        return seen | {"answers": replica.look("all")["answers"]}

    @property
    def final(self) -> dict[str, dict[str, Any]]:
        return _answers(self.looks[-1])


def _answers(look: Look) -> dict[str, dict[str, Any]]:
    return {each["question"]: each["answer"] for each in look["answers"]}


def _mrr(look: Look) -> float | None:
    question = QUESTIONS[0].label
    answer = _answers(look).get(question)
    return None if answer is None else answer["revenue_metrics"]["mrr"]


@pytest.fixture(scope="module")
def pull(stripe: tuple[str, tuple[int, int]], tmp_path_factory: pytest.TempPathFactory) -> Pull:
    return Pull(stripe[0], tmp_path_factory.mktemp("first") / "data")


def keyed(answer: dict[str, Any]) -> dict[str, Any]:
    """Every number by a path that does not change when rows come before it."""
    found: dict[str, Any] = {}
    for name, value in answer.items():
        if name == "undefined" or name in TIMELESS or name == "issues":
            continue
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for place, row in enumerate(value):
                key = next(
                    (row[k] for k in ("customer", "date", "period", "product", "tier", "step") if k in row),
                    place,
                )
                found |= {f"{name}[{key}]{path}": v for path, v in numbers(row)}
        else:
            found |= {f"{name}{path}": v for path, v in numbers(value)}
    return found


def test_every_number_that_was_shown_is_what_is_told_at_the_end(
    pull: Pull, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = 0
    for look in pull.looks[:-1]:
        for question, answer in _answers(look).items():
            final = keyed(pull.final[question])
            told = {path: value for path, value in keyed(answer).items() if value is not None}
            assert told == {path: final[path] for path in told}, (question, look["progress"]["fraction"])
            shown += len(told)
    with capsys.disabled():
        print(f"\n{len(pull.looks)} looks, {len(pull.restarts)} kills: {shown:,} numbers shown, all right")
    assert len(pull.looks) > MOMENTS // 3
    assert len(pull.restarts) == len(KILLED_AT)


def test_the_end_is_the_truth(pull: Pull) -> None:
    every = list(contracts(CUSTOMERS, YEARS))
    points = pull.final[BY_DAY.label]["points"]
    for point in points[::9]:
        at = NOW if point["open"] else _end_of(point["date"])
        assert point["mrr"] == pytest.approx(sum(c.mrr(at) for c in every), abs=0.01), point
        assert point["customers"] == len({c.of for c in every if c.mrr(at)})


def _end_of(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) + DAY - 1


def test_what_is_null_has_its_reason(pull: Pull) -> None:
    for look in pull.looks[:-1]:
        for question, answer in _answers(look).items():
            if not question.startswith("metrics:"):
                continue
            for group, fields in answer.items():
                if group.endswith("_metrics"):
                    for field, value in fields.items():
                        assert value is not None or f"{group}.{field}" in answer["undefined"]


def test_nothing_that_was_shown_is_taken_back(pull: Pull) -> None:
    before: dict[str, set[str]] = {}
    for look in pull.looks:
        for question, answer in _answers(look).items():
            told = {path for path, value in keyed(answer).items() if value is not None}
            assert before.get(question, set()) <= told, question
            before[question] = told


def test_the_past_comes_before_the_end(pull: Pull) -> None:
    """Month ends are told while older invoices are still to be read."""
    question = BY_MONTH.label
    told = [len(_answers(look).get(question, {"points": []})["points"]) for look in pull.looks[:-1]]
    assert told == sorted(told)
    # How soon figures are published is a matter of time; a small company may be read before they are.
    assert not LARGE or max(told) >= MONTHS_TOLD


def test_the_bar_never_falls(pull: Pull) -> None:
    begins = [0, *pull.restarts, len(pull.looks)]
    for begin, end in pairwise(begins):
        bar = [look["progress"]["fraction"] for look in pull.looks[begin:end]]
        told = [fraction for fraction in bar if fraction is not None]
        assert told == sorted(told)


def test_figures(pull: Pull, stripe: tuple[str, tuple[int, int]], capsys: pytest.CaptureFixture[str]) -> None:
    """What a founder waits for, in requests beside the fewest: those that list today's objects, those that
    list everything."""
    today, fewest = stripe[1]
    sent, year = pull.looks[-1]["requests"], _first(pull, MONTHS_TOLD)
    with capsys.disabled():
        print(f"\nfirst right MRR: {pull.first_mrr} requests, at least {today}")
        print(f"the last twelve months: {year or 'with everything'}; everything: {sent}, at least {fewest}")
        for look in pull.looks:
            progress = look["progress"]
            truth = pull.looks[-1]["at"] - look["at"]
            print(
                f"{look['requests']:5} requests, bar {progress['fraction'] or 1:.0%}, left "
                f"{progress['seconds_left']} of {truth:.0f} s, {_months(look)} months told"
            )
    assert pull.first_mrr is not None
    assert pull.first_mrr < sent / 2
    assert sent <= fewest * 1.05 + 60 * len(pull.restarts)


def _months(look: Look) -> int:
    return len(_answers(look).get(BY_MONTH.label, {"points": []})["points"])


def _first(pull: Pull, months: int) -> int | None:
    """Requests sent when so many month ends were told first, before the end."""
    return next((look["requests"] for look in pull.looks[:-1] if _months(look) >= months), None)


@pytest.mark.skipif(not LARGE, reason="the time left is held against the truth with EQHO_FIRST_MINUTES=1")
def test_the_time_left_is_within_a_factor_of_two_after_the_first_minute(pull: Pull) -> None:
    end, begun = pull.looks[-1]["at"], pull.looks[0]["at"]
    said = 0
    for look in pull.looks[:-1]:
        left = look["progress"]["seconds_left"]
        if left is None or look["at"] - begun < 60 or end - look["at"] < 5:
            continue
        assert (end - look["at"]) / 2 <= left <= 2 * (end - look["at"]) + 5
        said += 1
    assert said >= MOMENTS // 3
