"""The Movements page: what the URL picks, and the customers behind it."""

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from eqho.metrics.rows import MovementCustomers as MovementCounts
from eqho.metrics.rows import MovementRow
from eqho.tiers.views import MovementCustomers
from eqho.ui.charts.movements import Picked, movement_bars
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]
COUNTS = MovementCounts(
    start=90, new=5, reactivation=0, expansion=4, entering=0, contraction=2, churn=3, leaving=0, end=92
)
OCTOBER = MovementRow(
    period="2026-10", start=70_000.0, new=3_200.0, reactivation=0.0, expansion=1_900.0, entering=0.0,
    contraction=700.0, churn=1_500.0, leaving=0.0, fx=0.0, end=72_900.0, customers=COUNTS, open=False,
)  # fmt: skip


def test_gains_stand_above_the_line_and_losses_below() -> None:
    bars = movement_bars([OCTOBER], "mrr", "usd", None).figure.data
    assert [(bar.name, bar.y[0]) for bar in bars] == [
        ("New", 3_200.0),
        ("Expansion", 1_900.0),
        ("Contraction", -700.0),
        ("Churn", -1_500.0),
    ]
    assert bars[0].customdata[0][0] == "2026-10 new"


def test_customers_are_counted_instead_of_added_up() -> None:
    bars = movement_bars([OCTOBER], "customers", "usd", None).figure.data
    assert [bar.y[0] for bar in bars] == [5, 4, -2, -3]
    assert bars[3].customdata[0][1] == "−3"


def test_the_picked_bar_is_outlined() -> None:
    bars = movement_bars([OCTOBER], "mrr", "usd", Picked("2026-10", "churn")).figure.data
    assert [bar.marker.line.width[0] for bar in bars] == [0, 0, 0, 2]


def test_without_a_pick_the_last_closed_month_is_shown(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("movements.py")
    assert "All movements, Oct 2026" in text(app)
    assert tiers.asked_of("movement_customers")[-1].view == MovementCustomers("2026-10")


def test_who_came_and_went_within_the_month_is_named_where_movements_and_cohorts_meet(visit: Visit) -> None:
    said = (
        "1 customer came and went within the month (Brief [Tow](x)): part of its cohort, and in no movement."
    )
    assert said in text(visit("movements.py"))
    assert said in text(visit())
    assert said not in text(visit("movements.py", period="2026-11").run())


def test_the_url_picks_month_and_movement(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("movements.py", period="2026-11", kind="churn", product="fleetdesk")
    app.run()
    asked = tiers.asked_of("movement_customers")[-1]
    assert (asked.product, asked.view) == ("fleetdesk", MovementCustomers("2026-11", "churn"))
    assert "Churn, Nov 2026" in text(app)
    assert "MRR in Nov 2026, open" in text(app)
    assert "2 customers, −$1,500.00 in all." in text(app)


def test_a_pick_that_is_none_falls_back(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("movements.py", period="1999-01", kind="magic")
    assert "All movements, Oct 2026" in text(app)
    assert not [*app.error, *app.exception]


def test_what_exchange_rates_made_no_customer_did(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("movements.py", period="2026-10", kind="fx")
    assert not [*app.error, *app.exception]
    assert "Nobody moved." in text(app)
    assert tiers.asked_of("movement_customers") == []


def test_names_of_customers_are_data(visit: Visit) -> None:
    table = visit("movements.py").dataframe[0].value
    assert table["name"].tolist()[0] == "=Bravo $Towing$ [x](y)"


def test_months_by_movements_newest_first_without_empty_columns(visit: Visit) -> None:
    table = visit("movements.py").dataframe[-1].value
    assert list(table) == [
        "month",
        "start",
        "new",
        "reactivation",
        "expansion",
        "contraction",
        "churn",
        "end",
    ]
    assert table["month"].tolist() == ["Nov 2026, open", "Oct 2026"]
    assert table["churn"].tolist() == [1_500.0, 1_500.0]


def test_all_months_are_asked_for_from_the_first_on(visit: Visit, tiers: FakeTiers) -> None:
    visit("movements.py", months="all").run()
    assert tiers.asked_of("movements")[-1].view.start is None


def test_the_figure_says_in_words_what_it_shows(visit: Visit) -> None:
    chart = visit("movements.py").get("plotly_chart")[0].proto
    assert json.loads(chart.spec)["layout"]["barmode"] == "relative"
    assert chart.alt.startswith("Movements of MRR by month, Oct 2026 to Nov 2026")
