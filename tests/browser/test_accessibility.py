"""Every page, light and in English, dark and in German: axe-core has no serious finding of ours, charts say
what they show, and no number is written for another reader."""

import os
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from eqho.ui.navigation import PLACES
from tests.browser.american import american
from tests.browser.conftest import Open
from tests.services.mongod import missing

NOT_OURS = {"list", "listitem", "svg-img-alt"}
"""In Streamlit's own navigation and in the sparklines of its metric cards."""
OF_PAGES = {"heading-order"}
"""Moderate for axe, and ours."""
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


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-US"), ("dark", "de-DE")])
@pytest.mark.parametrize("address", [place.address for place in PLACES])
def test_a_page_can_be_read_by_everybody(
    visit: Open, axe: str, address: str, scheme: Literal["light", "dark"], locale: str
) -> None:
    page = visit(address, scheme=scheme, locale=locale)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    if locale == "de-DE" and address not in SENT_AS_THEY_STAND:
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
