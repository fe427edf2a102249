"""Journeys through the dashboard in a browser, each in one window."""

import io
from pathlib import Path

import openpyxl

from tests.browser.conftest import Open
from tests.browser.test_exploring import ask


def test_the_workbook_holds_the_numbers_of_the_page(visit: Open, site: str) -> None:
    page = visit("data")
    button = page.get_by_role("button", name="Excel workbook").first
    button.scroll_into_view_if_needed()
    with page.expect_download() as waiting:
        button.click()
    book = openpyxl.load_workbook(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    summary = {row[0]: row for row in book["Summary"].iter_rows(min_row=5, values_only=True)}
    told = ask(site, "metrics/all-products")
    assert summary["MRR"][2] == told["revenue_metrics"]["mrr"]
    assert summary["Customers"][2] == told["customer_metrics"]["customers"]
    assert summary["CAC"][2] == told["cac_metrics"]["cac"]
