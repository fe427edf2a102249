"""The first start: what to set, and a check that tells what answers and what does not."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

from streamlit.testing.v1 import AppTest

from eqho.issues import Issue
from eqho.sources.base import KeyRefused
from eqho.sources.stripe.kinds import STRIPE_KINDS
from eqho.ui.pages.connect import permissions
from tests.ui.fake_tiers import FakeTiers

Visit = Callable[..., AppTest]


class Configured:
    """A source whose account can be asked; `refused` is what it says instead."""

    name = "stripe"
    key_mark = "mark"

    def __init__(self, *issues: Issue, refused: str = "") -> None:
        self._issues, self._refused = issues, refused

    def account(self) -> str:
        if self._refused:
            raise KeyRefused(self._refused)
        return "acct_1"

    def check(self) -> list[Issue]:
        return list(self._issues)


def test_days_that_somebody_else_recorded_stand_under_their_own_name(
    visit: Visit, application: SimpleNamespace
) -> None:
    points = [
        {"day": "2026-10-31", "product": "all", "currency": "usd", "mrr": "4600050", "customers": 83},
        {"day": "2026-11-01", "product": "all", "currency": None, "mrr": None, "customers": None},
    ]
    application.store.get_state = {"told_history": {"origin": "public.mrr_snapshots", "points": points}}.get
    app = visit("data.py")
    assert any("As public.mrr_snapshots says it" in one for one in said(app.caption))
    (drawn,) = [one.value for one in app.dataframe if "MRR as recorded" in one.value or "mrr" in one.value]
    assert list(drawn["mrr"].dropna()) == [46_000.5]
    assert list(drawn["customers"].dropna()) == [83]


def checked(visit: Visit) -> AppTest:
    app = visit("data.py")
    app.button(key="check-connections").click()
    return app.run()


def said(elements: object) -> list[str]:
    return [one.value.replace("\\", "") for one in elements]  # type: ignore[attr-defined]


def test_every_permission_of_the_code_is_named_once_the_needed_ones_first() -> None:
    named = [row["permission"] for row in permissions()]
    assert set(named[:2]) == {"Prices", "Subscriptions"}
    assert sorted(named) == sorted({kind.permission for kind in STRIPE_KINDS.values()})
    told = "; ".join(row["lost"] for row in permissions())
    assert [kind.lost for kind in STRIPE_KINDS.values() if kind.lost not in told] == []


def test_with_nothing_set_the_check_says_so(visit: Visit) -> None:
    app = checked(visit)
    assert "Neither Stripe nor Supabase is set: demo data is shown." in said(app.info)
    assert "The store (embedded) answers." in said(app.success)


def test_a_source_that_answers_is_named_with_its_account_and_what_it_lacks(
    visit: Visit, application: SimpleNamespace
) -> None:
    application.source = Configured(Issue("missing_permission", "Invoices may not be read.", ("invoice",)))
    app = checked(visit)
    assert "Stripe answers for acct_1." in said(app.success)
    assert "Invoices may not be read." in said(app.warning)


def test_a_refused_key_and_a_store_that_is_away_are_sentences(
    visit: Visit, application: SimpleNamespace, tiers: FakeTiers
) -> None:
    application.source = Configured(refused="The key is not valid.")
    tiers.away = (datetime(2026, 11, 22, tzinfo=UTC), "connection refused")
    app = checked(visit)
    errors = said(app.error)
    assert "Stripe: The key is not valid." in errors
    assert "The store (embedded) does not answer: connection refused" in errors
    assert said(app.success) == []
