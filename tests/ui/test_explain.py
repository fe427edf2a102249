"""The page that explains a change: parts that add up, and the customers behind each of them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from eqho.metrics.explain_rows import ExplainedCustomer, ExplainedPlan
from eqho.tiers.question import Question
from eqho.tiers.views import Explain
from eqho.ui.charts.steps import Step, steps_chart
from eqho.ui.pages.explain import By, customer_rows, shortened, steps
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]
TOLD = FakeTiers().view(Explain(date(2026, 10, 31), date(2026, 11, 22)), "all-products").value


@pytest.mark.parametrize("by", ["movement", "line", "plan", "customer"])
def test_the_bars_of_each_grouping_add_up_to_the_change(by: By) -> None:
    assert sum(step.amount for step in steps(TOLD, by)) == TOLD.net


def test_what_a_chart_has_no_room_for_is_one_bar() -> None:
    many = [Step(f"c{n}", f"Customer {n}", 100.0 - n) for n in range(30)]
    shown = shortened(many)
    assert shown[-1] == Step("", "19 others", sum(step.amount for step in many[11:]))
    assert sum(step.amount for step in shown) == sum(step.amount for step in many)
    assert shortened(many[:12]) == many[:12]


def test_each_bar_begins_where_the_one_before_has_ended() -> None:
    chart = steps_chart(steps(TOLD, "movement"), 100.0, "USD", "MRR grew.", "churn")
    (bars,) = chart.figure.data
    assert (list(bars.base), list(bars.x)) == ([0, 1_000, 0], [1_000, -900, 100])
    assert [one[0] for one in bars.customdata] == ["new", "churn", ""]
    assert bars.marker.opacity == (0.35, 1.0, 0.35)
    assert chart.alt == "MRR grew. New +$1,000.00, Churn −$900.00, Net +$100.00."


def names(rows: list[dict[str, Any]]) -> list[tuple[str, float]]:
    return [(row["name"], row["change"]) for row in rows]


def test_the_customers_behind_a_part_make_its_amount() -> None:
    assert names(customer_rows(TOLD, "movement", "churn")) == [("=Bravo [x](y)", -900.0)]
    assert names(customer_rows(TOLD, "line", "fleetdesk")) == [("=Bravo [x](y)", -900.0), ("Echo", 50.0)]
    assert names(customer_rows(TOLD, "plan", "towpilot:Standard")) == [
        ("Delta Recovery", 1_000.0),
        ("Echo", -50.0),
    ]
    assert customer_rows(TOLD, "movement", None)[-1]["movement"] == "Other plan"


def test_of_a_customer_that_rates_moved_too_each_movement_has_its_own_part() -> None:
    plans = [
        ExplainedPlan("expansion", "towpilot", "Standard", before=110.0, after=220.0, change=110.0),
        ExplainedPlan("fx", "towpilot", "Standard", before=-10.0, after=0.0, change=10.0),
    ]
    whole = ExplainedCustomer("cus_6", "Foxtrot", "expansion", 100.0, 220.0, 120.0, plans)
    told = replace(TOLD, customers=[whole])
    assert names(customer_rows(told, "movement", "expansion")) == [("Foxtrot", 110.0)]
    assert names(customer_rows(told, "movement", "fx")) == [("Foxtrot", 10.0)]
    assert names(customer_rows(told, "movement", None)) == [("Foxtrot", 120.0)]


def test_the_page_asks_between_the_days_of_its_url(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("explain.py", product="towpilot", **{"from": "2026-10-31", "to": "2026-11-22"})
    asked = tiers.asked_of("explain")[-1]
    assert asked == Question(Explain(date(2026, 10, 31), date(2026, 11, 22)), "towpilot", None, "eqho")
    assert "MRR went from $2,000.00 at the end of Oct 31, 2026 to $2,100.00 now: +$100.00, +5.0%." in text(
        app
    )
    assert app.dataframe[0].value["change"].tolist() == [1_000.0, -900.0, 0.0]


def test_without_days_it_is_from_the_end_of_last_month_until_now(visit: Visit, tiers: FakeTiers) -> None:
    visit("explain.py")
    assert tiers.asked_of("explain")[-1].view == Explain(date(2026, 10, 31), date(2026, 11, 22))


def test_days_the_other_way_round_are_turned_and_the_same_day_is_said(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("explain.py", **{"from": "2026-11-20", "to": "2026-11-02"})
    assert tiers.asked_of("explain")[-1].view.start == date(2026, 11, 2)
    app.date_input(key="from").set_value(date(2026, 11, 2)).run()
    assert "Both days are the same one" in text(app)


def test_a_part_of_the_url_is_picked(visit: Visit) -> None:
    app = visit("explain.py", pick="churn")
    assert app.dataframe[0].value["name"].tolist() == ["=Bravo [x](y)"]
    assert "1 customer, −$900.00 in all." in text(app)


def test_why_on_a_card_leads_to_the_change_it_tells(visit: Visit) -> None:
    app = visit(policy="stripe")
    told = {card.label: card.proto.delta_description for card in app.metric}
    assert told["MRR"].endswith(
        "[why?](explain?product=all-products&from=2025-11-30&to=2026-11-22&policy=stripe)"
    )
    assert "why?" not in told["Customer churn"]
