"""A reader whose browser asks for German: on every page her numbers, her dates, and nothing of another's."""

import re

import pytest
from playwright.sync_api import Page, expect

from eqho.ui.navigation import PLACES
from tests.browser.conftest import Open, drawn

AMERICAN = re.compile(r"\d,\d{3}\b|(?<![\d.])\d+\.\d{1,2}(?![\d.])|\b[A-Z][a-z]{2} \d{1,2}, \d{4}|\$\d")
SENT_AS_THEY_STAND = {"alerts"}
"""Pages that show what goes to others."""

SAID = """() => [
    document.body.innerText,
    ...[...document.querySelectorAll("[data-testid=stPlotlyChart] text")].map(text => text.textContent),
    ...[...document.querySelectorAll("[role=figure]")].map(chart => chart.getAttribute("aria-label")),
]"""


@pytest.fixture
def german(visit: Open) -> Page:
    return visit(locale="de-DE")


def test_no_page_shows_a_german_reader_american_numbers(german: Page, site: str) -> None:
    left = {}
    for place in PLACES:
        german.goto(f"{site}/{place.address}")
        drawn(german)
        expect(german.get_by_test_id("stException")).to_have_count(0)
        said: list[str] = german.evaluate(SAID)
        if place.address not in SENT_AS_THEY_STAND:
            left[place.address] = [text[:80] for text in said if AMERICAN.search(text)]
    assert {address: texts for address, texts in left.items() if texts} == {}


def test_cards_sentences_axes_and_tables_are_german(german: Page, site: str) -> None:
    expect(german.get_by_test_id("stMetricValue").first).to_have_text(re.compile(r"^\d{2}\.\d{3}\s\$$"))
    expect(german.get_by_test_id("stMarkdown").get_by_text("MRR went from")).to_contain_text("16. Nov. 2026")
    chart = german.get_by_test_id("stPlotlyChart").first
    expect(chart.get_by_text("20k\u00a0$", exact=True)).to_be_visible()
    expect(chart.get_by_text("Juli", exact=True).first).to_be_visible()
    expect(german.get_by_role("figure").first).to_have_accessible_name(re.compile(r"to 76\.553,98\s\$"))


def test_two_readers_at_once_keep_their_own(german: Page, visit: Open, site: str) -> None:
    american = visit()
    expect(american.get_by_test_id("stMetricValue").first).to_have_text(re.compile(r"^\$\d{2},\d{3}$"))
    german.goto(f"{site}/towpilot")
    drawn(german)
    expect(german.get_by_test_id("stMetricValue").first).to_have_text(re.compile(r"^\d{2}\.\d{3}\s\$$"))
    american.goto(f"{site}/towpilot")
    drawn(american)
    expect(american.get_by_test_id("stMetricValue").first).to_have_text(re.compile(r"^\$\d{2},\d{3}$"))
