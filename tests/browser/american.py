"""Numbers and dates as they are written in the United States, in what a page shows or says."""

import re

from playwright.sync_api import Page

_WRITTEN = re.compile(
    r"(?<![\d.,])[1-9]\d{0,2},\d{3}\b|(?<![\d.])\d+\.\d{1,2}(?![\d.])"
    r"|\b[A-Z][a-z]{2} \d{1,2}, \d{4}|\$\d[\d.,]|\d%"
)
_SAID = """() => [
    ...document.body.innerText.split("\\n"),
    ...[...document.querySelectorAll("[data-testid=stPlotlyChart] text")].map(text => text.textContent),
    ...[...document.querySelectorAll("[role=figure]")].map(chart => chart.getAttribute("aria-label")),
]"""


def american(page: Page) -> list[str]:
    """Lines, labels of charts and their alternative texts; what tables draw cannot be read."""
    said: list[str] = page.evaluate(_SAID)
    return [text for text in said if _WRITTEN.search(text)]
