"""The Trends page over hand-made answers: what the URL asks for, what is drawn, what the table says."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from eqho.metrics.definitions import SERIES
from eqho.store.base import StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]
ASKED = {"metrics": "mrr,customers,nrr_12m", "products": "towpilot,fleetdesk", "range": "3m"}


@pytest.fixture
def store(application: SimpleNamespace, tmp_path: Path) -> EmbeddedStore:
    application.store = EmbeddedStore(tmp_path / "eqho.db")
    return application.store


def charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def histories(tiers: FakeTiers) -> list[tuple[str, str, str, str]]:
    """(product, start, end, metrics) of each look-up."""
    return [
        (asked.product, str(asked.view.start), str(asked.view.end), ",".join(asked.view.metrics))
        for asked in tiers.asked_of("history")
    ]


def open_trends(visit: Visit, tiers: FakeTiers, **query: str) -> AppTest:
    app = visit("trends.py", **query)
    # The overview came first.
    tiers.asked.clear()
    return app.run()


def test_one_chart_per_metric_and_one_look_up_per_product(visit: Visit, tiers: FakeTiers) -> None:
    app = open_trends(visit, tiers, **ASKED)
    assert len(charts(app)) == 3
    assert histories(tiers) == [
        ("towpilot", "2026-09-01", "2026-11-01", "mrr,customers,nrr_12m"),
        ("fleetdesk", "2026-09-01", "2026-11-01", "mrr,customers,nrr_12m"),
    ]


@pytest.mark.parametrize("metric", SERIES)
def test_every_series_can_be_charted_and_listed(visit: Visit, metric: str) -> None:
    app = visit("trends.py", metrics=metric, products="towpilot", range="3m").run()
    assert len(charts(app)) == 1
    assert len(app.dataframe[0].value) == 3


def test_the_overlay_of_the_year_before_is_asked_for_and_drawn_dashed(visit: Visit, tiers: FakeTiers) -> None:
    app = open_trends(visit, tiers, **ASKED, overlay="year")
    assert ("towpilot", "2025-09-01", "2025-11-01", "mrr,customers,nrr_12m") in histories(tiers)
    dashes = [trace["line"]["dash"] for trace in charts(app)[0]["data"] if trace.get("mode") == "lines"
              and "dash" in trace["line"]]  # fmt: skip
    assert dashes == ["dash", "dot", "dash", "dot"]


def test_the_table_holds_what_the_charts_show_newest_first(visit: Visit, tiers: FakeTiers) -> None:
    app = open_trends(visit, tiers, **ASKED, overlay="previous")
    table = app.dataframe[-1].value
    assert table["period"].tolist() == ["Nov 2026, open", "Oct 2026", "Sep 2026"]
    drawn = next(
        trace
        for trace in charts(app)[0]["data"]
        if trace["mode"] == "markers" and trace["marker"]["opacity"] == 1
    )
    assert table["mrr towpilot"].tolist() == drawn["y"][::-1]
    assert drawn["customdata"][0] == ["2026-09-30", "$43,281.40", "Sep 2026"]
    assert ("towpilot", "2026-06-01", "2026-08-01", "mrr,customers,nrr_12m") in histories(tiers)
    assert list(table)[2:4] == ["mrr towpilot", "mrr towpilot before"]


def test_the_choice_is_in_the_url(visit: Visit, tiers: FakeTiers) -> None:
    app = open_trends(visit, tiers)
    app.button_group[0].set_value(["towpilot", "roadcall"])
    app.multiselect[0].set_value(["arr"]).run()
    assert app.query_params["products"] == "towpilot,roadcall"
    assert app.query_params["metrics"] == "arr"
    assert {product for product, *_ in histories(tiers)} >= {"towpilot", "roadcall"}


def test_what_the_url_asks_for_and_nobody_knows_gets_the_known_ones(visit: Visit, tiers: FakeTiers) -> None:
    app = open_trends(visit, tiers, metrics="mrr,mmr")
    assert "There is no metric “mmr”; known: mrr, arr, customers" in text(app)
    assert len(charts(app)) == 1


def test_a_number_that_is_not_defined_is_a_dash_with_the_reason(visit: Visit, tiers: FakeTiers) -> None:
    usual = tiers._history

    def without(product: str, arguments: dict[str, str]) -> dict[str, Any]:
        found = usual(product, arguments)
        return {
            "points": [point | ({"nrr_12m": None} if "nrr_12m" in point else {}) for point in found["points"]]
        }

    tiers._history = without  # type: ignore[method-assign]
    app = open_trends(visit, tiers, metrics="nrr_12m", range="3m")
    assert "Nov 2026, open: — (no MRR 12 months before)" in text(app)
    assert "— is not defined: NRR, 12 months, no MRR 12 months before." in text(app)
    assert app.dataframe[-1].value["nrr_12m all-products"].isna().all()


def test_notes_are_drawn_on_their_period_as_literal_text(
    visit: Visit, tiers: FakeTiers, store: EmbeddedStore
) -> None:
    store.replace_inputs(
        "annotations",
        [
            {"date": "2026-10-05", "text": "<b>Price</b> rise", "product": "all-products"},
            {"date": "2026-10-06", "text": "Not shown here", "product": "roadcall"},
            {"date": "2020-01-01", "text": "Long ago", "product": "all-products"},
        ],
    )
    layout = charts(open_trends(visit, tiers, **ASKED))[0]["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["&lt;b&gt;Price&lt;/b&gt; rise"]
    assert [rule["x0"] for rule in layout["shapes"]] == ["2026-10-01"]


def test_a_note_can_be_added_and_removed(visit: Visit, tiers: FakeTiers, store: EmbeddedStore) -> None:
    app = open_trends(visit, tiers)
    app.text_input[0].set_value("Outage")
    next(button for button in app.button if button.label == "Add note").click().run()
    assert store.inputs("annotations") == [
        {"date": "2026-11-22", "text": "Outage", "product": "all-products"}
    ]
    app.run()
    next(button for button in app.button if button.label == "Remove").click().run()
    assert store.inputs("annotations") == []


def test_a_note_without_text_is_refused_with_a_sentence(
    visit: Visit, tiers: FakeTiers, store: EmbeddedStore
) -> None:
    app = open_trends(visit, tiers)
    next(button for button in app.button if button.label == "Add note").click().run()
    assert "An annotation needs a text" in app.error[0].value
    assert store.inputs("annotations") == []


def test_charts_are_drawn_when_notes_cannot_be_read(
    visit: Visit, tiers: FakeTiers, application: SimpleNamespace
) -> None:
    def away(name: str) -> list[Any]:
        raise StoreUnavailable("MongoDB does not answer.")

    application.store.inputs = away
    app = open_trends(visit, tiers)
    assert "Notes cannot be read now. MongoDB does not answer." in text(app)
    assert len(charts(app)) == 2


def test_a_day_in_the_url_lists_its_customers_by_product(visit: Visit, tiers: FakeTiers) -> None:
    app = open_trends(visit, tiers, **ASKED, at="2026-10-31")
    asked = [(one.product, one.as_of) for one in tiers.asked_of("customers")]
    assert asked == [("towpilot", date(2026, 10, 31)), ("fleetdesk", date(2026, 10, 31))]
    table = app.dataframe[0].value
    assert table["towpilot"].tolist() == [405.0, 402.0, 401.0]
    assert table["name"].tolist() == ["Company 5", "Company 2", "Company 1"]


def test_the_last_day_of_the_running_month_stands_for_today(visit: Visit, tiers: FakeTiers) -> None:
    open_trends(visit, tiers, at="2026-11-30")
    assert {one.as_of for one in tiers.asked_of("customers")} == {date(2026, 11, 22)}
