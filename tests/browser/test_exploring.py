"""Trends, Movements, Cohorts and Customers in a real browser: clicks, what the URL keeps, the CSVs."""

import csv
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, drawn

TRENDS = "trends?metrics=mrr,customers,nrr_12m&products=towpilot,all-products&overlay=year&range=24m"
_FIGURES = """() => [...document.querySelectorAll('.js-plotly-plot')].map(figure => ({
    lines: figure._fullData.map(line => [line.name, line.line?.color, line.line?.dash, [...line.y]]),
    notes: figure.layout.annotations.map(note => [note.x, note.text]),
}))"""

_POINTS = """() => [...document.querySelectorAll('.js-plotly-plot')].map(
    figure => [...figure._fullData.filter(line => line.mode === 'markers')[0].y])"""


def ask(site: str, path: str, **query: str) -> Any:
    return httpx.get(f"{site}/api/v1/{path}", params=query).raise_for_status().json()


def downloaded(page: Page, key: str) -> list[dict[str, str]]:
    button = page.locator(f".st-key-{key}-csv button").first
    button.scroll_into_view_if_needed()
    with page.expect_download() as waiting:
        button.click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def click_middle(page: Page, target: Locator) -> None:
    target.scroll_into_view_if_needed()
    target.element_handle().wait_for_element_state("stable")
    box = target.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_trends_reloaded_from_their_url_look_the_same(visit: Open) -> None:
    page = visit(TRENDS)
    page.get_by_text("Notes (").click()
    page.get_by_label("What happened").fill("Price <b>rise</b>")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Notes (1)")).to_be_visible()
    drawn(page)
    before = page.evaluate(_FIGURES)
    assert len(before) == 3
    assert [note for figure in before for _, note in figure["notes"]] == ["Price &lt;b&gt;rise&lt;/b&gt;"] * 3
    names = {name for name, *_ in before[0]["lines"]}
    assert names == {"TowPilot", "All products"}
    assert sum(dash == "dash" for _, _, dash, _ in before[0]["lines"]) == 2

    address = page.url
    page.reload()
    drawn(page)
    assert page.evaluate(_FIGURES) == before
    assert page.url == address
    other = visit(address.split("/")[-1])
    assert other.evaluate(_FIGURES) == before


def test_the_csv_of_trends_holds_the_numbers_of_the_screen_and_the_api(visit: Open, site: str) -> None:
    page = visit("trends?metrics=mrr,customers&products=towpilot,all-products&range=6m")
    rows = downloaded(page, "trends")
    points = ask(
        site, "history/towpilot", metrics="mrr,customers", to="2026-11-22", **{"from": "2026-06-01"}
    )["points"]
    assert [
        (row["Period"], float(row["MRR, TowPilot"]), int(row["Customers, TowPilot"])) for row in rows[1:]
    ] == [
        (name, point["mrr"], point["customers"])
        for name, point in zip(
            ["2026-10", "2026-09", "2026-08", "2026-07", "2026-06"], points[-2::-1], strict=True
        )
    ]
    shown = page.evaluate(_POINTS)
    assert shown[0] == [float(row["MRR, TowPilot"]) for row in rows[::-1]]


def test_a_point_of_a_trend_leads_to_the_customers_of_that_day(visit: Open, site: str) -> None:
    page = visit("trends?metrics=mrr&range=6m")
    click_middle(page, page.locator(".st-key-trend-mrr .scatterlayer .points path.point").nth(1))
    expect(page.locator("h2", has_text="Customers on Jul 31, 2026")).to_be_visible()
    rows = downloaded(page, "customers-at-2026-07-31")
    paying = [
        row
        for row in ask(site, "customers/all-products", as_of="2026-07-31", limit="1000")["rows"]
        if row["mrr"]
    ]
    assert [float(row["MRR, All products"]) for row in rows] == [row["mrr"] for row in paying]


def test_a_bar_of_the_movements_leads_to_its_customers(visit: Open, site: str) -> None:
    page = visit("movements")
    bars = page.locator("[class*='st-key-movement-bars'] .barlayer .trace").first
    click_middle(page, bars.locator(".point path").nth(10))
    page.wait_for_url("**period=2026-10&kind=new**")
    expect(page.locator("h2", has_text="New, Oct 2026")).to_be_visible()
    drawn(page)
    rows = downloaded(page, "movement-customers-2026-10-new-all-products")
    behind = ask(site, "movements/all-products/customers", period="2026-10", kind="new")["rows"]
    assert [(row["Stripe id"], float(row["Change"])) for row in rows] == [
        (row["customer"], row["change"]) for row in behind
    ]
    assert len(rows) > 1


def test_the_csv_of_movements_holds_the_rows_of_the_api(visit: Open, site: str) -> None:
    rows = downloaded(visit("movements?product=towpilot"), "movements-mrr-towpilot")
    known = ask(site, "movements/towpilot", to="2026-11-22", **{"from": "2025-12-01"})["rows"]
    assert [
        (float(row["Start"]), float(row["New"]), float(row["Churn"]), float(row["End"])) for row in rows
    ] == [(row["start"], row["new"], row["churn"], row["end"]) for row in known[::-1]]


def test_a_cell_of_a_cohort_leads_to_its_customers(visit: Open, site: str) -> None:
    page = visit("cohorts")
    click_middle(page, page.locator(".st-key-cohort-map .scatterlayer .points path.point").last)
    expect(page.locator("h2", has_text="Cohort of Oct 2026")).to_be_visible()
    sizes = {row["cohort"]: row["size"] for row in ask(site, "cohorts/all-products")["cohorts"]}
    assert len(downloaded(page, "cohort-2026-10-all-products")) == sizes["2026-10"]


def test_a_customer_is_opened_from_the_list_and_from_its_url(visit: Open, site: str) -> None:
    first = ask(site, "customers/all-products", limit="1")["rows"][0]
    page = visit("customers")
    canvas = page.locator(".st-key-customers canvas").first.bounding_box()
    assert canvas is not None
    page.mouse.click(canvas["x"] + 60, canvas["y"] + 36 + 17)
    page.wait_for_url(f"**/customers?customer={first['customer']}")
    expect(page.locator("h2", has_text=first["name"])).to_be_visible()
    other = visit(f"customers?customer={first['customer']}")
    spans = downloaded(other, f"spans-{first['customer']}-usd")
    assert sum(float(row["MRR"]) for row in spans if not row["To"]) == first["mrr"]


def test_the_product_goes_along_from_page_to_page(visit: Open) -> None:
    page = visit("movements?product=towpilot")
    page.get_by_test_id("stSidebar").get_by_text("Cohorts").click()
    expect(page.locator("h1")).to_have_text("Cohorts")
    drawn(page)
    page.wait_for_url("**/cohorts?product=towpilot")
