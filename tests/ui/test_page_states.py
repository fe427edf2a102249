"""What every page says when something is wrong, stale or still to come."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from eqho.errors import NoBuild
from eqho.issues import Issue
from eqho.store.base import StoreUnavailable
from eqho.ui.navigation import PLACES, Place
from tests.ui.fake_tiers import FakeTiers
from tests.ui.on_screen import text

Visit = Callable[..., AppTest]


def test_demo_data_and_a_fixed_clock_are_always_labelled(visit: Visit) -> None:
    shown = text(visit())
    assert "demo data" in shown
    assert "Clock fixed at Nov 22, 2026, 12:00 UTC (EQHO_NOW)" in shown


def test_a_stale_build_says_so_with_its_reason(visit: Visit, tiers: FakeTiers) -> None:
    tiers.provenance = tiers.provenance.__class__(
        "L2", 7_200.0, "stripe", 7, True, "Stripe did not answer: check the network.",
        tiers.provenance.refreshed_at - 7_200,
    )  # fmt: skip
    shown = text(visit())
    assert "stale, 2 h ago" in shown
    assert "Stripe did not answer: check the network." in shown
    assert "demo data" not in shown


def test_refresh_and_clear_tell_what_they_did(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("towpilot.py")
    app.button(key="refresh-product").click().run()
    assert "Refreshing TowPilot" in app.toast[0].value
    app.button(key="refresh-all").click().run()
    assert "you joined it" in app.toast[0].value
    app.button(key="clear-caches").click().run()
    assert app.toast[0].value.startswith("Cleared 12 entries in memory and 34 cached pages of Stripe.")
    assert tiers.refreshes == 2


def test_an_account_without_subscriptions_is_asked_about_on_the_page(visit: Visit, tiers: FakeTiers) -> None:
    tiers.found = [Issue("no_subscriptions", "This key sees 0 subscriptions: is it the right account?")]
    assert "This key sees 0 subscriptions: is it the right account?" in text(visit())


def test_a_source_that_stands_in_for_another_is_told_above_every_page(visit: Visit, tiers: FakeTiers) -> None:
    tiers.found = [Issue("fell_back", "Stripe refuses the key: Supabase stands in for Stripe.")]
    for page in ("overview.py", "customers.py"):
        assert "Supabase stands in for Stripe." in text(visit(page))


def test_everything_can_be_read_again_after_a_question(visit: Visit, tiers: FakeTiers) -> None:
    app = visit("data.py")
    assert any("Lists every object at the source again" in text.value for text in app.markdown)
    app.button(key="refresh-full").click().run()
    assert "Everything is being read again" in app.toast[0].value
    assert (tiers.refreshes, tiers.full_refreshes) == (1, 1)


def test_a_first_sync_shows_how_far_it_is_and_asks_for_no_number(visit: Visit, tiers: FakeTiers) -> None:
    tiers.generation = 0
    tiers.running = {
        "running": True,
        "sentence": "Reading invoices at 12.0 requests/s.",
        "fraction": 0.4,
        "seconds_left": 95.0,
        "kinds": {"customer": {"label": "customers", "objects": 1_500, "pages": 15, "done": True}},
    }
    app = visit()
    shown = text(app)
    assert "Reading invoices at 12.0 requests/s." in shown
    assert "Customers: 1,500 read ✓" in shown
    assert not [*app.error, *app.metric]
    assert tiers.asked == []


def test_a_first_sync_that_failed_says_why_and_can_be_tried_again(visit: Visit, tiers: FakeTiers) -> None:
    tiers.generation, tiers.reason = 0, "Stripe refuses the key: put a valid one in STRIPE_SECRET_KEY."
    app = visit()
    assert tiers.reason in text(app)
    assert tiers.refreshes == 0
    next(button for button in app.button if button.label == "Try again").click().run()
    assert tiers.refreshes == 1


def test_settings_can_be_read_while_there_are_no_numbers(visit: Visit, tiers: FakeTiers) -> None:
    tiers.generation, tiers.reason = 0, "Stripe refuses the key: put a valid one in STRIPE_SECRET_KEY."
    app = visit("data.py")
    assert tiers.reason in text(app)
    assert app.dataframe[-1].value["name"].tolist() == ["STRIPE_SECRET_KEY"]
    assert not [*app.error, *app.exception]


def test_a_build_that_is_not_there_after_all_is_a_sentence(visit: Visit, tiers: FakeTiers) -> None:
    tiers.failure = NoBuild("Nothing is stored yet.", {})
    app = visit()
    assert "Nothing is stored yet." in text(app)
    assert not app.error


def test_a_store_that_does_not_answer_is_one_sentence(visit: Visit, tiers: FakeTiers) -> None:
    tiers.failure = StoreUnavailable("MongoDB does not answer: check that the server at MONGODB_URL runs.")
    app = visit()
    assert [error.value.replace("\\", "") for error in app.error] == [str(tiers.failure)]
    assert not app.exception


def test_an_outage_of_the_store_says_since_when(visit: Visit, tiers: FakeTiers) -> None:
    tiers.away = (datetime(2026, 11, 22, 11, 5, tzinfo=UTC), "MongoDB does not answer.")
    assert (
        "MongoDB does not answer. Since Nov 22, 2026, 11:05 UTC the last good numbers are shown, "
        "refreshed 3 min ago; they are refreshed as soon as it answers." in text(visit())
    )


def test_data_and_cache_is_drawn_to_its_end_while_the_store_is_away(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> dict[str, int]:
        raise StoreUnavailable("MongoDB does not answer: start it.")

    monkeypatch.setattr("eqho.ui.queries.coverage", away)
    app = visit("data.py")
    assert "What is stored cannot be read now. MongoDB does not answer" in text(app)
    assert app.dataframe[-1].value["name"].tolist() == ["STRIPE_SECRET_KEY"]
    assert not [*app.error, *app.exception]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_a_page_says_once_that_the_store_is_away(
    visit: Visit, tiers: FakeTiers, application: SimpleNamespace, place: Place
) -> None:
    outage = "MongoDB does not answer."

    def away(*_: object) -> None:
        raise StoreUnavailable(outage)

    tiers.away = (datetime(2026, 11, 22, 11, 5, tzinfo=UTC), outage)
    application.store.inputs = application.store.count_objects = away
    application.messenger.preview = application.messenger.copies = application.comparisons.all = away
    app = visit(place.file)
    assert text(app).count(outage) == 1
    assert not [*app.error, *app.exception]


def test_a_refresh_that_failed_is_said_above_the_page_with_the_age_of_what_is_shown(
    visit: Visit, tiers: FakeTiers
) -> None:
    tiers.failed = "Stripe does not answer: check the network."
    app = visit()
    assert [one.value for one in app.main.warning] == [
        "Stripe does not answer\\: check the network\\. The last good numbers are shown, "
        "refreshed 3 min ago; it is tried again by itself."
    ]
    # What keeps the refresh from its work is said once.
    tiers.away = (datetime(2026, 11, 22, 11, 5, tzinfo=UTC), tiers.failed)
    assert [one.value.count("Stripe does not answer") for one in visit().main.warning] == [1]


def test_what_nobody_foresaw_goes_to_the_log_and_not_to_the_screen(
    visit: Visit, tiers: FakeTiers, caplog: pytest.LogCaptureFixture
) -> None:
    tiers.failure = ZeroDivisionError("secret detail")
    app = visit()
    assert "secret detail" not in text(app)
    assert not app.exception
    reference = app.error[-1].value.split("reference ")[1].rstrip(".")
    assert reference in caplog.text


def test_nobody_gets_in_where_addresses_are_listed_but_no_login_is_set_up(
    visit: Visit, application: SimpleNamespace, tiers: FakeTiers
) -> None:
    application.settings.allowed_emails = ("founder@eqho.example",)
    app = visit()
    assert "there is nothing to log in with" in app.error[0].value
    assert not app.metric
    assert tiers.asked == []


@pytest.mark.parametrize(
    ("auth", "labels"),
    [
        ({"client_id": "x"}, ["Log in"]),
        (
            {"google": {"client_id": "x"}, "okta": {"client_id": "y"}},
            ["Log in with Google", "Log in with Okta"],
        ),
    ],
)
def test_with_a_login_set_up_a_visitor_sees_the_door_only(
    visit: Visit, tiers: FakeTiers, auth: dict[str, Any], labels: list[str]
) -> None:
    app = visit(secrets={"auth": auth})
    assert [button.label for button in app.button] == labels
    assert not app.metric
    assert tiers.asked == []
