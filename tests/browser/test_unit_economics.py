"""Entering spend in a real browser: a file is previewed, saved, seen on Overview, and undone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, drawn

FILE = """month,category,amount,currency
2026-08,Paid ads,5000,USD
2026-09,Paid ads,4000,USD
2026-13,Paid ads,4000,USD
2026-10,Paid ads,3000,USD
"""


def cac(page: Page) -> str:
    card = page.locator("[data-testid=stMetric]").filter(has_text="CAC").first
    return card.locator("[data-testid=stMetricValue]").inner_text()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "spend.csv"
    path.write_text(FILE)
    return path


def test_a_file_is_previewed_saved_seen_and_undone(visit: Open, file: Path) -> None:
    page = visit("unit_economics")
    demo = cac(page)
    expect(page.get_by_text("are demo data, as the company is")).to_be_visible()
    page.get_by_text("Import a CSV or Excel file").first.click()
    page.locator(".st-key-file-spend input[type=file]").set_input_files(file)
    expect(page.get_by_text("One row is wrong and not saved")).to_be_visible()
    expect(page.get_by_text("row 3: month “2026-13” is no month")).to_be_visible()
    assert cac(page) == demo
    page.locator(".st-key-import-spend button").click()
    expect(page.locator(".st-key-undo-spend button")).to_be_visible()
    drawn(page)
    entered = cac(page)
    assert entered != demo
    overview = visit("")
    ratios = overview.locator("[data-testid=stMetric]").filter(has_text="Payback")
    expect(ratios.first).to_contain_text("months")
    page.locator(".st-key-undo-spend button").click()
    expect(page.locator("[data-testid=stMetricValue]").first).not_to_have_text(entered)
