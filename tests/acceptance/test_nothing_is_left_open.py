"""Refreshes, calls, sessions and outages come and go: no file, connection or thread stays behind.

`EQHO_SEEDS` is how many cycles there are (4 unless told).
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.acceptance.test_tiers_from_outside import becomes
from tests.services.mongod import Mongod
from tests.services.plain_account import NOW, change, customer, plain_account, subscription
from tests.services.session import session
from tests.services.stripe_server import stripe_server

# Streamlit keeps what belongs to a closed window for two minutes, in case it comes back: here for a second.
FORGOTTEN = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1"}
PAGES = ("", "trends", "customers", "data")
CYCLES = int(os.environ.get("EQHO_SEEDS", "4"))
FIRST = 3


class Held(NamedTuple):
    """What the system holds for a process."""

    descriptors: int
    threads: int


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells what a process holds open")
def test_cycles_of_everything_leave_nothing_open(run: Run, own_mongod: Mongod) -> None:
    account = plain_account(FIRST)
    with stripe_server(account, KEY) as stripe:
        dashboard = run(**of_stripe(stripe), MONGODB_URL=own_mongod.url, **FORGOTTEN)
        for number in range(2):
            cycle(dashboard, account, number)
        before = at_rest(dashboard)
        for number in range(2, CYCLES + 2):
            cycle(dashboard, account, number)
            if number % 4 == 2:
                outage(dashboard, own_mongod)
        after = at_rest(dashboard)
    print(f"{before} before, {after} after {CYCLES} cycles")
    # What each cycle leaves would be there as often as there were cycles; a pool may be filled by one more.
    assert after.descriptors - before.descriptors <= max(3, CYCLES // 2)
    assert after.threads - before.threads <= max(3, CYCLES // 2)


def cycle(dashboard: Dashboard, account: StripeAccount, number: int) -> None:
    """A change at Stripe, its refresh, callers side by side, and a window that looks at some pages."""
    account.put("customer", customer(FIRST + number, NOW - 60))
    new = subscription(FIRST + number, NOW - 60)
    change(account, "subscription", new, "customer.subscription.created")
    answer = dashboard.refresh()
    assert answer.json()["revenue_metrics"]["mrr"] == 100.0 * (FIRST + number + 1)
    with ThreadPoolExecutor(8) as callers:
        assert set(callers.map(lambda _: called(dashboard), range(8))) == {200}
    for page in PAGES:
        with session(dashboard.url) as window:
            window.look(page)


def called(dashboard: Dashboard) -> int:
    return httpx.get(f"{dashboard.url}/api/v1/metrics/towpilot", timeout=60).status_code


def outage(dashboard: Dashboard, server: Mongod) -> None:
    server.kill()
    becomes("degraded", lambda: dashboard.health()[1]["status"])
    server.start()
    becomes(True, lambda: dashboard.get("cache/stats")["l2"]["enabled"])


def at_rest(dashboard: Dashboard, seconds: float = 4.0) -> Held:
    """The least that is held while only one window after another opens, by which Streamlit forgets others."""
    found = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with session(dashboard.url) as window:
            window.look()
        time.sleep(0.3)
        found.append(held(dashboard.pid))
    return Held(min(one.descriptors for one in found), min(one.threads for one in found))


def held(pid: int) -> Held:
    process = Path(f"/proc/{pid}")
    return Held(len(list((process / "fd").iterdir())), len(list((process / "task").iterdir())))
