"""Every page over hand-made answers: what is on it."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from pandas.api.types import is_numeric_dtype
from streamlit.testing.v1 import AppTest

from eqho.metrics.document_fields import IssueRow, ProductRow
from eqho.tiers.recorded_views import Changes
from eqho.ui.navigation import PLACES, Place
from tests.ui.fake_document import document
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import charts, metrics, text

Visit = Callable[..., AppTest]


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


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_a_column_of_numbers_holds_numbers(visit: Visit, place: Place) -> None:
    for table in visit(place.file).dataframe:
        for name, told in json.loads(table.proto.columns).items():
            if name in table.value and told.get("type_config", {}).get("type") == "number":
                assert is_numeric_dtype(table.value[name]) or table.value[name].isna().all(), name
