"""From a click to a settled page: each page of the navigation and some controls, cold and warm, on the demo
and on a company of 5,000 customers, beside two empty pages of Streamlit. `EQHO_CUSTOMERS` is another number.
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from benchmarks.cold_start import seconds_until_200, server
from benchmarks.timing import print_table
from eqho.ui.navigation import PLACES
from tests.acceptance.conftest import of_stripe
from tests.acceptance.dashboard import KEY, Dashboard
from tests.browser.conftest import READY, drawn
from tests.services.chromium import CHROMIUM_FLAGS
from tests.services.plain_account import plain_account
from tests.services.stripe_server import stripe_server

CUSTOMERS = int(os.environ.get("EQHO_CUSTOMERS", "5000"))
INVOICES_EACH = 12
ROUNDS = 4
"""The first is cold: the page was never asked for since the server started."""
PATIENCE = 900.0
TWO_EMPTY_PAGES = """import streamlit as st

def page(title):
    return st.Page(lambda: st.title(title), title=title, url_path=title.lower())

st.navigation([page("First"), page("Second")]).run()
"""
_SETTLED = f"""() => document.querySelector('{READY}')
    && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')"""
_WATCH = """() => {
    window.__ran = false
    new MutationObserver(() => { window.__ran = true }).observe(
        document.querySelector('[data-testid=stApp]'),
        {attributes: true, attributeFilter: ['data-test-script-state']})
}"""
CONTROLS = (
    ("Movements: another product", "movements", "FleetDesk", "All products"),
    ("Trends: by quarter, by month", "trends", "Quarter", "Month"),
    ("Cohorts: MRR, customers", "cohorts", "MRR", "Customers"),
    ("Sidebar: policy, on Overview", "", "Stripe parity", "Eqho"),
)
"""What is told, the page, and the two choices that are clicked in turn."""


class Course(NamedTuple):
    """Seconds of each click in turn."""

    seconds: tuple[float, ...]

    @property
    def cells(self) -> tuple[str, str]:
        """Cold, and the median of those after, in ms."""
        warm = statistics.median(self.seconds[1:])
        return f"{1000 * self.seconds[0]:.0f}", f"{1000 * warm:.0f}"


def run() -> None:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("Chromium is not installed: nothing was measured.")
        return
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        empty = _empty(browser, Path(folder))
        demo = _of_demo(browser, Path(folder) / "demo")
        large = _of_stripe(browser, Path(folder) / "large")
        browser.close()
    base = statistics.median(empty.seconds[1:])
    rows = [
        ("baseline: two empty pages", *empty.cells, "1.0", *empty.cells, "1.0"),
        *((what, *_row(demo[what], base), *_row(large[what], base)) for what in demo),
    ]
    large_title = f"{CUSTOMERS:,}"
    print_table(
        ("click → settled, ms", "demo, cold", "warm", "÷ empty",
         f"{large_title}, cold", "warm", "÷ empty"), rows,
    )  # fmt: skip
    print(f"\nCold: the first time since the server started; warm: the median of {ROUNDS - 1} after it.")


def _row(course: Course, base: float) -> tuple[str, str, str]:
    return (*course.cells, f"{statistics.median(course.seconds[1:]) / base:.1f}")


def _empty(browser: Browser, folder: Path) -> Course:
    script = folder / "empty.py"
    script.write_text(TWO_EMPTY_PAGES)
    with server(script, folder / "empty") as (address, begun):
        seconds_until_200(f"{address}/_stcore/health", begun)
        with _window(browser, address) as page:
            seconds = [_to_page(page, title) for _ in range(ROUNDS) for title in ("Second", "First")]
    return Course(tuple(seconds))


def _of_demo(browser: Browser, folder: Path) -> dict[str, Course]:
    folder.mkdir()
    with Dashboard(folder, EQHO_SOURCE="demo") as dashboard:
        return _measured(browser, dashboard)


def _of_stripe(browser: Browser, folder: Path) -> dict[str, Course]:
    folder.mkdir()
    account = plain_account(CUSTOMERS, INVOICES_EACH)
    with stripe_server(account, KEY) as stripe, Dashboard(folder, **of_stripe(stripe)) as dashboard:
        return _measured(browser, dashboard)


def _measured(browser: Browser, dashboard: Dashboard) -> dict[str, Course]:
    _until_read(dashboard)
    pages: dict[str, list[float]] = {place.title: [] for place in PLACES}
    controls: dict[str, list[float]] = {}
    with _window(browser, dashboard.url) as page:
        for _ in range(ROUNDS):
            # The first page is open: it is reached again from the last one.
            for place in (*PLACES[1:], PLACES[0]):
                pages[place.title].append(_to_page(page, place.title))
    for what, address, first, second in CONTROLS:
        with _window(browser, f"{dashboard.url}/{address}") as page:
            controls[what] = [_chosen(page, name) for _ in range(ROUNDS) for name in (first, second)]
    return {name: Course(tuple(seconds)) for name, seconds in (pages | controls).items()}


def _choice(page: Page, name: str) -> Locator:
    """Of a segmented control or of pills, in the page or in the sidebar."""
    return page.locator("[data-testid=stButtonGroup] button").get_by_text(name, exact=True).first


def _chosen(page: Page, name: str) -> float:
    page.evaluate(_WATCH)

    def click() -> None:
        _choice(page, name).click()
        page.wait_for_function("() => window.__ran", timeout=60_000)

    return _timed(page, click)


def _until_read(dashboard: Dashboard) -> None:
    """Until everything is read, and nothing runs beside what is measured."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        stats = httpx.get(f"{dashboard.url}/api/v1/cache/stats", timeout=90).json()
        if dashboard.health()[1]["status"] == "healthy" and not stats["l3"]["running"]:
            return
        time.sleep(0.5)
    raise TimeoutError(f"The first pull did not end within {PATIENCE:.0f} s.")


def _to_page(page: Page, title: str) -> float:
    link = page.locator("[data-testid=stSidebarNav]").get_by_text(title, exact=True)

    def click() -> None:
        link.click()
        page.wait_for_function(
            "title => document.querySelector('h1')?.innerText === title", arg=title, timeout=60_000
        )

    return _timed(page, click)


def _timed(page: Page, click: Callable[[], None]) -> float:
    begun = time.perf_counter()
    click()
    page.wait_for_function(_SETTLED, timeout=60_000)
    return time.perf_counter() - begun


@contextmanager
def _window(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(address)
    drawn(page)
    yield page
    context.close()
