"""A change is explained in a real browser: by a drag over a trend, and from a card."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import ALL_IN_THE_WINDOW, Open, drawn
from tests.browser.test_exploring import ask, click_middle, downloaded

_DASHES = """() => document.querySelector('.st-key-trend-mrr .js-plotly-plot')
    ._fullData.map(line => line.line?.dash)"""


def box(place: Locator) -> dict[str, float]:
    place.scroll_into_view_if_needed()
    place.element_handle().wait_for_element_state("stable")
    found: Any = place.bounding_box()
    assert found is not None
    return dict(found)


def test_a_drag_over_a_trend_is_explained_down_to_a_customer(visit: Open, site: str) -> None:
    page = visit("trends?metrics=mrr&range=6m&products=towpilot")
    page.get_by_role("radio", name="Year before", exact=True).click()
    page.wait_for_url("**overlay=year**")
    drawn(page)
    assert "dash" in page.evaluate(_DASHES)
    page.get_by_role("radio", name="What changed", exact=True).click()
    page.wait_for_url("**show=drag**")
    drawn(page)
    points = page.locator(".st-key-drag-mrr .scatterlayer .points path.point")
    first, last = box(points.nth(1)), box(points.nth(4))
    page.mouse.move(first["x"] - 10, first["y"] + 30)
    page.mouse.down()
    page.mouse.move(last["x"] - 40, last["y"] + 25, steps=8)
    page.mouse.move(last["x"] + 15, last["y"] + 25, steps=4)
    page.mouse.up()
    page.wait_for_url("**/explain?product=towpilot&from=2026-07-31&to=2026-10-31")
    expect(page.locator("h1")).to_have_text("Explain a change")
    drawn(page)
    start, end = (
        ask(site, "metrics/towpilot", as_of=day)["revenue_metrics"]["mrr"]
        for day in ("2026-07-31", "2026-10-31")
    )
    expect(page.get_by_text(f"${start:,.2f} at the end of Jul 31, 2026")).to_be_visible()
    rows = downloaded(page, "explained-towpilot-2026-07-31-2026-10-31-movement-all")
    # Each cent of the file is rounded for itself; tests/metrics/test_explain.py adds up before that.
    apart = sum(round(100 * float(row["Change"])) for row in rows) - round(100 * (end - start))
    assert abs(apart) <= len(rows) / 2

    bars = page.locator("[class*='st-key-explain-towpilot'] .barlayer .point path")
    click_middle(page, bars.first)
    page.wait_for_url("**pick=new**")
    expect(page.locator("h2", has_text="New")).to_be_visible()
    drawn(page)
    new = downloaded(page, "explained-towpilot-2026-07-31-2026-10-31-movement-new")
    assert {row["Movement"] for row in new} == {"New"}
    page.go_back()
    expect(page.locator("h2", has_text="All customers who changed")).to_be_visible()


def test_a_card_says_why_in_the_same_tab(visit: Open) -> None:
    page = visit()
    page.locator("[data-testid=stMetric] a", has_text="why?").first.click()
    expect(page.locator("h1")).to_have_text("Explain a change")
    drawn(page)
    expect(page.get_by_text("MRR went from")).to_be_visible()
    assert len(page.context.pages) == 1


@pytest.mark.parametrize(
    ("width", "scheme", "by"), [(1440, "dark", "plan"), (1280, "light", "line"), (420, "light", "customer")]
)
def test_the_page_is_drawn(visit: Open, width: int, scheme: Literal["light", "dark"], by: str) -> None:
    page = visit(f"explain?from=2026-05-31&by={by}", width=width, scheme=scheme)
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    assert page.locator("[data-testid=stException]").count() == 0
    page.wait_for_function(ALL_IN_THE_WINDOW)
