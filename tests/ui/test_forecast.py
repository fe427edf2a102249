"""The page of the forecast: the band, the back-test, and that it says where ours was not the closest."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from eqho.metrics.forecast_rows import Forecast as ForecastAnswer
from eqho.metrics.forecast_rows import ForecastPoint
from eqho.metrics.history_rows import Point
from eqho.tiers.views import Forecast
from eqho.ui.charts.forecast import Target, forecast_chart
from eqho.ui.pages.forecast import summary, verdict
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]
TOLD = FakeTiers().view(Forecast(), "all-products").value
HISTORY = [Point(date="2026-09-30", mrr=74_000.0), Point(date="2026-10-31", mrr=75_000.0)]


def test_where_ours_loses_the_page_says_so_and_shows_the_better_one(visit: Visit) -> None:
    app = visit("forecast.py")
    said = text(app)
    assert (
        "The company's own movement rates (2.50) did not beat “No change” (2.10): the better one is shown."
        in said
    )
    assert "Forecast anew in 24 past months" in said
    assert "83.0% of what came lay within the band" in said
    tried = app.dataframe[0].value
    assert tried["name"].tolist() == [
        "No change",
        "The company's own movement rates",
        "Same growth as last month",
        "A trend that fades out",
    ]
    assert tried["shown"].tolist() == ["Yes", "", "", ""]
    assert app.dataframe[1].value["mid"].tolist() == [77_000.0, 78_500.0]


def told(**changed: Any) -> ForecastAnswer:
    return replace(TOLD, **changed)


def test_where_ours_wins_and_where_nothing_moved() -> None:
    assert verdict(told(method="drivers")) == (
        "The company's own movement rates were the closest, and are shown."
    )
    assert verdict(told(method="drivers", backtest=replace(TOLD.backtest, mase=None))) == (
        "MRR has not moved: every way tells the same."
    )


def test_the_summary_says_the_band_or_why_there_is_none() -> None:
    assert summary(TOLD, "USD") == (
        "$78,500.00 in Dec 2026, between $76,500.00 and $80,500.00 in eight of ten cases."
    )
    bare = [ForecastPoint("2026-11", None, 5.0, None)]
    why = {"points.0.low": "a band needs 6 forecasts of the past, there are 3"}
    assert summary(told(points=bare, undefined=why), "USD") == (
        "$5.00 in Nov 2026; no band: a band needs 6 forecasts of the past, there are 3."
    )


def test_the_chart_goes_on_where_the_past_ends_and_begins_at_0() -> None:
    chart = forecast_chart(HISTORY, TOLD.points, [Target("2026-12", 80_000.0)], "USD")
    by_name = {trace.name: trace for trace in chart.figure.data if trace.name}
    assert by_name["Forecast"].y == (75_000.0, 77_000.0, 78_500.0)
    assert by_name["Eight of ten"].y == (75_000.0, 76_000.0, 76_500.0)
    assert by_name["Goal"].y == (80_000.0,)
    assert chart.figure.layout.yaxis.rangemode == "tozero"
    assert chart.alt == (
        "MRR is carried on from $75,000.00 in Oct 2026 to $78,500.00 in Dec 2026, $76,500.00 to $80,500.00."
    )


def test_too_little_history_is_said_instead(
    visit: Visit, tiers: FakeTiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "13 closed months since the first MRR are needed, there are 4"
    empty = {"points": [], "method": None, "backtest": None, "undefined": {"points": reason}}
    monkeypatch.setattr(tiers, "_forecast", lambda product, arguments: empty)
    app = visit("forecast.py")
    assert f"{reason}." in text(app)
    assert not app.get("plotly_chart")
