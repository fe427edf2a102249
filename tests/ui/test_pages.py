"""Every page over hand-made answers: what is on it, and what it says when something is wrong."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from pandas.api.types import is_numeric_dtype
from streamlit.testing.v1 import AppTest

from eqho.errors import NoBuild
from eqho.issues import Issue
from eqho.metrics.document_fields import IssueRow, ProductRow
from eqho.store.base import StoreUnavailable
from eqho.tiers.recorded_views import Changes
from eqho.ui.navigation import PAGES, PLACES, Place
from tests.ui.fake_tiers import FakeTiers, document

Visit = Callable[..., AppTest]


def metrics(app: AppTest, label: str) -> list[str]:
    return [metric.value.replace("\\", "") for metric in app.metric if metric.label == label]


def charts(app: AppTest) -> list[dict[str, object]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def text(app: AppTest) -> str:
    shown = [
        *app.markdown,
        *app.caption,
        *app.title,
        *app.header,
        *app.subheader,
        *app.warning,
        *app.error,
        *app.info,
    ]
    said = "\n".join(element.value for element in shown)
    return said.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_a_run_of_a_page_asks_each_question_once(visit: Visit, tiers: FakeTiers, place: Place) -> None:
    app = visit(place.file)
    tiers.asked.clear()
    app.run()
    assert place.has_more_than_numbers or tiers.asked
    assert [question for question, times in Counter(tiers.asked).items() if times > 1] == []


def test_what_was_asked_in_one_run_is_asked_anew_in_the_next(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("movements.py")
    runs = []
    for _ in range(2):
        tiers.asked.clear()
        app.run()
        runs.append(list(tiers.asked))
    assert runs[0] == runs[1] != []


@pytest.mark.parametrize("file", ["overview.py", "towpilot.py", "all_products.py", "data.py"])
def test_every_page_is_drawn_without_an_error(visit: Visit, file: str) -> None:
    app = visit(file)
    assert [error.value for error in [*app.exception, *app.error]] == []
    assert len(app.title) == 1


def test_overview_shows_both_products_side_by_side(visit: Visit) -> None:
    app = visit()
    assert metrics(app, "MRR") == ["$46,000", "$76,667"]
    assert metrics(app, "Customers") == ["83", "138"]
    assert metrics(app, "Customer churn") == ["2.5%", "2.5%"]


def test_a_number_that_is_not_defined_is_a_dash_with_the_reason_under_it(visit: Visit) -> None:
    app = visit()
    assert metrics(app, "LTV / CAC") == ["—", "—"]
    card = next(metric for metric in app.metric if metric.label == "LTV / CAC")
    reason = "No sales and marketing spend is entered for the 3 closed months before"
    assert card.proto.delta_description == reason


def test_a_churn_that_rose_over_the_year_is_bad_news_though_it_fell_last_month(visit: Visit) -> None:
    card = next(metric for metric in visit().metric if metric.label == "Customer churn")
    assert card.delta == "+0.5 pp"
    assert card.proto.delta_description == "since Nov 2025; −1.5 pp since Sep"
    assert card.proto.color == card.proto.MetricColor.RED


def test_the_waterfall_is_last_months_not_the_running_ones(visit: Visit) -> None:
    app = visit()
    waterfall = next(c for c in charts(app) if c["data"][0]["type"] == "waterfall")  # type: ignore[index]
    assert waterfall["data"][0]["x"] == [  # type: ignore[index]
        "New", "Reactivation", "Expansion", "Contraction", "Churn", "Net",
    ]  # fmt: skip


def test_this_week_is_told_in_sentences_that_lead_to_their_customers(visit: Visit, tiers: FakeTiers) -> None:
    app = visit()
    said = next(one.value for one in app.markdown if one.value.startswith("- ")).replace("\\", "")
    week = "explain?product=all-products&from=2026-11-15&to=2026-11-22"
    assert said.split("\n") == [
        "- MRR went from **$75,936.67** to **$76,666.67** since Nov 16, 2026: **+$730.00**.",
        f"- [1 new customer]({week}&pick=new) brings **$1,150.00**: [Harbor Tow](customers?customer=cus_9).",
        f"- [1 customer]({week}&pick=churn) was lost with **$420.00**: "
        "[North [Fleet](x)](customers?customer=cus_8).",
        "- [1 trial](customers?status=trialing) ends in the next 7 days and would bring **$449.00**: "
        "[Company 3](customers?customer=cus_3).",
    ]
    assert [asked.view for asked in tiers.asked_of("changes")] == [Changes(6)]


def test_every_change_of_the_week_is_in_a_table(visit: Visit) -> None:
    table = visit().dataframe[-1].value
    assert table["kind"].tolist() == ["New", "Churn"]
    assert table["line"].tolist() == ["TowPilot", "FleetDesk"]
    assert table["change"].tolist() == [1_150.0, -420.0]


def test_towpilot_shows_its_tiers_and_the_customers_at_risk(visit: Visit) -> None:
    app = visit("towpilot.py")
    tables = [frame.value for frame in app.dataframe]
    tiers = next(table for table in tables if "tier" in table)
    assert tiers["mrr"].tolist() == [13_500, 14_300, 10_750, 5_940, 1_510]
    risk = next(table for table in tables if list(table) == ["name", "mrr", "stripe_url", "plans"])
    assert risk["name"].tolist() == ["Company 1"]
    leaving = next(table for table in tables if "scheduled_churn" in table)
    assert leaving["scheduled_churn"].tolist() == [date(2026, 12, 4)]


def test_a_link_that_is_not_https_is_not_a_link(visit: Visit) -> None:
    tables = [frame.value for frame in visit("towpilot.py").dataframe]
    trials = next(table for table in tables if "trial_end" in table)
    assert trials["stripe_url"].dropna().tolist() == ["https://dashboard.stripe.com/customers/cus_3"]


def test_all_products_warns_of_what_is_mapped_to_no_line(visit: Visit, tiers: FakeTiers) -> None:
    assert "$3,833.33 of 6 customers is in no product line" in text(visit("all_products.py"))
    full = document()
    mapped = [row for row in full.products or () if row.product != "unmapped"]
    nothing = ProductRow("unmapped", customers=0, mrr=0.0, share=0.0)
    tiers.changed["all-products"] = replace(full, products=[*mapped, nothing])
    assert "is in no product line" not in text(visit("all_products.py"))


def test_other_currencies_stand_apart(visit: Visit, tiers: FakeTiers) -> None:
    sentence = "1,200.0 EUR of MRR is shown apart and is in no total."
    issue = IssueRow("currency_apart", sentence, 1)
    tiers.changed["all-products"] = replace(document(), issues=[issue])
    assert sentence in text(visit("all_products.py"))


def test_data_shows_coverage_issues_bridge_and_settings(visit: Visit) -> None:
    tables = [frame.value for frame in visit("data.py").dataframe]
    _permissions, coverage, issues, bridge, settings = tables
    assert coverage["kind"].tolist() == ["Customers", "Subscriptions"]
    assert coverage["objects"].tolist() == [150, 171]
    assert issues["subjects"].tolist() == ["sub_1, sub_2"]
    assert bridge["amount"].tolist() == [80_000, -3_333.33, 76_666.67]
    assert bridge["count"].tolist() == [3, 1, 2]
    assert settings["value"].tolist() == ["set, ends …x9f2"]


def test_how_to_connect_comes_first_while_demo_data_is_shown_and_every_page_leads_there(
    visit: Visit, application: SimpleNamespace, tiers: FakeTiers
) -> None:
    assert visit("data.py").main.header[0].value == "Connect"
    assert [one.label for one in visit().sidebar.get("page_link")] == ["Connect your own data"]
    application.settings.source = "stripe"
    tiers.provenance = replace(tiers.provenance, source="stripe")
    assert visit("data.py").main.header[-2].value == "Connect"
    assert not visit().sidebar.get("page_link")


def test_what_was_found_is_told_from_what_was_computed(visit: Visit) -> None:
    shown = text(visit("data.py"))
    assert "Hit rate: **97.0% of 100**" in shown
    assert "Hits, p50 / p95 / p99: **0.036 / 0.080 / 0.110 ms**" in shown
    assert "Misses, p50 / p99: **12.5 / 167 ms**" in shown
    assert "97.0% hits of 100, p50 0.036 ms, misses 12.5 ms, 12 entries" in shown


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


def test_demo_data_and_a_fixed_clock_are_always_labelled(visit: Visit) -> None:
    shown = text(visit())
    assert "demo data" in shown
    assert "Clock fixed at Nov 22, 2026, 12:00 UTC (EQHO_NOW)" in shown


def test_a_stale_build_says_so_with_its_reason(visit: Visit, tiers: FakeTiers) -> None:
    tiers.provenance = tiers.provenance.__class__(
        "L2", 7_200.0, "stripe", 7, True, "Stripe did not answer: check the network.",
        tiers.provenance.refreshed_at - 7_200,
    )  # fmt: skip
    shown = text(visit())
    assert "stale, 2 h ago" in shown
    assert "Stripe did not answer: check the network." in shown
    assert "demo data" not in shown


def test_refresh_and_clear_tell_what_they_did(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("towpilot.py")
    app.button(key="refresh-product").click().run()
    assert "Refreshing TowPilot" in app.toast[0].value
    app.button(key="refresh-all").click().run()
    assert "you joined it" in app.toast[0].value
    app.button(key="clear-caches").click().run()
    assert app.toast[0].value.startswith("Cleared 12 entries in memory and 34 cached pages of Stripe.")
    assert tiers.refreshes == 2


def test_an_account_without_subscriptions_is_asked_about_on_the_page(visit: Visit, tiers: FakeTiers) -> None:
    tiers.found = [Issue("no_subscriptions", "This key sees 0 subscriptions: is it the right account?")]
    assert "This key sees 0 subscriptions: is it the right account?" in text(visit())


def test_a_source_that_stands_in_for_another_is_told_above_every_page(visit: Visit, tiers: FakeTiers) -> None:
    tiers.found = [Issue("fell_back", "Stripe refuses the key: Supabase stands in for Stripe.")]
    for page in ("overview.py", "customers.py"):
        assert "Supabase stands in for Stripe." in text(visit(page))


def test_everything_can_be_read_again_after_a_question(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("data.py")
    assert any("Lists every object at the source again" in text.value for text in app.markdown)
    app.button(key="refresh-full").click().run()
    assert "Everything is being read again" in app.toast[0].value
    assert (tiers.refreshes, tiers.full_refreshes) == (1, 1)


def test_a_first_sync_shows_how_far_it_is_and_asks_for_no_number(visit: Visit, tiers: FakeTiers) -> None:
    tiers.generation = 0
    tiers.running = {
        "running": True,
        "sentence": "Reading invoices at 12.0 requests/s.",
        "fraction": 0.4,
        "seconds_left": 95.0,
        "kinds": {"customer": {"label": "customers", "objects": 1_500, "pages": 15, "done": True}},
    }
    app = visit()
    shown = text(app)
    assert "Reading invoices at 12.0 requests/s." in shown
    assert "Customers: 1,500 read ✓" in shown
    assert not [*app.error, *app.metric]
    assert tiers.asked == []


def test_a_first_sync_that_failed_says_why_and_can_be_tried_again(visit: Visit, tiers: FakeTiers) -> None:
    tiers.generation, tiers.reason = 0, "Stripe refuses the key: put a valid one in STRIPE_SECRET_KEY."
    app = visit()
    assert tiers.reason in text(app)
    assert tiers.refreshes == 0
    next(button for button in app.button if button.label == "Try again").click().run()
    assert tiers.refreshes == 1


def test_settings_can_be_read_while_there_are_no_numbers(visit: Visit, tiers: FakeTiers) -> None:
    tiers.generation, tiers.reason = 0, "Stripe refuses the key: put a valid one in STRIPE_SECRET_KEY."
    app = visit("data.py")
    assert tiers.reason in text(app)
    assert app.dataframe[-1].value["name"].tolist() == ["STRIPE_SECRET_KEY"]
    assert not [*app.error, *app.exception]


def test_a_build_that_is_not_there_after_all_is_a_sentence(visit: Visit, tiers: FakeTiers) -> None:
    tiers.failure = NoBuild("Nothing is stored yet.", {})
    app = visit()
    assert "Nothing is stored yet." in text(app)
    assert not app.error


def test_a_store_that_does_not_answer_is_one_sentence(visit: Visit, tiers: FakeTiers) -> None:
    tiers.failure = StoreUnavailable("MongoDB does not answer: check that the server at MONGODB_URL runs.")
    app = visit()
    assert [error.value.replace("\\", "") for error in app.error] == [str(tiers.failure)]
    assert not app.exception


def test_an_outage_of_the_store_says_since_when(visit: Visit, tiers: FakeTiers) -> None:
    tiers.away = (datetime(2026, 11, 22, 11, 5, tzinfo=UTC), "MongoDB does not answer.")
    assert (
        "MongoDB does not answer. Since Nov 22, 2026, 11:05 UTC the last good numbers are shown, "
        "refreshed 3 min ago; they are refreshed as soon as it answers." in text(visit())
    )


def test_data_and_cache_is_drawn_to_its_end_while_the_store_is_away(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> dict[str, int]:
        raise StoreUnavailable("MongoDB does not answer: start it.")

    monkeypatch.setattr("eqho.ui.queries.coverage", away)
    app = visit("data.py")
    assert "What is stored cannot be read now. MongoDB does not answer" in text(app)
    assert app.dataframe[-1].value["name"].tolist() == ["STRIPE_SECRET_KEY"]
    assert not [*app.error, *app.exception]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_a_page_says_once_that_the_store_is_away(
    visit: Visit, tiers: FakeTiers, application: SimpleNamespace, place: Place
) -> None:
    outage = "MongoDB does not answer."

    def away(*_: object) -> None:
        raise StoreUnavailable(outage)

    tiers.away = (datetime(2026, 11, 22, 11, 5, tzinfo=UTC), outage)
    application.store.inputs = application.store.count_objects = away
    application.messenger.preview = application.messenger.copies = application.comparisons.all = away
    app = visit(place.file)
    assert text(app).count(outage) == 1
    assert not [*app.error, *app.exception]


def test_a_refresh_that_failed_is_said_above_the_page_with_the_age_of_what_is_shown(
    visit: Visit, tiers: FakeTiers
) -> None:
    tiers.failed = "Stripe does not answer: check the network."
    app = visit()
    assert [one.value for one in app.main.warning] == [
        "Stripe does not answer\\: check the network\\. The last good numbers are shown, "
        "refreshed 3 min ago; it is tried again by itself."
    ]
    # What keeps the refresh from its work is said once.
    tiers.away = (datetime(2026, 11, 22, 11, 5, tzinfo=UTC), tiers.failed)
    assert [one.value.count("Stripe does not answer") for one in visit().main.warning] == [1]


def test_what_nobody_foresaw_goes_to_the_log_and_not_to_the_screen(
    visit: Visit, tiers: FakeTiers, caplog: pytest.LogCaptureFixture
) -> None:
    tiers.failure = ZeroDivisionError("secret detail")
    app = visit()
    assert "secret detail" not in text(app)
    assert not app.exception
    reference = app.error[-1].value.split("reference ")[1].rstrip(".")
    assert reference in caplog.text


def test_nobody_gets_in_where_addresses_are_listed_but_no_login_is_set_up(
    visit: Visit, application: SimpleNamespace, tiers: FakeTiers
) -> None:
    application.settings.allowed_emails = ("founder@eqho.example",)
    app = visit()
    assert "there is nothing to log in with" in app.error[0].value
    assert not app.metric
    assert tiers.asked == []


@pytest.mark.parametrize(
    ("auth", "labels"),
    [
        ({"client_id": "x"}, ["Log in"]),
        (
            {"google": {"client_id": "x"}, "okta": {"client_id": "y"}},
            ["Log in with Google", "Log in with Okta"],
        ),
    ],
)
def test_with_a_login_set_up_a_visitor_sees_the_door_only(
    visit: Visit, tiers: FakeTiers, auth: dict[str, Any], labels: list[str]
) -> None:
    app = visit(secrets={"auth": auth})
    assert [button.label for button in app.button] == labels
    assert not app.metric
    assert tiers.asked == []


def test_a_picked_product_goes_along_to_the_next_page_that_draws_it(visit: Visit, tiers: FakeTiers) -> None:
    visit("movements.py", product="fleetdesk")
    asked = [asked.product for asked in tiers.asked_of("movements")]
    assert asked == ["fleetdesk", "fleetdesk"]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_a_column_of_numbers_holds_numbers(visit: Visit, place: Place) -> None:
    for table in visit(place.file).dataframe:
        for name, told in json.loads(table.proto.columns).items():
            if name in table.value and told.get("type_config", {}).get("type") == "number":
                assert is_numeric_dtype(table.value[name]) or table.value[name].isna().all(), name
