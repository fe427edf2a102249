"""Entering spend in a real browser: a file is previewed, saved, seen on Overview, and undone."""

from pathlib import Path

import httpx
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
    expect(page.get_by_text("Demo data, as the company is")).to_be_visible()
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


def test_an_export_of_an_ad_platform_is_confirmed_and_saved(visit: Open, site: str, tmp_path: Path) -> None:
    export = tmp_path / "google ads.csv"
    export.write_text(
        "Campaign performance\nOctober 2026\nDay,Campaign,Currency code,Cost\n"
        '2026-10-01,Brand,USD,"1,200.50"\n2026-10-02,Brand,USD,99.50\nTotal,,USD,"1,300.00"\n'
    )
    before = httpx.get(f"{site}/api/v1/spend").json()
    page = visit("unit_economics")
    page.get_by_text("Import spend of an ad platform or card").click()
    page.locator(".st-key-file-spend-export input[type=file]").set_input_files(export)
    expect(page.get_by_text("The file adds up to 1 entry by month and category, not saved")).to_be_visible()
    assert httpx.get(f"{site}/api/v1/spend").json() == before
    page.get_by_role("button", name="Save them as spend").click()
    expect(page.locator(".st-key-undo-spend button")).to_be_visible()
    saved = httpx.get(f"{site}/api/v1/spend").json()
    wanted = {"month": "2026-10", "category": "Paid ads", "amount": 1300.0, "currency": "USD"}
    assert wanted in saved
    page.locator(".st-key-undo-spend button").click()
    expect(page.locator("[data-testid=stToast]").first).to_be_visible()
