"""From a click in the navigation to the page that has settled, in Chromium: the demo and a company of 5,000
customers beside two empty pages, click by click in turn. Goal: 2.5 times as long."""

import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from benchmarks.cold_start import seconds_until_200, server
from benchmarks.timing import print_table
from eqho.application import ROOT
from tests.acceptance.conftest import of_stripe
from tests.browser.conftest import drawn
from tests.services.chromium import CHROMIUM_FLAGS
from tests.services.plain_account import plain_account
from tests.services.stripe_server import KEY, stripe_server

CUSTOMERS, INVOICES_EACH = 5_000, 4
ROUNDS = 7
EMPTY_PAGES = """
import streamlit as st

def first(): st.title("First")
def second(): st.title("Second")
def third(): st.title("Third")

st.navigation([st.Page(page, title=page.__name__.title()) for page in (first, second, third)]).run()
"""


class Walk(NamedTuple):
    """A page that is open, and the titles that are clicked in turn."""

    name: str
    page: Page
    titles: tuple[str, ...]


def run() -> None:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("Chromium is not installed: nothing was measured.")
        return
    with ExitStack() as opened, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = opened.enter_context(sync_playwright()).chromium.launch(
            executable_path=path, args=list(CHROMIUM_FLAGS)
        )
        opened.callback(browser.close)
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_PAGES)
        stripe = opened.enter_context(stripe_server(plain_account(CUSTOMERS, INVOICES_EACH), KEY))
        walks = []
        for name, script, health, titles, settings in (
            ("baseline: three empty pages", empty, "_stcore/health", ("First", "Second", "Third"), {}),
            ("the demo", ROOT / "dashboard.py", "health", ("Overview", "TowPilot", "Movements"), {}),
            (f"{CUSTOMERS:,} customers", ROOT / "dashboard.py", "health",
             ("Overview", "TowPilot", "Movements"), of_stripe(stripe)),
        ):  # fmt: skip
            address, begun = opened.enter_context(server(script, Path(folder) / name[:5], settings))
            seconds_until_200(f"{address}/{health}", begun)
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.goto(address)
            drawn(page)
            walks.append(Walk(name, page, titles))
        for walk in walks:
            once_around(walk)
        time.sleep(5)  # what waits until nobody does
        seconds: dict[str, list[float]] = {walk.name: [] for walk in walks}
        for _ in range(ROUNDS):
            for walk in walks:
                seconds[walk.name] += once_around(walk)
    median = {name: sorted(found)[len(found) // 2] for name, found in seconds.items()}
    slowest = {name: max(found) for name, found in seconds.items()}
    base = next(iter(median.values()))
    print_table(
        ("click → settled", "median, s", "slowest, s", "÷ baseline"),
        [
            (name, f"{took:.2f}", f"{slowest[name]:.2f}", f"{took / base:.2f}")
            for name, took in median.items()
        ],
    )
    print(f"\n{ROUNDS} times around three pages each.")


def once_around(walk: Walk) -> list[float]:
    """Seconds of each click, ending where it began."""
    return [clicked(walk.page, title) for title in (*walk.titles[1:], walk.titles[0])]


def clicked(page: Page, title: str) -> float:
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=title).first
    begun = time.perf_counter()
    link.click()
    page.wait_for_function("title => document.querySelector('h1')?.innerText === title", arg=title)
    drawn(page)
    return time.perf_counter() - begun
