"""The Compare page over real tiers: what a dropped export gets."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from eqho.clock import Clock
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from eqho.tiers.saved_comparisons import SavedComparisons
from eqho.tiers.views import Customers
from eqho.ui import queries
from tests.services.plain_account import plain_account
from tests.tiers.rig import LINES, SmallSource, replica


@pytest.fixture
def tiers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tiers]:
    store = EmbeddedStore(tmp_path / "eqho.db")
    tiers = replica(store, SmallSource(plain_account(3)))
    tiers.refresh(wait=True)
    settings = SimpleNamespace(policy="eqho", timezone="UTC")
    application = SimpleNamespace(
        settings=settings,
        products=LINES,
        tiers=tiers,
        clock=Clock(None),
        comparisons=SavedComparisons(store, "stripe-test"),
    )
    monkeypatch.setattr(queries, "application", lambda: application)
    yield tiers
    store.close()


def page() -> None:
    from eqho.ui.pages import compare

    if (asked := compare.ask()) is not None:
        compare.answer(asked)
    compare.kept()


def dropped(content: str, month: str = "") -> AppTest:
    app = AppTest.from_function(page, default_timeout=30).run()
    app.file_uploader(key="export").upload("export.csv", content.encode(), "text/csv")
    app.text_input[0].input(month)
    return app.run()


def test_before_there_is_a_file_the_page_says_what_it_takes(tiers: Tiers) -> None:
    app = AppTest.from_function(page, default_timeout=30).run()
    assert "kept nowhere" in app.caption[0].value
    assert not app.dataframe


def test_an_export_gets_its_totals_and_every_difference(tiers: Tiers) -> None:
    ours = tiers.view(Customers(), "all-products").value.rows
    rows = [f"{row.customer},{row.mrr}" for row in ours[:-1]]
    app = dropped("\n".join(["customer id,mrr", *rows, "cus_ghost,12.50"]), "2026-11")
    assert [card.value for card in app.metric] == ["$212.50", "$300.00", "−$87.50"]
    causes = app.dataframe[0].value
    assert dict(zip(causes["cause"], causes["amount"], strict=True)) == {
        "not in theirs": -100.0,
        "not in Stripe": 12.5,
    }
    assert sorted(app.dataframe[1].value["amount"]) == [-100.0, 12.5]


def test_a_file_without_a_month_is_asked_for_one(tiers: Tiers) -> None:
    [error] = dropped("customer id,mrr\ncus_1,5\n").error
    assert "no column of months or dates" in error.value


def test_a_kept_comparison_opens_again_as_it_was_whatever_the_figures_say_later(tiers: Tiers) -> None:
    app = dropped("customer id,mrr\ncus_000000,12.50\ncus_ghost,1\n", "2026-11")
    shown = app.dataframe[1].value
    app.text_input[1].input("Stripe, November")
    app.button[0].click().run()
    assert app.success[0].value.replace("\\", "") == "Kept as “Stripe, November”."
    [saved] = queries.app().comparisons.all()
    assert (saved.name, saved.product, saved.totals.theirs) == ("Stripe, November", "all-products", 13.5)
    later = AppTest.from_function(page, default_timeout=30).run()
    later.selectbox(key="kept").select_index(0).run()
    assert [card.value for card in later.metric] == ["$13.50", "$300.00", "−$286.50"]
    assert later.dataframe[1].value.equals(shown)


def test_a_comparison_without_a_name_is_not_kept(tiers: Tiers) -> None:
    app = dropped("customer id,mrr\ncus_ghost,1\n", "2026-11")
    app.button[0].click().run()
    assert "under a name" in app.error[0].value
    assert queries.app().comparisons.all() == []
