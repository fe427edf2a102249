"""The right message, once, to each destination, with amounts only where they may go."""

import logging

import pytest

from eqho.errors import RefreshFailed
from eqho.inputs.entries import GOALS
from eqho.messages.digest import _GAINS, _LOSSES
from eqho.messages.rules import Rules
from eqho.metrics.movements import KINDS
from eqho.sources.base import SourceError
from eqho.store.embedded import EmbeddedStore
from eqho.tiers.recorded_views import FrozenMonth
from tests.messages.rig import MONDAY, SET_UP, WEEK, WEEK_PLAIN, Desk, at
from tests.services.sinks import HttpSink, SmtpSink, http_sink

QUIET_NEVER = {"quiet_hours": "", "stale_minutes": None}


def set_up(store: EmbeddedStore, urls: str, when: int = SET_UP, rules: Rules | None = None) -> None:
    """The first turn of destinations, which are told nothing of what was before."""
    Desk(store, when, urls, rules).messenger.turn()


def test_the_week_goes_out_on_monday_with_amounts_where_they_may_go(
    store: EmbeddedStore, web: HttpSink, mail: SmtpSink
) -> None:
    urls = f"{web.url}, amounts={mail.url}"
    set_up(store, urls)
    assert (web.received, mail.received) == ([], [])
    Desk(store, MONDAY, urls).messenger.turn()
    (plain,), (full,) = web.received, mail.received
    assert plain.title == full.title == "Eqho Metrics: the week from 2026-11-09 to 2026-11-15"
    link = "https://metrics.eqho.example/movements"
    assert plain.text.splitlines() == [*WEEK_PLAIN, link]
    assert "USD" not in plain.text
    assert full.text.split("\r\n") == [*WEEK, link, ""] or full.text.strip().splitlines() == [*WEEK, link]


def test_nothing_twice_in_later_turns_after_a_restart_or_by_another_process(
    store: EmbeddedStore, web: HttpSink
) -> None:
    set_up(store, web.url)
    desk = Desk(store, MONDAY, web.url)
    desk.messenger.turn()
    desk.messenger.turn()
    Desk(store, MONDAY + 3_600, web.url).messenger.turn()
    Desk(store, at("2026-11-18T12:00:00"), web.url).messenger.turn()
    assert [one.title for one in web.received] == ["Eqho Metrics: the week from 2026-11-09 to 2026-11-15"]


def test_monday_begins_in_the_reporting_zone(store: EmbeddedStore, web: HttpSink) -> None:
    set_up(store, web.url)
    sunday_in_chicago = at("2026-11-16T05:30:00")
    Desk(store, sunday_in_chicago, web.url, zone="America/Chicago").messenger.turn()
    assert web.received == []
    Desk(store, sunday_in_chicago + 3_600, web.url, zone="America/Chicago").messenger.turn()
    assert [one.title for one in web.received] == ["Eqho Metrics: the week from 2026-11-09 to 2026-11-15"]


def test_the_week_waits_for_the_end_of_the_quiet_hours(store: EmbeddedStore, web: HttpSink) -> None:
    rules = Rules(quiet_hours="22:00-07:30", stale_minutes=None)
    set_up(store, web.url, rules=rules)
    Desk(store, at("2026-11-16T07:29:00"), web.url, rules).messenger.turn()
    assert web.received == []
    Desk(store, at("2026-11-16T07:31:00"), web.url, rules).messenger.turn()
    assert len(web.received) == 1


def test_the_month_when_it_is_frozen(store: EmbeddedStore, web: HttpSink) -> None:
    urls = f"amounts={web.url}"
    set_up(store, urls)
    desk = Desk(store, at("2026-12-01T08:00:00"), urls)
    desk.messenger.turn()
    month = next(one for one in web.received if "closed" in one.title)
    assert month.title == "Eqho Metrics: 2026-11 is closed"
    frozen = desk.tiers.view(FrozenMonth("2026-11"), "all-products").value.metrics
    assert frozen.revenue_metrics.mrr == 200.0
    assert month.text.splitlines()[:4] == [
        "MRR went from 200.00 USD to 200.00 USD: +0.00 USD.",
        "Gained: 100.00 USD from new customers.",
        "Lost: 100.00 USD with customers who left.",
        "2 customers at its end; 1 new, 1 lost.",
    ]


def test_alerts_above_their_size_only_each_once(store: EmbeddedStore, web: HttpSink) -> None:
    urls = f"amounts={web.url}"
    rules = Rules(mrr_change=100, lost_mrr=100, payment_failed=300, **QUIET_NEVER)
    set_up(store, urls, at("2026-11-10T12:00:00"), rules)
    for when in ("2026-11-12T12:00:00", "2026-11-13T12:00:00", "2026-11-19T13:00:00"):
        Desk(store, at(when), urls, rules).messenger.turn()
    told = [one.text.splitlines()[0] for one in web.received if "the week" not in one.title]
    assert sorted(told) == [
        "Customer 2 left since 2026-11-12: MRR from 100.00 USD to 0.00 USD.",
        "MRR went from 200.00 USD to 300.00 USD on 2026-11-11: +100.00 USD.",
        "MRR went from 300.00 USD to 200.00 USD on 2026-11-12: -100.00 USD.",
        "The payment of an invoice of 300.00 USD failed on 2026-11-19.",
    ]
    above = Rules(mrr_change=100.01, lost_mrr=100.01, payment_failed=300.01, **QUIET_NEVER)
    with http_sink() as other:
        set_up(store, other.url, at("2026-11-10T12:00:00"), above)
        Desk(store, at("2026-11-19T13:00:00"), other.url, above).messenger.turn()
        assert [one.title for one in other.received if "the week" not in one.title] == []


def test_a_refresh_that_fails_and_figures_that_grow_old_are_told_once(
    store: EmbeddedStore, web: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = Rules(stale_minutes=30, quiet_hours="")
    desk = Desk(store, SET_UP, web.url, rules)
    desk.messenger.turn()
    assert web.received == []
    desk.source.failure = SourceError("The source does not answer: check the network.")
    with pytest.raises(RefreshFailed):
        desk.tiers.refresh(wait=True)
    desk.messenger.turn()
    desk.messenger.turn()
    assert [one.title for one in web.received] == ["Eqho Metrics: a refresh failed"]
    assert "check the network" in web.received[0].text
    monkeypatch.setattr(desk.tiers, "age", lambda: 31 * 60.0)
    desk.messenger.turn()
    desk.messenger.turn()
    assert [one.title for one in web.received[1:]] == ["Eqho Metrics: the figures are stale"]


def test_a_dead_destination_is_tried_again_and_keeps_nobody_else_waiting(
    store: EmbeddedStore, web: HttpSink, caplog: pytest.LogCaptureFixture
) -> None:
    with http_sink() as gone:
        port = gone.port
    dead = f"json://somebody:planted-password@127.0.0.1:{port}/hook"
    urls = f"{dead} {web.url}"
    set_up(store, urls)
    desk = Desk(store, MONDAY, urls)
    with caplog.at_level(logging.DEBUG):
        desk.messenger.turn()
    assert len(web.received) == 1
    waiting = next(copy for copy in desk.messenger.copies() if copy.state == "waiting")
    assert waiting.tries == 1
    assert waiting.error
    assert "planted-password" not in waiting.error + caplog.text
    desk.messenger.turn()
    assert all(copy.tries == 1 for copy in desk.messenger.copies())  # its time has not come
    desk.wall += 61
    desk.messenger.turn()
    assert max(copy.tries for copy in desk.messenger.copies()) == 2
    with http_sink(port) as back:
        restarted = Desk(store, MONDAY, urls, wall=desk.wall + 121)
        restarted.messenger.turn()
        restarted.messenger.turn()
        assert [one.title for one in back.received] == [
            "Eqho Metrics: the week from 2026-11-09 to 2026-11-15"
        ]
    assert len(web.received) == 1
    assert {copy.state for copy in restarted.messenger.copies()} == {"sent"}


def test_a_clock_that_was_a_day_ahead_keeps_no_message_waiting_for_that_day(
    store: EmbeddedStore, web: HttpSink
) -> None:
    web.status = 500
    set_up(store, web.url)
    desk = Desk(store, MONDAY, web.url)
    desk.wall += 86_400
    desk.messenger.turn()
    assert [copy.state for copy in desk.messenger.copies()] == ["waiting"]
    desk.wall -= 86_400
    web.status = 200
    desk.messenger.turn()
    assert [copy.state for copy in desk.messenger.copies()] == ["sent"]


def test_a_test_message_says_whether_it_was_taken(store: EmbeddedStore, web: HttpSink) -> None:
    messenger = Desk(store, SET_UP, web.url).messenger
    (destination,) = messenger.destinations
    assert messenger.test(destination) is None
    assert web.received[0].text == "Messages arrive here. Amounts do not go to this destination."
    web.status = 500
    assert "500" in (messenger.test(destination) or "")
    assert messenger.copies() == []


def test_the_preview_is_what_would_go_out(store: EmbeddedStore, web: HttpSink) -> None:
    set_up(store, f"amounts={web.url}")
    messenger = Desk(store, MONDAY, f"amounts={web.url}").messenger
    shown = [messenger.preview_text(one, amounts=True) for one in messenger.preview() if "week" in one.key]
    messenger.turn()
    assert shown == [one.text for one in web.received if "the week" in one.title]


def test_the_month_tells_every_kind_of_movement() -> None:
    """Else its lines would not add up to what MRR did."""
    assert {kind for kind, _ in (*_GAINS, *_LOSSES)} == set(KINDS)


def test_a_goal_that_was_missed_is_told_once_and_one_that_was_met_is_not(
    store: EmbeddedStore, web: HttpSink
) -> None:
    urls = f"amounts={web.url}"
    set_up(store, urls)
    desk = Desk(store, at("2026-11-20T12:00:00"), urls)
    goals = [
        {"metric": "mrr", "product": "all-products", "period": "2026-11", "target": 250},
        {"metric": "customers", "product": "all-products", "period": "2026-11", "target": 2},
        {"metric": "mrr", "product": "all-products", "period": "2026-12", "target": 9_000},
    ]
    desk.tiers.enter(GOALS, goals, None)
    desk.messenger.turn()
    for when in ("2026-12-01T08:00:00", "2026-12-02T08:00:00"):
        Desk(store, at(when), urls).messenger.turn()
    told = [one for one in web.received if "goal" in one.title]
    assert [one.title for one in told] == ["Eqho Metrics: a goal of 2026-11 was missed"]
    said = "MRR of all-products at the end of 2026-11 was 200.00 USD; the goal was 250.00 USD."
    assert told[0].text.splitlines()[0] == said
