"""One dashboard for the whole run; a fresh browser context for each test."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import dashboard

# Five seconds, the default, are too few while another worker fills the other core.
expect.set_options(timeout=30_000)
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
ALL_IN_THE_WINDOW = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    return main.scrollWidth === main.clientWidth;
}"""

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dashboard(tmp_path_factory.mktemp("dashboard")) as address:
        yield address


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Open]:
    """Open an address (`towpilot?policy=stripe`) in a window and wait until it is drawn."""
    contexts = []

    def open_page(
        address: str = "",
        *,
        width: int = 1440,
        scheme: Literal["light", "dark"] = "light",
        locale: str = "en-US",
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{site}/{address}")
        drawn(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def drawn(page: Page, within: float = 30_000) -> None:
    """Wait until the script has run and its elements have arrived.

    The title comes first: before the script starts, the page says for a moment that none is running.
    Skeletons stand where the code of an element is still being fetched.
    """
    page.wait_for_selector("h1", timeout=within)
    page.wait_for_selector(READY, timeout=within)
    pending = "[data-stale=true], [data-testid=stSkeleton]"
    page.wait_for_function(f"!document.querySelector('{pending}')", timeout=within)
