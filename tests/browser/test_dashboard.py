"""The dashboard in a real browser: every page, wide and narrow, light and dark, and its numbers."""

import re
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Page, expect

from eqho.ui import format as fmt
from tests.browser.conftest import Open, drawn


def metrics(site: str, product: str, **query: str) -> dict[str, Any]:
    answer: dict[str, Any] = (
        httpx.get(f"{site}/api/v1/metrics/{product}", params=query).raise_for_status().json()
    )
    return answer


def cards(page: Page) -> dict[str, list[str]]:
    """Title → values, in the order of the page."""
    found: dict[str, list[str]] = {}
    for card in page.locator("[data-testid=stMetric]").all():
        title = card.locator("[data-testid=stMetricLabel]").inner_text().strip()
        found.setdefault(title, []).append(card.locator("[data-testid=stMetricValue]").inner_text().strip())
    return found


def headline(document: dict[str, Any], path: str, unit: Any = "money") -> str:
    group, field = path.split(".")
    return fmt.value(document[group][field], unit, document["currency"], headline=True)


def test_overview_shows_the_numbers_of_the_api(visit: Open, site: str) -> None:
    shown = cards(visit())
    both = [metrics(site, "towpilot"), metrics(site, "all-products")]
    assert shown["MRR"] == [headline(one, "revenue_metrics.mrr") for one in both]
    assert shown["ARR"] == [headline(one, "revenue_metrics.arr") for one in both]
    assert shown["ARPA"] == [headline(one, "revenue_metrics.arpa") for one in both]
    assert shown["Customers"] == [headline(one, "customer_metrics.customers", "count") for one in both]
    assert shown["NRR, 12 months"] == [headline(one, "retention_metrics.nrr_12m", "rate") for one in both]
    assert float(both[1]["revenue_metrics"]["mrr"]) > float(both[0]["revenue_metrics"]["mrr"]) > 0


def test_a_past_date_and_stripes_policy_come_from_the_url(visit: Open, site: str) -> None:
    shown = cards(visit("towpilot?as_of=2026-06-30&policy=stripe"))
    document = metrics(site, "towpilot", as_of="2026-06-30", policy="stripe")
    assert shown["MRR"] == [headline(document, "revenue_metrics.mrr")]
    assert document["revenue_metrics"]["mrr"] != metrics(site, "towpilot")["revenue_metrics"]["mrr"]


def test_a_number_that_is_not_defined_is_a_dash_with_its_reason(visit: Open, site: str) -> None:
    page = visit("towpilot?as_of=2023-11-20")
    card = page.locator("[data-testid=stMetric]", has_text="NRR").first
    reason = metrics(site, "towpilot", as_of="2023-11-20")["undefined"]["retention_metrics.nrr_12m"]
    expect(card.locator("[data-testid=stMetricValue]")).to_have_text("—")
    expect(card).to_contain_text(reason[1:])


def test_a_click_on_the_waterfall_names_its_customers(visit: Open, site: str) -> None:
    page = visit()
    chart = page.locator("[class*='st-key-waterfall-all-products']")
    chart.scroll_into_view_if_needed()
    box = chart.locator(".waterfalllayer .point path").nth(0).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("h2", has_text="New, Oct 2026, All products")).to_be_visible()


def test_the_choice_is_in_the_url_and_survives_page_switch_and_reload(visit: Open) -> None:
    page = visit()
    page.locator("[data-testid=stSidebar]").get_by_text("Stripe parity").click()
    page.wait_for_url("**policy=stripe*")
    page.locator("[data-testid=stSidebarNav]").get_by_text("TowPilot").click()
    expect(page.locator("h1")).to_have_text("TowPilot")
    page.wait_for_url("**/towpilot?*policy=stripe*")
    page.reload()
    drawn(page)
    expect(page.get_by_text("Stripe parity policy")).to_be_visible()


def test_an_unknown_page_is_answered_with_the_known_ones(visit: Open) -> None:
    page = visit("towpliot")
    expect(page.get_by_text("There is no page /towpliot; this is the overview.")).to_be_visible()


def test_an_unknown_product_is_answered_with_the_known_ones(visit: Open) -> None:
    expect(visit("?product=towpliot").get_by_text("There is no product 'towpliot'")).to_be_visible()


def test_on_paper_there_is_the_page_alone(visit: Open) -> None:
    page = visit("movements")
    page.emulate_media(media="print")
    for id_of_what_is_clicked in ("stSidebar", "stHeader", "stDownloadButton"):
        expect(page.get_by_test_id(id_of_what_is_clicked).first).to_be_hidden()
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    expect(page.locator("h1")).to_be_visible()


def test_refresh_and_clear_answer_and_leave_the_numbers(visit: Open, site: str) -> None:
    page = visit("towpilot")
    before = cards(page)["MRR"]
    page.get_by_role("button", name="Refresh TowPilot").click()
    answered = re.compile("Refreshing TowPilot|A refresh is running already")
    expect(page.locator("[data-testid=stToast]", has_text=answered).first).to_be_visible()
    page.get_by_role("button", name="Clear caches").click()
    expect(page.locator("[data-testid=stToast]", has_text="Cleared").first).to_contain_text(
        "History is kept."
    )
    drawn(page)
    assert cards(page)["MRR"] == before


def test_charts_take_the_colours_of_the_theme(visit: Open) -> None:
    def first_bar(scheme: Literal["light", "dark"]) -> str:
        page = visit("all_products", scheme=scheme)
        colour: str = page.locator("[class*='st-key-mrr-by-line'] .barlayer .point path").first.evaluate(
            "e => getComputedStyle(e).fill"
        )
        return colour

    assert first_bar("light") == "rgb(47, 86, 200)"
    assert first_bar("dark") == "rgb(127, 157, 255)"


def test_a_csv_holds_the_numbers_of_the_table(visit: Open, site: str) -> None:
    page = visit("towpilot")
    with page.expect_download() as waiting:
        page.locator(".st-key-tiers-table-csv button").first.click()
    lines = Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Tier,Customers,MRR,ARPA,Share,Currency,Policy,As of"
    tiers = metrics(site, "towpilot")["tiers"]
    assert [line.split(",")[:3] for line in lines[1:]] == [
        [tier["tier"], str(tier["customers"]), str(tier["mrr"])] for tier in tiers
    ]
