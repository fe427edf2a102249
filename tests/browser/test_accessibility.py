"""axe-core on every page, light and dark: no serious finding of ours, and charts that say what they show."""

import os
from pathlib import Path
from typing import Any, Literal

import pytest

from eqho.ui.navigation import PLACES
from tests.browser.conftest import Open
from tests.services.mongod import missing

NOT_OURS = {"list", "listitem", "svg-img-alt"}
"""In Streamlit's own navigation and in the sparklines of its metric cards."""
OF_PAGES = {"heading-order"}
"""Moderate for axe, and ours."""


@pytest.fixture(scope="session")
def axe() -> str:
    """The script, where `.ci/run` or a developer has put it: `npm install --prefix <folder> axe-core`."""
    folder = Path(
        os.environ.get("AXE_CORE", Path(__file__).resolve().parents[2] / "node_modules" / "axe-core")
    )
    if not (folder / "axe.min.js").is_file():
        missing("axe-core", "npm install --no-save axe-core@4.10.3")
    return (folder / "axe.min.js").read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", [place.address for place in PLACES])
def test_no_page_has_a_serious_finding_of_ours(
    visit: Open, axe: str, address: str, scheme: Literal["light", "dark"]
) -> None:
    page = visit(address, scheme=scheme)
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
