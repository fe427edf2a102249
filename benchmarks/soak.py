"""Sessions in a browser, calls of the API and a refresh every few seconds, while MongoDB is killed and back.

Every figure is checked: the company has n customers at $100, and n only grows. `EQHO_SOAK_SECONDS` (60 unless
told) is how long it lasts; three times in between MongoDB is killed and comes back five seconds later.
"""

import os
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as Late
from pymongo import MongoClient

from benchmarks.timing import print_table
from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.browser.conftest import CHROMIUM_FLAGS, READY
from tests.services.mongod import Mongod
from tests.services.plain_account import NOW, change, customer, plain_account, subscription
from tests.services.stripe_server import stripe_server

SECONDS = int(os.environ.get("EQHO_SOAK_SECONDS", "60"))
SESSIONS = 20
CALLS_A_SECOND = 100
REFRESH_EVERY = 10.0
OUTAGES = 3
AWAY = 5.0
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
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def call(self) -> None:
        """Calls at an even pace, each checked."""
        with httpx.Client(timeout=60) as client:
            while not self.stop.is_set():
                begin, floor = time.perf_counter(), self.told
                found = client.get(f"{self.url}/api/v1/metrics/towpilot")
                self.seconds.append(time.perf_counter() - begin)
                self.answers[str(found.status_code)] += 1
                if found.status_code == 200:
                    self.check(found.json(), floor)
                time.sleep(max(0.0, 10 / CALLS_A_SECOND - (time.perf_counter() - begin)))

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


def look(pages: list[Page], soak: Soak, until: float) -> None:
    """Each session goes from page to page; an error on one is a wrong answer."""
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
            soak.answers["pages later than 60 s"] += 1
            continue
        soak.answers["pages"] += 1
        if page.locator("[data-testid=stException]").count():
            soak.wrong.append(f"the page {name or 'overview'} shows an error")


def weight(pid: int) -> tuple[str, str, str]:
    """Memory in MB, threads, open files and connections of a process of this machine (Linux)."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return f"{int(told['VmRSS'].split()[0]) / 1_000:,.0f}", told["Threads"].strip(), str(files)


def run() -> None:
    account = plain_account(FIRST)
    with tempfile.TemporaryDirectory(prefix="eqho-soak-", ignore_cleanup_errors=True) as folder:
        server = Mongod(Path(folder)).start()
        try:
            with stripe_server(account, KEY) as stripe:
                settings = of_stripe(stripe) | {"MONGODB_URL": server.url, "CACHE_TTL": "5"}
                with Dashboard(Path(folder), **settings) as dashboard:
                    _soak(dashboard, account, server)
        finally:
            server.stop()


def _soak(dashboard: Dashboard, account: StripeAccount, server: Mongod) -> None:
    dashboard.get("metrics/towpilot")
    before = weight(dashboard.pid)
    soak = Soak(dashboard.url, account)
    threads = [threading.Thread(target=soak.call) for _ in range(10)]
    threads += [threading.Thread(target=soak.refresh), threading.Thread(target=soak.disturb, args=(server,))]
    for thread in threads:
        thread.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS)
            )
            pages = [browser.new_context().new_page() for _ in range(SESSIONS)]
            look(pages, soak, time.monotonic() + SECONDS)
            browser.close()
    finally:
        soak.stop.set()
        for thread in threads:
            thread.join()
    time.sleep(10)
    after = weight(dashboard.pid)
    client: MongoClient[dict[str, Any]] = MongoClient(server.url)
    with client:
        stored = client.eqho_metrics.metrics.find({"product": "towpilot"}, {"metrics.revenue_metrics.mrr": 1})
        kept = {document["metrics"]["revenue_metrics"]["mrr"] for document in stored}
    lost = [mrr for mrr in soak.confirmed if mrr not in kept]
    p50, p95, p99 = np.percentile(soak.seconds, (50, 95, 99)) * 1_000
    print_table(
        ("what", "figure"),
        [
            ("seconds, sessions, outages of MongoDB", f"{SECONDS}, {SESSIONS}, {OUTAGES}"),
            ("answers", ", ".join(f"{kind}: {count}" for kind, count in sorted(soak.answers.items()))),
            ("calls of the API, ms at 50, 95, 99 %", f"{p50:.0f}, {p95:.0f}, {p99:.0f}"),
            ("wrong figures and error pages", str(len(soak.wrong))),
            ("confirmed snapshots that are lost", str(len(lost))),
            ("memory in MB, threads, files and connections before", ", ".join(before)),
            ("the same afterwards", ", ".join(after)),
        ],
    )
    for each in soak.wrong[:10]:
        print(each)
