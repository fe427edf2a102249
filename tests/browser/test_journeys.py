"""Journeys through the dashboard in a browser, each in one window."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, drawn
from tests.browser.editing import ticked, typed
from tests.browser.test_exploring import ask, click_middle, downloaded

AUTUMN = [
    {"month": f"2026-{month:02}", "category": "Paid ads", "amount": 6_000.0, "currency": "USD"}
    for month in (8, 9, 10)
]


@pytest.fixture
def entered(site: str) -> Iterator[str]:
    """Three months of spend that somebody entered; afterwards the demo's own again."""
    put(site, "spend", AUTUMN)
    yield site
    put(site, "spend", [])


@pytest.fixture
def goals(site: str) -> Iterator[str]:
    yield site
    put(site, "goals", [])


def put(site: str, what: str, rows: list[dict[str, Any]]) -> None:
    answer = httpx.put(f"{site}/api/v1/{what}", json=rows, headers={"If-Match": "*"}, timeout=60)
    answer.raise_for_status()


def shown(page: Page, title: str) -> Locator:
    card = page.locator("[data-testid=stMetric]").filter(has_text=title).last
    return card.locator("[data-testid=stMetricValue]")


def cac_of(page: Page) -> tuple[Locator, str]:
    """The card of Unit economics, and what it says now."""
    card = page.locator("[data-testid=stMetric]").filter(has_text="CAC").first
    return card, card.locator("[data-testid=stMetricValue]").inner_text()


def to_page(page: Page, title: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_text(title, exact=True).click()
    expect(page.locator("h1")).to_have_text(title)
    drawn(page)


def test_a_cell_is_edited_saved_seen_on_overview_and_undone(visit: Open, entered: str) -> None:
    def told() -> tuple[float, float]:
        now = ask(entered, "metrics/all-products")["cac_metrics"]
        return now["cac"], now["payback_months"]

    cac, months = told()
    page = visit()
    expect(shown(page, "Payback")).to_have_text(f"{months:.1f} months")
    to_page(page, "Unit economics")
    card, before = cac_of(page)
    typed(page.locator("[class*='st-key-edit-spend-']"), 2, 3, "24000")
    page.locator(".st-key-save-spend button").click()
    expect(card).not_to_contain_text(before)
    # 36,000 instead of 18,000 for the same customers.
    assert told()[0] == pytest.approx(2 * cac, abs=0.015)
    to_page(page, "Overview")
    expect(shown(page, "Payback")).to_have_text(f"{told()[1]:.1f} months")
    to_page(page, "Unit economics")
    page.locator(".st-key-undo-spend button").click()
    expect(card).to_contain_text(before)
    assert told() == (cac, months)
    to_page(page, "Overview")
    expect(shown(page, "Payback")).to_have_text(f"{months:.1f} months")


def test_an_amount_is_typed_as_the_reader_writes_it(visit: Open, entered: str) -> None:
    page = visit("unit_economics", locale="de-DE")
    card, before = cac_of(page)
    typed(page.locator("[class*='st-key-edit-spend-']"), 1, 3, "1.200,5")
    page.locator(".st-key-save-spend button").click()
    expect(card).not_to_contain_text(before)
    assert [row["amount"] for row in ask(entered, "spend")] == [6_000.0, 1_200.5, 6_000.0]


def test_accounts_of_a_profit_and_loss_are_chosen_saved_and_remembered(
    visit: Open, entered: str, tmp_path: Path
) -> None:
    account = f"Search ads {uuid4().hex[:6]}"

    def report(months: str, amounts: str) -> Path:
        path = tmp_path / f"profit and loss {months}.csv"
        path.write_text(
            "Eqho Inc.,,\nProfit and Loss,,\n,,\n"
            f",{months}\nIncome,,\n   Sales,9000.00,9100.00\nTotal for Income,9000.00,9100.00\n"
            f"Expenses,,\n   {account},{amounts}\n   Rent,900.00,900.00\n"
        )
        return path

    def import_(path: Path) -> None:
        if not page.locator(".st-key-file-profit-and-loss input[type=file]").is_visible():
            page.get_by_text("Import a profit and loss by month").click()
        page.locator(".st-key-file-profit-and-loss input[type=file]").set_input_files(path)

    def categories() -> list[tuple[str, str, float]]:
        rows = httpx.get(f"{entered}/api/v1/spend").json()
        return [(row["month"], row["category"], row["amount"]) for row in rows]

    page = visit("unit_economics")
    card, before = cac_of(page)
    import_(report("Sep 2026,Oct 2026", "3000.50,3500.00"))
    accounts = page.locator("[class*='st-key-choose-accounts-']")
    ticked(accounts, 1, 0)
    expect(page.get_by_text("2 rows of $6,500.50, not saved.")).to_be_visible()
    drawn(page)
    typed(accounts, 1, 2, "Search")
    assert len(categories()) == len(AUTUMN)
    page.get_by_role("button", name="Save them as spend").click()
    expect(page.get_by_text("Spend saved.")).to_be_visible()
    drawn(page)
    assert ("2026-09", "Search", 3_000.5) in categories()
    assert ("2026-10", "Search", 3_500.0) in categories()
    now = ask(entered, "metrics/all-products")["cac_metrics"]
    assert now["spend"] == 18_000 + 6_500.5
    assert now["cac"] == pytest.approx(now["spend"] / now["new_customers"], abs=0.01)
    assert ("Search", 6_500.5) in [(row["category"], row["spend"]) for row in now["by_category"]]
    expect(card).not_to_contain_text(before)

    page = visit("unit_economics")
    import_(report("Jul 2026,Aug 2026", "100.00,200.00"))
    expect(page.get_by_text("Ticked as it was imported the last time.")).to_be_visible()
    expect(page.get_by_text("2 rows of $300.00, not saved.")).to_be_visible()
    page.get_by_role("button", name="Save them as spend").click()
    expect(page.get_by_text("Spend saved.")).to_be_visible()
    assert ("2026-08", "Search", 200.0) in categories()


def test_from_a_number_to_its_customers_to_an_invoice_line_and_back(visit: Open, site: str) -> None:
    page = visit()
    choose(page, "FleetDesk")
    page.wait_for_url("**/?product=fleetdesk")
    drawn(page)
    bars = page.locator("[class*='st-key-waterfall-fleetdesk'] .waterfalllayer .point path")
    click_middle(page, bars.first)
    page.wait_for_url("**/?product=fleetdesk&kind=new")
    heading = page.locator("h2", has_text="New, Oct 2026, FleetDesk")
    expect(heading).to_be_visible()
    drawn(page)
    number = page.url
    first = ask(site, "movements/fleetdesk/customers", period="2026-10", kind="new")["rows"][0]

    customers = page.locator("[class*='st-key-new-2026-10-fleetdesk']").first
    click_row(page, customers, 0)
    page.wait_for_url(f"**/customers?customer={first['customer']}")
    expect(page.locator("h2", has_text=first["name"])).to_be_visible()
    drawn(page)
    spans = downloaded(page, f"spans-{first['customer']}-usd")
    assert any(span["Rests on"] == "Invoice line" and span["Invoice"].startswith("in_") for span in spans)

    page.go_back()
    expect(page.locator("h1")).to_have_text("Overview")
    drawn(page)
    expect(heading).to_be_visible()
    assert page.url == number
    page.go_back()
    expect(heading).to_have_count(0)
    drawn(page)
    assert page.url == f"{site}/?product=fleetdesk"
    page.go_back()
    expect(page.locator("[class*='st-key-waterfall-all-products']")).to_be_visible()
    drawn(page)
    assert page.url == f"{site}/"


def choose(page: Page, option: str) -> None:
    page.get_by_role("radio", name=option, exact=True).first.click()


def click_row(page: Page, table: Locator, row: int) -> None:
    table.scroll_into_view_if_needed()
    expect(table.get_by_test_id(f"glide-cell-0-{row}")).to_be_attached()
    canvas = table.get_by_test_id("data-grid-canvas").bounding_box()
    assert canvas is not None
    page.mouse.click(canvas["x"] + 60, canvas["y"] + 36 + 17 + 34 * row)


def test_a_view_is_saved_and_opened_by_another(visit: Open) -> None:
    name = f"Board {uuid4().hex[:6]}"
    page = visit("trends?metrics=mrr&range=6m")
    choose(page, "Year before")
    page.wait_for_url("**overlay=year**")
    drawn(page)
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()

    other = visit("towpilot")
    other.get_by_role("link", name=name).click()
    expect(other.locator("h1")).to_have_text("Trends")
    drawn(other)
    expect(other.get_by_role("radio", name="Year before")).to_be_checked()


def test_a_goal_is_set_judged_and_undone(visit: Open, goals: str) -> None:
    order = ask(goals, "goals")
    page = visit("forecast")
    place = page.locator("[data-testid=stMain]")
    expect(place.get_by_text("MRR $75,000")).to_be_visible()
    page.get_by_text("Set goals").click()
    table = page.locator("[class*='st-key-edit-goals-']")
    row = next(n for n, goal in enumerate(order) if (goal["metric"], goal["period"]) == ("mrr", "2026-12"))
    typed(table, row, 4, "99000")
    page.locator(".st-key-save-goals button").click()
    expect(place.get_by_text("MRR $99,000")).to_be_visible()
    expect(place.get_by_text("MRR $75,000")).to_have_count(0)
    saved = ask(goals, "goals")
    assert [goal["target"] for goal in saved if goal["period"] == "2026-12" and goal["metric"] == "mrr"] == [
        99_000
    ]
    assert len(saved) == len(order)
    page.locator(".st-key-undo-goals button").click()
    expect(place.get_by_text("MRR $75,000")).to_be_visible()


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
