"""Killed with −9 at random moments and started again, a pull ends as if nothing had happened."""

import multiprocessing
import random
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from eqho.money import MRR_SCALE
from eqho.periods import FAR
from eqho.sync.run import WORKERS
from tests.conftest import MongoDatabase
from tests.services.plain_account import NOW, change, plain_account
from tests.services.stripe_server import StripeServer, stripe_server
from tests.sync.pull_once import opened, pull
from tests.sync.rig import ledger, mirror, outcome, undisturbed

KILLS = 20
# A process that has imported all that a pull needs, and does nothing but fork: each start is one at once.
_STARTS = multiprocessing.get_context("forkserver")
_STARTS.set_forkserver_preload(["tests.sync.pull_once"])


def start(server: StripeServer, where: str, database: str) -> BaseProcess:
    child = _STARTS.Process(target=pull, args=(server.url, where, database, NOW))
    child.start()
    return child


def page_requests(server: StripeServer) -> Counter[tuple[str, str, str]]:
    """By kind, cursor and upper end of the window; the probes of `check` are not pages."""
    return Counter(
        (request.path, request.query.get("starting_after", ""), request.query["created"].get("lt", ""))
        for request in list(server.requests)
        if request.is_list and request.query["limit"] == "100" and request.path != "/v1/events"
    )


def let_read(server: StripeServer, child: BaseProcess, pages: int) -> None:
    """Until that many pages were asked for in all."""
    while page_requests(server).total() < pages and child.is_alive():
        time.sleep(0.002)


def kill_and_restart(where: str, database: str, quiet: Path) -> None:
    account = plain_account(1_000, 12)
    for number in range(20):
        past_due = {
            **account.retrieve("subscription", f"sub_{number:06}", complete=True),
            "status": "past_due",
        }
        change(account, "subscription", past_due, "customer.subscription.updated", NOW - 300)
    chance = random.Random(7)
    with stripe_server(account) as server:
        server.latency = 0.02
        killed = 0
        for _ in range(KILLS):
            read = page_requests(server).total()
            child = start(server, where, database)
            let_read(server, child, read + chance.randint(1, 9))
            time.sleep(chance.uniform(0.0, 0.03))
            killed += child.is_alive()
            child.kill()
            child.join()
        last = start(server, where, database)
        last.join(60)
        assert last.exitcode == 0
        pages = page_requests(server)
        again = sum(count - 1 for count in pages.values())
    store = opened(where, database)
    assert outcome(store) == undisturbed(account, quiet, NOW)
    assert len(mirror(store)["invoice"]) == 12_000
    spans = ledger(store).spans
    store.close()
    # 1,000 subscriptions at $100 a month, 20 of them past due since five minutes.
    running = spans.end == FAR
    assert spans.net_eqho[running].sum() == 1_000 * 10_000 * MRR_SCALE
    assert (running.sum(), (running & (spans.start == NOW - 300)).sum()) == (1_000, 20)
    assert killed == KILLS
    assert again <= WORKERS * killed
    assert len(pages) >= server.pages_needed()


def test_embedded_store(tmp_path: Path) -> None:
    kill_and_restart(str(tmp_path), "", tmp_path / "quiet")


def test_mongodb(mongo_database: MongoDatabase, tmp_path: Path) -> None:
    kill_and_restart(mongo_database.url, mongo_database.name, tmp_path / "quiet")


@pytest.mark.parametrize("pages", [1, 6])
def test_a_page_written_before_its_cursor_is_taken_from_the_cache(tmp_path: Path, pages: int) -> None:
    """Killed between the page and the cursor: the page itself need not be fetched again."""
    from tests.sync.rig import rig

    class PowerCut(BaseException):
        pass

    with rig(plain_account(1_000, 0), tmp_path) as r:
        put_state = r.store.put_state
        left = [pages]

        def cut(name: str, state: object) -> None:
            if name == "pull:customer":
                left[0] -= 1
                if left[0] < 0:
                    raise PowerCut
            put_state(name, state)  # type: ignore[arg-type]

        r.store.put_state = cut  # type: ignore[method-assign]
        with pytest.raises(PowerCut):
            r.run()
        fetched = r.asked["customers"]
        r.store.put_state = put_state  # type: ignore[method-assign]
        r.new_process()
        r.run()
        assert fetched + r.asked["customers"] == 10
