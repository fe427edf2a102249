"""Sessions, calls of the API and a refresh every few seconds, while MongoDB is killed and comes back.

Every figure is checked: the company has n customers at $100, and n only grows. `EQHO_SOAK_SECONDS` (60 unless
told) is how long it lasts; three times in between MongoDB is killed and comes back five seconds later. Of the
sessions two are windows of Chromium, the others speak what a browser does without drawing it: eighteen more
would measure this machine's drawing.
"""

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as Late
from pymongo import MongoClient
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.timing import print_table
from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.browser.conftest import READY
from tests.services.chromium import CHROMIUM_FLAGS
from tests.services.mongod import Mongod
from tests.services.plain_account import NOW, change, customer, plain_account, subscription
from tests.services.session import session
from tests.services.stripe_server import stripe_server

SECONDS = int(os.environ.get("EQHO_SOAK_SECONDS", "60"))
SESSIONS, WINDOWS = 18, 2
LOOKS_FOR = 1.5
"""Seconds for which a page is read before the next one is opened."""
CALLS_A_SECOND, CALLERS = 100, 40
"""So many callers that one slow answer keeps the others from no call."""
REFRESH_EVERY = 10.0
OUTAGES = 3
AWAY = 5.0
KEPT_BY_STREAMLIT = 30
"""Seconds for which the server keeps what belongs to a closed window; it is 120 unless told."""
FIRST = 50
PAGES = ("", "towpilot", "all_products", "trends", "movements", "cohorts", "customers", "cash")


@dataclass
class Soak:
    """What was seen; `sold` customers there are, `told` is the highest number a refresh has confirmed."""

    url: str
    account: StripeAccount
    stop: threading.Event = field(default_factory=threading.Event)
    sold: int = FIRST
    told: int = 0
    confirmed: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def call(self) -> None:
        """Calls at an even pace, each checked; what comes too late is called at once."""
        with httpx.Client(timeout=60) as client:
            due = time.perf_counter()
            while not self.stop.is_set():
                begin, floor = time.perf_counter(), self.told
                due += CALLERS / CALLS_A_SECOND
                found = client.get(f"{self.url}/api/v1/metrics/towpilot")
                self.seconds.append(time.perf_counter() - begin)
                self.answers[str(found.status_code)] += 1
                if found.status_code == 200:
                    self.check(found.json(), floor)
                time.sleep(max(0.0, due - time.perf_counter()))

    def check(self, document: dict[str, Any], floor: int) -> None:
        mrr, customers = document["revenue_metrics"]["mrr"], document["customer_metrics"]["customers"]
        if mrr != 100.0 * customers or not floor <= customers <= self.sold:
            self.wrong.append(f"{customers} customers with {mrr}: between {floor} and {self.sold} are right")

    def refresh(self) -> None:
        """One more customer, then a refresh that somebody waits for."""
        while not self.stop.wait(REFRESH_EVERY):
            number = self.sold + 1
            self.sold = number
            self.account.put("customer", customer(number, NOW - 60))
            change(
                self.account, "subscription", subscription(number, NOW - 60), "customer.subscription.created"
            )
            answer = httpx.post(
                f"{self.url}/api/v1/cache/refresh/towpilot", params={"wait": "true"}, timeout=120
            )
            self.answers[f"refresh {answer.status_code}"] += 1
            if answer.status_code == 200:
                mrr = answer.json()["revenue_metrics"]["mrr"]
                self.confirmed.append(mrr)
                self.told = max(self.told, round(mrr / 100))

    def disturb(self, server: Mongod) -> None:
        for _ in range(OUTAGES):
            if self.stop.wait(SECONDS / (OUTAGES + 1)):
                return
            server.kill()
            time.sleep(AWAY)
            server.start()


def walk(soak: Soak, number: int) -> None:
    """A session that opens a window, goes through some pages, closes it and begins anew."""
    turn = number
    while not soak.stop.is_set():
        with session(soak.url) as window:
            for _ in range(len(PAGES)):
                name, turn = PAGES[turn % len(PAGES)], turn + 1
                begin = time.perf_counter()
                messages = window.look(name)
                soak.pages.append(time.perf_counter() - begin)
                soak.answers["pages"] += 1
                soak.wrong += [f"the page {name or 'overview'} shows {told}" for told in errors_in(messages)]
                if soak.stop.wait(LOOKS_FOR):
                    return


def errors_in(messages: Iterable[bytes]) -> Iterator[str]:
    for each in messages:
        element = ForwardMsg.FromString(each).delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception" or (kind == "alert" and element.alert.format == Alert.ERROR):
            yield element.exception.message or element.alert.body


def look(pages: list[Page], soak: Soak, until: float) -> None:
    """Windows of a browser that go from page to page; an error on one is a wrong answer."""
    turn = 0
    while time.monotonic() < until:
        page = pages[turn % len(pages)]
        name = PAGES[turn // len(pages) % len(PAGES)]
        turn += 1
        try:
            page.goto(f"{soak.url}/{name}", timeout=60_000)
            page.wait_for_selector("h1", timeout=60_000)
            page.wait_for_selector(READY, timeout=60_000)
        except Late:
            soak.answers["pages drawn later than 60 s"] += 1
            continue
        soak.answers["pages drawn"] += 1
        if page.locator("[data-testid=stException]").count():
            soak.wrong.append(f"the page {name or 'overview'} shows an error")


class Weight(NamedTuple):
    """What the system holds for a process of this machine (Linux). Each window has three descriptors of its
    own in the server, of which one is an `epoll`: those are counted as windows."""

    megabytes: float
    threads: int
    windows: int
    sockets: int
    files: int

    def __str__(self) -> str:
        return ", ".join(f"{number:,.0f} {name}" for name, number in self._asdict().items())


def weight(pid: int) -> Weight:
    process = Path(f"/proc/{pid}")
    told = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    kinds: Counter[str] = Counter()
    for descriptor in (process / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed in the meantime
            target = str(descriptor.readlink())
            kinds[target.partition(":")[0] if ":" in target else "file"] += 1
    # One event loop is the server's own.
    windows, sockets = kinds["anon_inode"] - 1, kinds["socket"] - 2 * kinds["anon_inode"]
    megabytes = int(told["VmRSS"].split()[0]) / 1_000
    return Weight(megabytes, int(told["Threads"]), windows, sockets, kinds["file"])


def percentiles(seconds: list[float]) -> str:
    return ", ".join(f"{one:.0f}" for one in np.percentile(seconds, (50, 95, 99)) * 1_000)


def run() -> None:
    account = plain_account(FIRST)
    with tempfile.TemporaryDirectory(prefix="eqho-soak-", ignore_cleanup_errors=True) as folder:
        server = Mongod(Path(folder)).start()
        try:
            with stripe_server(account, KEY) as stripe:
                settings = of_stripe(stripe) | {"MONGODB_URL": server.url, "CACHE_TTL": "5"}
                settings["STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL"] = str(KEPT_BY_STREAMLIT)
                with Dashboard(Path(folder), **settings) as dashboard:
                    _soak(dashboard, account, server)
        finally:
            server.stop()


def _soak(dashboard: Dashboard, account: StripeAccount, server: Mongod) -> None:
    dashboard.get("metrics/towpilot")
    before = weight(dashboard.pid)
    soak = Soak(dashboard.url, account)
    threads = [threading.Thread(target=soak.call) for _ in range(CALLERS)]
    threads += [threading.Thread(target=walk, args=(soak, number)) for number in range(SESSIONS)]
    threads += [threading.Thread(target=soak.refresh), threading.Thread(target=soak.disturb, args=(server,))]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS)
            )
            context = browser.new_context()
            pages = [context.new_page() for _ in range(WINDOWS)]
            look(pages, soak, time.monotonic() + SECONDS)
            browser.close()
    finally:
        soak.stop.set()
        for thread in threads:
            thread.join()
    lasted = time.monotonic() - began
    time.sleep(10)
    after = weight(dashboard.pid)
    time.sleep(KEPT_BY_STREAMLIT + 10)
    for _ in range(2):  # whatever is due is forgotten when another window has closed
        with session(dashboard.url) as window:
            window.look()
        time.sleep(2)
    later = weight(dashboard.pid)
    client: MongoClient[dict[str, Any]] = MongoClient(server.url)
    with client:
        stored = client.eqho_metrics.metrics.find({"product": "towpilot"}, {"metrics.revenue_metrics.mrr": 1})
        kept = {document["metrics"]["revenue_metrics"]["mrr"] for document in stored}
    lost = [mrr for mrr in soak.confirmed if mrr not in kept]
    print_table(
        ("what", "figure"),
        [
            ("seconds, sessions, outages of MongoDB", f"{SECONDS}, {SESSIONS + WINDOWS}, {OUTAGES}"),
            ("answers", ", ".join(f"{kind}: {count}" for kind, count in sorted(soak.answers.items()))),
            ("calls of the API a second", f"{len(soak.seconds) / lasted:.0f}"),
            ("calls of the API, ms at 50, 95, 99 %", percentiles(soak.seconds)),
            ("pages of a session until all has arrived, the same", percentiles(soak.pages)),
            ("wrong figures and error pages", str(len(soak.wrong))),
            ("confirmed snapshots that are lost", str(len(lost))),
            ("held before", str(before)),
            ("held ten seconds afterwards", str(after)),
            ("held once Streamlit has forgotten the closed windows", str(later)),
        ],
    )
    for each in soak.wrong[:10]:
        print(each)
