"""The Cohorts page: percent and absolute, empty cells, and a cohort's customers."""

import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from eqho.tiers.views import Cohorts
from eqho.ui.charts.cohorts import HeatRow, heat_map
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]


def cells(app: AppTest) -> list[list[Any]]:
    return json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]["text"]  # type: ignore[no-any-return]


def test_percent_of_who_began_with_all_cohorts_on_top(visit: Visit) -> None:
    app = visit("cohorts.py")
    assert cells(app) == [["100", "75", ""], ["100", "75", ""], ["100", "", ""], ["", "", ""]]
    rows = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]["y"]
    assert rows == ["All · 9", "Sep 2026 · 4", "Oct 2026 · 3", "Nov 2026 · 2"]


def test_absolute_numbers_of_mrr(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("cohorts.py", of="mrr", product="towpilot", **{"as": "absolute"})
    app.run()
    assert cells(app) == [["$400", "$300", ""], ["$300", "", ""], ["", "", ""]]
    asked = tiers.asked_of("cohorts")[-1]
    assert (asked.product, asked.view) == ("towpilot", Cohorts("mrr"))


def test_a_month_that_has_not_closed_is_neither_drawn_nor_clickable() -> None:
    row = HeatRow("2026-09", "Sep 2026 · 4", [1.0, None], ["100", ""], ["100.0%", ""])
    heat, points = heat_map([row], "Customers").figure.data
    assert list(heat.z[0]) == [1.0, None]
    assert [list(point) for point in points.customdata] == [["2026-09", "100.0%"]]


def test_the_table_has_every_cell(visit: Visit) -> None:
    table = visit("cohorts.py").dataframe[-1].value
    assert list(table) == ["cohort", "size", "month 0", "month 1", "month 2"]
    assert table["month 1"].tolist()[0] == 0.75
    assert table["month 1"].isna().tolist() == [False, True, True]


def test_the_url_opens_a_cohorts_customers(visit: Visit) -> None:
    app = visit("cohorts.py", cohort="2025-03")
    app.run()
    assert "Cohort of Mar 2025, All products" in text(app)
    assert "5 began, 3 have MRR now." in text(app)
    assert len(app.dataframe[0].value) == 5


def test_the_file_has_every_cohort_whatever_is_shown(visit: Visit, tiers: FakeTiers) -> None:
    old = {"cohort": "2020-01", "size": 1, "values": [1]}
    tiers._cohorts = lambda product, arguments: {  # type: ignore[method-assign]
        "cohorts": [old, {"cohort": "2026-09", "size": 4, "values": [4, 3]}]
    }
    app = visit("cohorts.py", cohorts="6").run()
    assert len(app.dataframe[-1].value) == 1
    assert app.get("download_button")[-1].proto.help == "All 2 rows, with ISO dates"


def test_only_the_cohorts_of_the_last_months_are_shown(visit: Visit) -> None:
    assert len(visit("cohorts.py", cohorts="6").dataframe[-1].value) == 3
