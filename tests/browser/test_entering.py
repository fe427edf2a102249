"""Entering what Stripe does not know, in a browser: a cell is edited, saved, seen on Overview and undone."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, drawn
from tests.browser.test_exploring import ask

AUTUMN = [
    {"month": f"2026-{month:02}", "category": "Paid ads", "amount": 6_000.0, "currency": "USD"}
    for month in (8, 9, 10)
]

_CURVES = """() => document.querySelector("[class*='st-key-payback-all-products'] .js-plotly-plot")
    ._fullData.map(line => [...line.y])"""


@pytest.fixture
def entered(site: str) -> Iterator[str]:
    """Three months of spend that somebody entered; afterwards the demo's own again."""
    put(site, AUTUMN)
    yield site
    put(site, [])


def put(site: str, rows: list[dict[str, Any]]) -> None:
    httpx.put(f"{site}/api/v1/spend", json=rows, headers={"If-Match": "*"}, timeout=60).raise_for_status()


def shown(page: Page, title: str) -> Any:
    cards = page.locator("[data-testid=stMetric]").filter(has_text=title)
    return cards.locator("[data-testid=stMetricValue]")


def cell(page: Page, grid: str, row: int, column: int) -> None:
    """Selects a cell of a table that is typed in, by the keys: columns have the width of their content."""
    page.locator(f"{grid} [data-testid=stDataFrame]").first.scroll_into_view_if_needed()
    canvas = page.locator(f"{grid} canvas").first.bounding_box()
    assert canvas is not None
    page.mouse.click(canvas["x"] + 90, canvas["y"] + 36 + 17 + 35 * row)
    for _ in range(column):
        page.keyboard.press("ArrowRight")


def test_a_cell_is_edited_saved_seen_on_overview_and_undone(visit: Open, entered: str) -> None:
    def told(path: str) -> float:
        group, name = path.split(".")
        return float(ask(entered, "metrics/all-products")[group][name])

    cac, months = told("cac_metrics.cac"), told("cac_metrics.payback_months")
    page = visit("unit_economics")
    before = shown(page, "CAC").first.inner_text()
    cell(page, "[class*='st-key-edit-spend-']", 2, 2)
    page.keyboard.type("24000")
    page.keyboard.press("Enter")
    page.locator(".st-key-save-spend button").click()
    expect(shown(page, "CAC").first).not_to_have_text(before)
    # 36,000 instead of 18,000 for the same customers.
    assert told("cac_metrics.cac") == pytest.approx(2 * cac, abs=0.01)
    sidebar = page.locator("[data-testid=stSidebarNav]")
    sidebar.get_by_text("Overview", exact=True).click()
    expect(page.locator("h1")).to_have_text("Overview")
    expect(shown(page, "Payback").last).to_have_text(f"{2 * months:.1f} months")
    sidebar.get_by_text("Unit economics", exact=True).click()
    expect(page.locator("h1")).to_have_text("Unit economics")
    drawn(page)
    page.locator(".st-key-undo-spend button").click()
    expect(shown(page, "CAC").first).to_have_text(before)
    assert told("cac_metrics.cac") == cac


def test_the_payback_curve_of_a_cohort_is_what_the_api_says(visit: Open, site: str) -> None:
    cohorts = ask(site, "unit-economics/all-products")["cohorts"]
    page = visit("unit_economics")
    expect(page.locator("[class*='st-key-payback-all-products'] .js-plotly-plot")).to_be_visible()
    drawn(page)
    # The one that began a year before the last.
    chosen = [cohort["cumulative_margin"] for cohort in cohorts if cohort["cumulative_margin"]][-13]
    assert len(chosen) > 6
    assert chosen in page.evaluate(_CURVES)
