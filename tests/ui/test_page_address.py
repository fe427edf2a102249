"""What the address says reaches the questions of a page, and goes along to the next one."""

from collections.abc import Callable
from datetime import date

from streamlit.testing.v1 import AppTest

from eqho.ui.navigation import PAGES
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]


def test_policy_and_date_of_the_url_reach_every_question(visit: Visit, tiers: FakeTiers) -> None:
    visit(policy="stripe", as_of="2026-06-30")
    assert {(asked.as_of, asked.policy) for asked in tiers.asked} == {(date(2026, 6, 30), "stripe")}
    history = tiers.asked_of("history")[0].view
    assert (history.start, history.end) == (date(2025, 6, 1), date(2026, 6, 30))


def test_without_a_choice_the_settings_policy_and_now_are_asked_for(visit: Visit, tiers: FakeTiers) -> None:
    visit()
    assert {(asked.as_of, asked.policy) for asked in tiers.asked} == {(None, "eqho")}


def test_the_choice_survives_a_change_of_page(visit: Visit, tiers: FakeTiers) -> None:
    app = visit(policy="stripe")
    tiers.asked.clear()
    app.switch_page(str(PAGES / "towpilot.py")).run()
    assert {asked.policy for asked in tiers.asked} == {"stripe"}


def test_an_unknown_product_in_the_url_gets_the_known_ones(visit: Visit) -> None:
    shown = text(visit(product="towpliot"))
    assert (
        "There is no product 'towpliot'; the products are towpilot, all-products, fleetdesk, roadcall, "
        "other, unmapped." in shown
    )


def test_a_product_in_the_url_is_the_one_of_the_waterfall(visit: Visit, tiers: FakeTiers) -> None:
    visit(product="fleetdesk")
    assert [asked.product for asked in tiers.asked_of("movements")] == ["fleetdesk"]


def test_the_url_takes_the_spellings_of_the_api(visit: Visit) -> None:
    app = visit(product="ALL_products")
    assert app.session_state["product"] == "all-products"
    assert not app.warning


def test_a_picked_product_is_in_the_url_and_outlives_a_page_without_it(
    visit: Visit, tiers: FakeTiers
) -> None:
    app = visit(product="fleetdesk")
    app.switch_page(str(PAGES / "towpilot.py")).run()
    app.switch_page(str(PAGES / "overview.py")).run()
    assert "fleetdesk" in app.query_params["product"]
    assert [asked.product for asked in tiers.asked_of("movements")][-1] == "fleetdesk"


def test_a_picked_product_goes_along_to_the_next_page_that_draws_it(visit: Visit, tiers: FakeTiers) -> None:
    visit("movements.py", product="fleetdesk")
    asked = [asked.product for asked in tiers.asked_of("movements")]
    assert asked == ["fleetdesk", "fleetdesk"]
