"""The Alerts page over real tiers and a web server that takes messages."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from eqho.clock import Clock
from eqho.messages.rules import Rules
from eqho.store.embedded import EmbeddedStore
from eqho.ui import queries
from tests.messages.rig import MONDAY, SET_UP, Desk
from tests.services.sinks import HttpSink, http_sink
from tests.tiers.rig import LINES


@pytest.fixture
def web() -> Iterator[HttpSink]:
    with http_sink() as sink:
        yield sink


@pytest.fixture
def desk(tmp_path: Path, web: HttpSink, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    store = EmbeddedStore(tmp_path / "eqho.db")
    urls, rules = f"amounts={web.url}", Rules(mrr_change=5_000, quiet_hours="", stale_minutes=None)
    Desk(store, SET_UP, urls, rules).messenger.turn()
    desk = Desk(store, MONDAY, urls, rules)
    settings = SimpleNamespace(policy="eqho", timezone="UTC")
    application = SimpleNamespace(
        settings=settings, products=LINES, tiers=desk.tiers, clock=Clock(None), messenger=desk.messenger
    )
    monkeypatch.setattr(queries, "application", lambda: application)
    yield desk
    store.close()


def page() -> None:
    from eqho.ui.pages import alerts

    alerts.destinations()
    alerts.rules()
    alerts.preview()
    alerts.copies()


def opened() -> AppTest:
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown).replace("\\", "")


def test_it_shows_destinations_rules_and_the_week_before_it_goes(desk: Desk) -> None:
    app = opened()
    text = said(app)
    assert "JSON (127.0.0.1)** · with amounts" in text
    assert "planted-password" not in text
    assert "A change of MRR within a day: from 5,000 of the reporting currency on" in text
    assert "Stale figures: no message" in text
    assert "A refresh that fails: always" in text
    assert "1 customer was lost with 100.00 USD: Customer 2." in text
    app.toggle(key="preview-amounts").set_value(False).run()
    assert "USD" not in said(app)
    assert "1 customer was lost: Customer 2." in said(app)


def test_what_has_gone_out_is_listed(desk: Desk) -> None:
    desk.messenger.turn()
    (copies,) = opened().dataframe
    (row,) = copies.value.to_dict("records")
    assert (row["title"], row["state"]) == ("Eqho Metrics: the week from 2026-11-09 to 2026-11-15", "sent")


def test_a_test_message_is_sent_at_once_and_said(desk: Desk, web: HttpSink) -> None:
    app = opened()
    app.button[0].click().run()
    assert [one.title for one in web.received] == ["Eqho Metrics: a test"]
    assert app.success[0].value == "The test message was taken."
    web.status = 500
    app.button[0].click().run()
    assert "500" in app.error[0].value


def test_without_a_destination_it_says_how_to_set_one(desk: Desk) -> None:
    desk.messenger.destinations = ()
    assert "EQHO_ALERTS" in opened().info[0].value.replace("\\", "")
