"""Unit economics and Cash over a real engine and store: what is typed is saved, seen, refused and undone."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from eqho.inputs.account_categories import AccountCategories
from eqho.inputs.entries import GOALS, SPEND, Listed
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.api.conftest import source
from tests.tiers.rig import LINES, SmallSource, replica

__all__ = ["source"]

TYPED = {"edited_rows": {0: {"amount": 5_000}}, "added_rows": [], "deleted_rows": []}
OCTOBER = {"month": "2026-10", "category": "Paid ads", "amount": 4_000, "currency": "USD"}


@pytest.fixture
def real_tiers(tmp_path: Path, source: SmallSource) -> Iterator[Tiers]:
    store = EmbeddedStore(tmp_path / "eqho.db")
    tiers = replica(store, source)
    tiers.refresh(wait=True)
    yield tiers
    store.close()


@pytest.fixture
def page(
    visit: Callable[..., AppTest], application: SimpleNamespace, real_tiers: Tiers
) -> Callable[[str], AppTest]:
    application.tiers, application.products = real_tiers, LINES
    return visit


def card(app: AppTest, title: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == title)


def test_without_an_entry_the_page_says_what_to_enter(page: Callable[[str], AppTest]) -> None:
    app = page("unit_economics.py")
    assert not app.exception
    assert card(app, "CAC") == "—"
    cac = next(metric for metric in app.metric if metric.label == "CAC")
    assert "[Unit economics](unit_economics)" in cac.proto.delta_description
    assert any("Enter a gross margin below" in caption.value for caption in app.caption)


def test_an_entry_is_seen_and_can_be_undone(page: Callable[[str], AppTest], real_tiers: Tiers) -> None:
    real_tiers.enter(SPEND, [OCTOBER], 0)
    app = page("unit_economics.py")
    assert card(app, "CAC") == r"\$2,000.00"
    assert any(
        "No spend is entered for Aug 2026 and Sep 2026" in said.value.replace("\\", "")
        for said in app.caption
    )
    app.button(key="undo-spend").click().run()
    assert card(app, "CAC") == "—"
    assert real_tiers.entries.read(SPEND).number == 2


def test_every_line_and_category_has_its_own_cac(page: Callable[[str], AppTest], real_tiers: Tiers) -> None:
    """Ann and Bob, both of TowPilot, are the new customers of the three closed months."""
    fairs = OCTOBER | {"category": "Fairs", "amount": 1_000, "product": "towpilot"}
    real_tiers.enter(SPEND, [OCTOBER, fairs], 0)
    app = page("unit_economics.py")
    tables = [one.value for one in app.dataframe]
    lines = next(one for one in tables if "cac" in one.columns and "name" in one.columns).to_dict("records")
    assert {row["name"]: row["cac"] for row in lines}["TowPilot"] == 2_500.0
    categories = next(one for one in tables if "share" in one.columns).to_dict("records")
    assert {row["category"]: row["cac"] for row in categories} == {"Paid ads": 2_000.0, "Fairs": 500.0}
    charts = [json.loads(one.proto.spec) for one in app.get("plotly_chart")]
    (stacked,) = [
        one["data"]
        for one in charts
        if {trace["name"]: trace["y"][-1] for trace in one["data"]} == {"Fairs": 500.0, "Paid ads": 2_000.0}
    ]
    assert sum(trace["y"][-1] for trace in stacked) == 2_500.0


def test_rates_that_cannot_be_looked_up_are_said(
    page: Callable[[str], AppTest], application: SimpleNamespace
) -> None:
    assert any(
        "Set EQHO_FX to ecb" in said.value.replace("\\", "") for said in page("unit_economics.py").caption
    )
    application.rates = SimpleNamespace(place="https://rates.example/hist.zip", failure="No answer.")
    assert [said.value.replace("\\", "") for said in page("unit_economics.py").warning] == ["No answer."]


def test_the_second_of_two_who_save_is_asked(page: Callable[[str], AppTest], real_tiers: Tiers) -> None:
    real_tiers.enter(SPEND, [OCTOBER], 0)
    app = page("unit_economics.py")
    app.session_state["edit-spend-1"] = TYPED
    real_tiers.enter(SPEND, [OCTOBER | {"amount": 8_000}], 1)
    app.button(key="save-spend").click().run()
    assert not app.exception
    assert any("Somebody else has saved this list" in said.value for said in app.warning)
    assert real_tiers.entries.read(SPEND).rows[0].amount == 8_000
    app.button(key="theirs-spend").click().run()
    assert card(app, "CAC") == r"\$4,000.00"


def rows_of(tiers: Tiers) -> list[tuple[str, str, int]]:
    return [(row.month, row.category, int(row.amount)) for row in tiers.entries.read(SPEND).rows]


def with_a_dropped_file(page: Callable[[str], AppTest], tiers: Tiers) -> AppTest:
    """The spend of October is saved, that of an event in September is on its way."""
    tiers.enter(SPEND, [OCTOBER], 0)
    app = page("unit_economics.py")
    app.file_uploader(key="file-spend").set_value(EVENTS).run()
    return app


EVENTS = ("spend.csv", b"month,category,amount,currency\n2026-09,Events,7,USD\n", "text/csv")


def test_an_import_joins_what_another_saves_at_the_same_time(
    page: Callable[[str], AppTest], real_tiers: Tiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = with_a_dropped_file(page, real_tiers)
    enter = real_tiers.enter

    def after_another(*asked: Any) -> Listed:
        monkeypatch.setattr(real_tiers, "enter", enter)
        enter(SPEND, [OCTOBER | {"amount": 8_000}], 1)
        return enter(*asked)

    monkeypatch.setattr(real_tiers, "enter", after_another)
    app.button(key="import-spend").click().run()
    assert any("these rows then join theirs" in said.value for said in app.warning)
    assert rows_of(real_tiers) == [("2026-10", "Paid ads", 8_000)]
    app.button(key="import-spend").click().run()
    assert rows_of(real_tiers) == [("2026-09", "Events", 7), ("2026-10", "Paid ads", 8_000)]


def test_an_import_beside_what_is_typed_is_asked_about_where_another_has_saved(
    page: Callable[[str], AppTest], real_tiers: Tiers
) -> None:
    app = with_a_dropped_file(page, real_tiers)
    app.session_state["edit-spend-1"] = TYPED
    real_tiers.enter(SPEND, [OCTOBER | {"amount": 8_000}], 1)
    app.button(key="import-spend").click().run()
    assert any("What you typed is still here" in said.value for said in app.warning)
    assert rows_of(real_tiers) == [("2026-10", "Paid ads", 8_000)]


def test_an_import_loses_nothing_that_is_typed_and_not_saved(
    page: Callable[[str], AppTest], real_tiers: Tiers
) -> None:
    app = with_a_dropped_file(page, real_tiers)
    app.session_state["edit-spend-1"] = TYPED
    app.button(key="import-spend").click().run()
    assert not app.exception
    assert rows_of(real_tiers) == [("2026-09", "Events", 7), ("2026-10", "Paid ads", 5_000)]


def test_totals_of_a_profit_and_loss_that_are_missed_are_shown_beside_its_currency(
    page: Callable[[str], AppTest], application: SimpleNamespace, real_tiers: Tiers, tmp_path: Path
) -> None:
    application.account_categories = AccountCategories(EmbeddedStore(tmp_path / "known.db"), "demo")
    report = b",Oct 2026,Total\nExpenses,,\nAds,10,12\nFairs,abc,\nTotal Expenses,15,15\n"
    app = page("unit_economics.py")
    app.file_uploader(key="file-profit-and-loss").set_value(("pl.csv", report, "text/csv")).run()
    [said] = [one.value.replace("\\", "") for one in app.warning]
    assert "Total Expenses, Oct 2026: +5.00" in said
    assert "Expenses › Ads, total column: +2.00" in said
    assert any("2026-10, Fairs: “abc” is no amount" in one.value.replace("\\", "") for one in app.error)
    app.selectbox[0].set_value("EUR").run()
    assert [one.value for one in app.selectbox] == ["EUR"]


def test_a_goal_that_is_typed_is_saved_and_shown_beside_what_is_there(
    page: Callable[[str], AppTest], real_tiers: Tiers
) -> None:
    app = page("forecast.py")
    assert any("closed months since the first MRR are needed" in said.value for said in app.caption)
    assert any("No goal is set" in said.value for said in app.caption)
    app.session_state["edit-goals-0"] = {
        "edited_rows": {},
        "added_rows": [{"metric": "mrr", "product": "all-products", "period": "2026-10", "target": 500}],
        "deleted_rows": [],
    }
    app.button(key="save-goals").click().run()
    assert not app.exception
    assert real_tiers.entries.read(GOALS).number == 1
    assert any("$500.00 at the end of Oct 2026." in said.value.replace("\\", "") for said in app.caption)
    app.button(key="undo-goals").click().run()
    assert any("No goal is set" in said.value for said in app.caption)


def test_cash_shows_the_closed_month_and_what_is_open(page: Callable[[str], AppTest]) -> None:
    app = page("cash.py")
    assert not app.exception
    assert card(app, "Open") == r"\$0.00"
    assert card(app, "Recovery") == "—"


@pytest.mark.parametrize(
    ("file", "key", "megabytes"),
    [
        ("unit_economics.py", "file-spend", 5),
        ("unit_economics.py", "file-margins", 5),
        ("unit_economics.py", "file-fx", 20),
        ("compare.py", "export", 20),
    ],
)
def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    page: Callable[[str], AppTest], file: str, key: str, megabytes: int
) -> None:
    assert page(file).file_uploader(key=key).proto.max_upload_size_mb == megabytes
