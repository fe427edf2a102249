"""Every page in a real browser: names are read and do nothing, no secret reaches the page or its socket.

Pages come from the navigation, files from the buttons on them: a new one is swept by itself.
"""

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Download, Page

from eqho.ui.navigation import PLACES
from tests.browser.conftest import drawn
from tests.hostile import secrets
from tests.hostile.conftest import Hostile
from tests.hostile.judged import acts, wrong_with
from tests.hostile.names import EVIL, MARK

ARRIVES_WITHIN = 90_000.0
_RENDERED = f"""() => [
  ...document.querySelectorAll(
    'a[href*="{EVIL}"], a[href^="javascript" i], [src*="{EVIL}"], #{MARK}, iframe, svg[onload], img[onerror]'
  ),
].map(found => found.outerHTML.slice(0, 200))"""
_TEXTS = f"""() => {{
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Map();
  while (walker.nextNode()) {{
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.includes('{MARK}'))
      found.set(element.textContent, element.parentElement.outerHTML.slice(0, 500));
  }}
  return [...found];
}}"""
"""Every text of the page with the mark in it, and the element around it."""


class Watched:
    """A window, and what it did and was sent."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self._address = page, address
        self.strange: list[str] = []
        page.on("request", self._request)
        page.on("dialog", lambda dialog: self.strange.append(f"dialog {dialog.message}"))
        page.on("console", lambda line: self._said(line.text))
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    def visit(self, place: str) -> None:
        self.strange.clear()
        self.page.goto(f"{self._address}/{place}")
        drawn(self.page, ARRIVES_WITHIN)
        closed = self.page.locator("[data-testid=stMain] details:not([open]) > summary").filter(visible=True)
        for _ in range(closed.count()):
            if closed.count():
                closed.first.click()
        drawn(self.page, ARRIVES_WITHIN)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self._address, "data:", "blob:")):
            self.strange.append(f"request to {request.url[:100]}")

    def _said(self, line: str) -> None:
        if EVIL in line or "Content Security Policy" in line:
            self.strange.append(f"console: {line[:200]}")

    def _frame(self, frame: str | bytes) -> None:
        self.strange += [f"the socket tells {name}" for name in secrets.told(frame)]


@pytest.fixture(scope="module")
def watched(chromium: Browser, hostile: Hostile) -> Iterator[Watched]:
    """One for all pages: what the browser has of Streamlit's code is loaded once."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield Watched(context.new_page(), hostile.dashboard.url)
    context.close()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_names_are_read_and_nothing_else(watched: Watched, place: Any, tmp_path: Path) -> None:
    watched.visit(place.address)
    page = watched.page
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.evaluate("window.owned") is None
    assert page.evaluate(_RENDERED) == []
    shown: list[tuple[str, str]] = page.evaluate(_TEXTS)
    # Of each name the mark is a part: alone it stands only where the rest was taken for markup.
    assert [element for text, element in shown if text.strip() == MARK] == []
    assert [(signs, element) for text, element in shown if (signs := acts(text))] == []
    assert secrets.told(page.content()) == []
    for file in files(page, tmp_path):
        kind = mimetypes.guess_type(file.name)[0] or file.suffix
        assert wrong_with(kind, file.read_bytes()) == [], file.name
    assert watched.strange == []


def files(page: Page, folder: Path) -> Iterator[Path]:
    """What the buttons of the page hand over, those on other tabs too."""
    main = page.locator("[data-testid=stMain]")
    taken = 0
    for tab in main.locator("[role=tab]").all() or [None]:
        if tab is not None and tab.is_visible():
            tab.click()
        for button in main.locator("[data-testid=stDownloadButton] button").filter(visible=True).all():
            with page.expect_download(timeout=60_000) as handed:
                button.click()
            download: Download = handed.value
            taken += 1
            path = folder / f"{taken}-{download.suggested_filename}"
            download.save_as(path)
            yield path
