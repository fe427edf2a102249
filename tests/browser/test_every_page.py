"""Every page, light and wide in English, dark and narrow in German: it has no error, axe-core no serious
finding of ours, charts say what they show, no number is written for another reader, what the figures are is
labelled, and at each width all of it is in the window."""

import os
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from eqho.ui.navigation import PLACES, Place
from tests.browser.american import american
from tests.browser.conftest import ALL_IN_THE_WINDOW, Open
from tests.services.mongod import missing

NOT_OURS = {"list", "listitem", "svg-img-alt"}
"""In Streamlit's own navigation and in the sparklines of its metric cards."""
OF_PAGES = {"heading-order"}
"""Moderate for axe, and ours."""
WIDTHS = (1440, 1280, 420)
SENT_AS_THEY_STAND = {"alerts"}
"""Pages that show what goes to others."""


@pytest.fixture(scope="session")
def axe() -> str:
    """The script, where `.ci/run` or a developer has put it: `npm install --prefix <folder> axe-core`."""
    folder = Path(
        os.environ.get("AXE_CORE", Path(__file__).resolve().parents[2] / "node_modules" / "axe-core")
    )
    if not (folder / "axe.min.js").is_file():
        missing("axe-core", "npm install --no-save axe-core@4.10.3")
    return (folder / "axe.min.js").read_text()


@pytest.mark.parametrize(("scheme", "locale", "width"), [("light", "en-US", 1440), ("dark", "de-DE", 420)])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.address or "overview")
def test_a_page_is_drawn_and_can_be_read_by_everybody(
    visit: Open, axe: str, place: Place, scheme: Literal["light", "dark"], locale: str, width: int
) -> None:
    page = visit(place.address, scheme=scheme, locale=locale, width=width)
    expect(page.locator("h1")).to_have_text(place.title)
    for label in ("demo data", "clock fixed"):
        expect(page.get_by_test_id("stMain")).to_contain_text(label)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.get_by_test_id("stAlertContentError").all_inner_texts() == []
    if locale == "de-DE" and place.address not in SENT_AS_THEY_STAND:
        assert american(page) == []
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"
    )
    ours = {
        one["id"]: [node["html"][:120] for node in one["nodes"]][:3]
        for one in found
        if one["id"] not in NOT_OURS and (one["impact"] in {"serious", "critical"} or one["id"] in OF_PAGES)
    }
    assert ours == {}
    charts = [chart.get_attribute("aria-label") or "" for chart in page.get_by_test_id("stPlotlyChart").all()]
    assert all(said.endswith(".") for said in charts), charts
    assert len(set(charts)) == len(charts)
    for other in (width, *(one for one in WIDTHS if one != width)):
        page.set_viewport_size({"width": other, "height": 900})
        page.wait_for_function(ALL_IN_THE_WINDOW)
