"""Movements on the net change between two period ends: every kind, company and product line."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from eqho.ledger.spans import State
from eqho.metrics.movements import came_and_went, customer_changes, movements
from eqho.periods import period_of, periods
from tests.ledger.stripe_account import at
from tests.metrics.hand_made import UNITS, ledger_of, paid
from tests.metrics.queries import scene_of

UTC = ZoneInfo("UTC")
MARCH = period_of(date(2026, 3, 1), "month", UTC)


def kinds(ledger, product="all-products", policy="eqho") -> dict[str, tuple[str, float]]:
    """Customer → (kind, dollars of change) in March."""
    scene = scene_of(ledger, product, policy=policy)
    return {
        c.customer: (c.kind, (c.after - c.before) / UNITS)
        for c in customer_changes(scene.book, MARCH, scene.at)
    }


def test_each_kind_in_one_month():
    ledger = ledger_of(
        paid("new", 100, "2026-03-10"),
        paid("back", 40, "2026-01-01", "2026-02-01"),
        paid("back", 50, "2026-03-20"),
        paid("up", 100, "2026-01-01", "2026-03-05"),
        paid("up", 130, "2026-03-05"),
        paid("down", 100, "2026-01-01", "2026-03-05"),
        paid("down", 70, "2026-03-05"),
        paid("out", 90, "2026-01-01", "2026-03-31"),
        paid("steady", 10, "2026-01-01"),
    )
    assert kinds(ledger) == {
        "new": ("new", 100.0),
        "back": ("reactivation", 50.0),
        "up": ("expansion", 30.0),
        "down": ("contraction", -30.0),
        "out": ("churn", -90.0),
    }


def test_the_first_instant_of_a_month_belongs_to_it():
    ledger = ledger_of(paid("at_midnight", 100, "2026-03-01"), paid("over", 60, "2026-01-01", "2026-04-01"))
    assert kinds(ledger) == {"at_midnight": ("new", 100.0)}


def test_canceled_in_february_and_ended_in_march_counts_in_march():
    """Polar's fixture; under Stripe's policy it counts when it was requested."""
    ledger = ledger_of(paid("gone", 100, "2025-11-10", "2026-03-10", requested="2026-02-10"))
    assert kinds(ledger) == {"gone": ("churn", -100.0)}
    assert kinds(ledger, policy="stripe") == {}


def test_cancelling_one_of_two_subscriptions_is_contraction():
    ledger = ledger_of(
        paid("two", 100, "2026-01-01"), paid("two", 40, "2026-01-01", "2026-03-09", subscription="sub_second")
    )
    assert kinds(ledger) == {"two": ("contraction", -40.0)}


def test_who_came_and_went_within_the_month_is_nobodys_movement_but_returns_as_reactivation():
    ledger = ledger_of(
        paid("brief", 30, "2026-02-03", "2026-02-20"),
        paid("brief", 30, "2026-03-15"),
    )
    assert kinds(ledger) == {"brief": ("reactivation", 30.0)}


def test_moving_between_lines_is_no_churn():
    ledger = ledger_of(
        paid("moved", 100, "2026-01-01", "2026-03-10"), paid("moved", 120, "2026-03-10", line="fleetdesk")
    )
    assert kinds(ledger) == {"moved": ("expansion", 20.0)}
    assert kinds(ledger, "towpilot") == {"moved": ("leaving", -100.0)}
    assert kinds(ledger, "fleetdesk") == {"moved": ("entering", 120.0)}


def test_a_second_line_is_entered_and_not_new():
    ledger = ledger_of(paid("both", 100, "2026-01-01"), paid("both", 50, "2026-03-10", line="fleetdesk"))
    assert kinds(ledger, "fleetdesk") == {"both": ("entering", 50.0)}
    assert kinds(ledger) == {"both": ("expansion", 50.0)}


@pytest.mark.parametrize("away", [State.PAUSED, State.FREE_PERIOD])
def test_a_pause_and_a_free_period_leave_and_their_end_enters(away):
    ledger = ledger_of(
        paid("asleep", 100, "2026-01-01", "2026-03-10"),
        paid("asleep", 100, "2026-03-10", state=away),
        paid("awake", 80, "2026-01-01", "2026-03-12", state=away),
        paid("awake", 80, "2026-03-12"),
    )
    assert kinds(ledger) == {"asleep": ("leaving", -100.0), "awake": ("entering", 80.0)}


def test_rows_add_up_and_the_running_month_is_open():
    ledger = ledger_of(
        paid("a", 100, "2026-01-15"), paid("b", 50, "2026-02-10", "2026-05-03"), now="2026-05-20"
    )
    scene = scene_of(ledger, "all-products")
    rows = movements(scene.book, periods(date(2026, 1, 1), date(2026, 5, 20), "month", UTC), scene.at)
    assert [(r.start, r.end) for r in rows] == [
        (0, 100 * UNITS),
        (100 * UNITS, 150 * UNITS),
        (150 * UNITS, 150 * UNITS),
        (150 * UNITS, 150 * UNITS),
        (150 * UNITS, 100 * UNITS),
    ]
    assert all(r.start + r.net == r.end for r in rows)
    assert [r.open for r in rows] == [False, False, False, False, True]
    assert rows[-1].counts["churn"] == 1


def test_the_end_of_a_month_closes_it():
    scene = scene_of(ledger_of(paid("a", 100, "2026-01-15")), "all-products", at("2026-04-01") - 1)
    assert scene.month.period.label == "2026-03"
    assert [m.period.label for m in scene.closed] == [
        "2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03",
    ]  # fmt: skip


def test_who_came_and_went_within_the_month_is_in_no_movement_and_named_beside_them():
    ledger = ledger_of(
        paid("brief", 100, "2026-03-05", "2026-03-20"),
        paid("stayed", 100, "2026-03-05"),
        paid("back", 40, "2026-01-01", "2026-02-01"),
        paid("back", 40, "2026-03-05", "2026-03-06"),
        paid("before", 40, "2026-02-05", "2026-03-06"),
    )
    scene = scene_of(ledger, "all-products")
    assert came_and_went(scene.book, MARCH, scene.at) == ["brief"]
    assert set(kinds(ledger)) == {"stayed", "before"}
