"""The section of restated months over real tiers: what it shows, and what accepting does."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from eqho.errors import BadArgument
from eqho.store.base import StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from eqho.ui import queries
from tests.history.test_freezing import backdate
from tests.services.plain_account import plain_account
from tests.tiers.rig import LINES, SmallSource, replica, settle


@pytest.fixture
def source() -> SmallSource:
    return SmallSource(plain_account(3))


@pytest.fixture
def tiers(tmp_path: Path, source: SmallSource, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tiers]:
    """Two closed months frozen at $200 that the ledger says were $300."""
    store = EmbeddedStore(tmp_path / "eqho.db")
    tiers = replica(store, source)
    tiers.refresh(wait=True)
    settle(lambda: store.count_metrics() == 66)
    backdate(source)
    tiers.refresh(wait=True)
    settings = SimpleNamespace(policy="eqho", timezone="UTC")
    application = SimpleNamespace(settings=settings, products=LINES, tiers=tiers)
    monkeypatch.setattr(queries, "application", lambda: application)
    yield tiers
    store.close()


def page() -> None:
    from eqho.ui.pages.restatements import restatements

    restatements("towpilot")


def shown(app: AppTest) -> list[str]:
    return [element.value.replace("\\", "") for element in [*app.markdown, *app.caption]]


def test_restated_months_newest_first_with_their_cause(tiers: Tiers) -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert [text for text in shown(app) if text.startswith("**")] == [
        "**Oct 2026** · MRR $200.00 → $300.00 (+$100.00) · Customers 2 → 3 (+1)",
        "**Sep 2026** · MRR $200.00 → $300.00 (+$100.00) · Customers 2 → 3 (+1)",
    ]
    assert [expander.label for expander in app.expander] == ["Why: 1 customer"] * 2
    why = app.dataframe[0].value
    assert (why["name"][0], why["frozen"][0], why["today"][0]) == ("Customer 9", 0.0, 100.0)
    assert why["why"][0] == "Worth this since 2026-09-01, by an invoice line of in_000099."


def test_accepting_takes_the_month_off_the_list_and_leaves_the_other(tiers: Tiers) -> None:
    app = AppTest.from_function(page).run()
    app.button(key="accept-towpilot-2026-10").click().run()
    assert [text[:12] for text in shown(app) if text.startswith("**")] == ["**Sep 2026**"]
    app.button(key="accept-towpilot-2026-09").click().run()
    assert shown(app)[-1] == "Every frozen month is still as it was frozen."


def test_another_policy_in_the_sidebar_changes_nothing(tiers: Tiers) -> None:
    app = AppTest.from_function(page)
    app.session_state["policy"] = "stripe"
    assert len([text for text in shown(app.run()) if text.startswith("**")]) == 2


def test_a_month_that_somebody_else_accepted_meanwhile_gets_a_sentence(tiers: Tiers) -> None:
    app = AppTest.from_function(page).run()
    tiers.accept_restatement("towpilot", "2026-09")
    with pytest.raises(BadArgument):
        tiers.accept_restatement("towpilot", "2026-09")
    app.button(key="accept-towpilot-2026-09").click().run()
    assert not app.exception
    assert [toast.value.replace("\\", "") for toast in app.toast] == [
        "The ledger says of 2026-09 what was frozen: there is nothing to accept."
    ]


def test_the_page_goes_on_while_the_store_is_away(tiers: Tiers, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("MongoDB does not answer: start it.")

    monkeypatch.setattr(EmbeddedStore, "frozen_months", away)
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert shown(app)[-1].endswith(" Frozen months cannot be read now. MongoDB does not answer: start it.")
