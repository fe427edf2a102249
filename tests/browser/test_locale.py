"""A reader whose browser asks for German: her numbers, her dates, and nothing of another's."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open

_GERMAN, _AMERICAN = re.compile(r"^\d{2}\.\d{3}\s\$$"), re.compile(r"^\$\d{2},\d{3}$")


def test_cards_sentences_and_charts_are_german(visit: Open) -> None:
    german = visit(locale="de-DE")
    expect(german.get_by_test_id("stMetricValue").first).to_have_text(_GERMAN)
    expect(german.get_by_test_id("stMarkdown").get_by_text("MRR went from")).to_contain_text("16. Nov. 2026")
    chart = german.get_by_test_id("stPlotlyChart").first
    expect(chart.get_by_text("20k\u00a0$", exact=True)).to_be_visible()
    expect(chart.get_by_text("Juli", exact=True).first).to_be_visible()
    expect(german.get_by_role("figure").first).to_have_accessible_name(re.compile(r"to 76\.553,98\s\$"))


def test_two_readers_keep_their_own(visit: Open) -> None:
    first, american, again = (visit("towpilot", locale=locale) for locale in ("de-DE", "en-US", "de-DE"))
    for page, written in ((first, _GERMAN), (american, _AMERICAN), (again, _GERMAN)):
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(written)
