"""The Customers page: search, filters, and one customer's history."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]


def names(visit: Visit, **query: Any) -> list[str]:
    tables = visit("customers.py", **query).run().dataframe
    return tables[0].value["name"].tolist() if tables else []


def test_everybody_is_listed_largest_first_as_the_tiers_give_them(visit: Visit) -> None:
    assert names(visit) == [f"Company {number}" for number in (1, 2, 3, 4, 5)]


def test_search_finds_name_plan_and_stripe_id_by_all_words(visit: Visit) -> None:
    assert names(visit, q="company 4") == ["Company 4"]
    assert names(visit, q="CUS_2") == ["Company 2"]
    assert names(visit, q="Office@company3.example") == ["Company 3"]
    assert names(visit, q="standard") == [f"Company {number}" for number in (1, 2, 3, 4, 5)]
    assert names(visit, q="company heavy") == []


def test_filters_by_status_and_line(visit: Visit) -> None:
    assert names(visit, status="trialing") == ["Company 3", "Company 4"]
    assert names(visit, status="trialing,active") == [f"Company {number}" for number in (1, 2, 3, 4, 5)]
    assert names(visit, lines="fleetdesk") == []


def test_nobody_found_is_a_sentence(visit: Visit) -> None:
    assert "Nobody fits the search and the filters." in text(visit("customers.py", q="nobody").run())


def test_one_customer_has_steps_and_the_records_they_rest_on(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("customers.py", customer="cus_1").run()
    steps = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]
    assert (steps["y"], steps["line"]["shape"]) == ([300.0, 401.0, 401.0], "hv")
    spans = app.dataframe[0].value
    assert spans["start"].tolist() == [date(2025, 6, 1), date(2025, 3, 1)]
    assert spans["evidence"].tolist() == ["Proration line", "Invoice line"]
    assert spans["carried"].tolist() == ["No", "Yes"]
    assert spans["invoice_url"].tolist()[0] == "https://dashboard.stripe.com/invoices/in_2"


def test_names_from_stripe_are_literal_text(visit: Visit) -> None:
    app = visit("customers.py", customer="cus_1").run()
    assert r"Company \*1\*" in [title.value for title in app.header]


def test_an_unknown_customer_in_the_url_is_a_sentence(visit: Visit) -> None:
    app = visit("customers.py", customer="cus_nobody").run()
    assert "There is no customer “cus_nobody”" in text(app)
    assert not [*app.error, *app.exception]


def test_back_leads_to_everybody(visit: Visit) -> None:
    app = visit("customers.py", customer="cus_1").run()
    app.button(key="back").click().run()
    assert "customer" not in app.query_params
    assert len(app.dataframe[0].value) == 5
