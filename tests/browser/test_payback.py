"""What was entered, as a browser draws it."""

from playwright.sync_api import expect

from tests.browser.conftest import Open, drawn
from tests.browser.test_exploring import ask

_CURVES = """() => document.querySelector("[class*='st-key-payback-all-products'] .js-plotly-plot")
    ._fullData.map(line => [...line.y])"""


def test_the_payback_curve_of_a_cohort_is_what_the_api_says(visit: Open, site: str) -> None:
    cohorts = ask(site, "unit-economics/all-products")["cohorts"]
    page = visit("unit_economics")
    expect(page.locator("[class*='st-key-payback-all-products'] .js-plotly-plot")).to_be_visible()
    drawn(page)
    # The one that began a year before the last.
    chosen = [cohort["cumulative_margin"] for cohort in cohorts if cohort["cumulative_margin"]][-13]
    assert len(chosen) > 6
    assert chosen in page.evaluate(_CURVES)
