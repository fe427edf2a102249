"""Explain a change: whatever the two days, the product and the policy, every grouping adds up exactly."""

import os
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqho.ledger.spans import Span, State
from eqho.metrics.explain import between, explain, grouped, pieces
from eqho.metrics.movements import GAINS, KINDS, customer_changes, movements
from eqho.periods import day_of, midnight
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of
from tests.metrics.random_spans import CURRENCY, HISTORIES, NOWS, POLICY, PRODUCT, scene

EXAMPLES = int(os.environ.get("EQHO_SEEDS", "300"))
ZONES = st.sampled_from(["UTC", "America/New_York", "Pacific/Auckland"])


def owed(spans: list[Span], at: int, product: str, policy: str, currency: str) -> int:
    """MRR units at an instant, span by span."""
    total = 0
    for span in spans:
        end = span.end if policy == "eqho" else max(span.start, min(span.requested, span.end))
        worth = span.net_eqho if policy == "eqho" else span.net_stripe
        mine = product in ("all-products", span.line) and span.currency == currency
        if mine and span.start <= at < end and span.state in (State.ACTIVE, State.PAST_DUE):
            total += worth
    return total


@settings(max_examples=EXAMPLES, deadline=None)
@given(HISTORIES, NOWS, PRODUCT, POLICY, CURRENCY, ZONES, st.integers(1, 400), st.integers(0, 40))
def test_movements_lines_plans_and_customers_add_up_exactly(
    spans: list[Span], now: int, product: str, policy: str, currency: str, zone: str, length: int, ago: int
) -> None:
    asked = scene(spans, product, now, policy, currency, zone)
    last = day_of(now, ZoneInfo(zone)) - timedelta(ago)
    first = last - timedelta(length)
    period = between(asked, first, last)
    found = pieces(asked, period)
    start = owed(spans, midnight(first + timedelta(1), ZoneInfo(zone)) - 1, product, policy, currency)
    end = owed(spans, period.sample(now), product, policy, currency)

    for key in (lambda p: p.kind, lambda p: p.line, lambda p: p.plan, lambda p: p.customer):
        sums = grouped(found, key)
        assert sum(after - before for before, after, _ in sums.values()) == end - start

    (row,) = movements(asked.book, [period], now)
    kinds = grouped(found, lambda piece: piece.kind)
    for kind in KINDS:
        before, after, customers = kinds.get(kind, (0, 0, 0))
        assert after - before == (row.amounts[kind] if kind in GAINS else -row.amounts[kind])
        assert customers == row.counts[kind]

    whole = {who: after - before for who, (before, after, _) in grouped(found, lambda p: p.customer).items()}
    moved = {
        change.customer: change.after - change.before for change in customer_changes(asked.book, period, now)
    }
    assert {who: change for who, change in whole.items() if change} == moved
    assert all(whole[piece.customer] == 0 for piece in found if piece.kind is None)


COMPANY = ledger_of(
    paid("came", 100, "2026-03-10"),
    paid("grew", 50, "2026-01-01"),
    paid("grew", 30, "2026-03-11", line="fleetdesk"),
    paid("moved", 80, "2026-01-01", "2026-03-09"),
    paid("moved", 80, "2026-03-09", line="fleetdesk"),
    paid("went", 20, "2026-01-01", "2026-03-12"),
    paid("brief", 70, "2026-03-02", "2026-03-20"),
    paid("steady", 10, "2026-01-01"),
)
MARCH = date(2026, 2, 28), date(2026, 3, 31)


def test_what_made_march() -> None:
    told = explain(scene_of(COMPANY, "all-products"), *MARCH)
    assert (told.start, told.end, told.net) == (160.0, 270.0, 110.0)
    assert [(one.kind, one.amount, one.customers) for one in told.movements] == [
        ("new", 100.0, 1),
        ("expansion", 30.0, 1),
        ("churn", -20.0, 1),
    ]
    assert {one.line: (one.before, one.after, one.change, one.customers) for one in told.lines} == {
        "towpilot": (100.0, 100.0, 0.0, 3),
        "fleetdesk": (0.0, 110.0, 110.0, 2),
    }
    assert {(one.line, one.plan): one.change for one in told.plans} == {
        ("towpilot", "Towpilot"): 0.0,
        ("fleetdesk", "Fleetdesk"): 110.0,
    }
    assert [(one.name, one.kind, one.before, one.after, one.change) for one in told.customers] == [
        ("Came", "new", 0.0, 100.0, 100.0),
        ("Grew", "expansion", 50.0, 80.0, 30.0),
        ("Went", "churn", 20.0, 0.0, -20.0),
        ("Moved", None, 80.0, 80.0, 0.0),
    ]
    assert [(one.line, one.before, one.after, one.change) for one in told.customers[-1].plans] == [
        ("fleetdesk", 0.0, 80.0, 80.0),
        ("towpilot", 80.0, 0.0, -80.0),
    ]


def test_a_line_says_who_entered_and_who_left() -> None:
    told = explain(scene_of(COMPANY, "fleetdesk"), *MARCH)
    assert [(one.kind, one.amount) for one in told.movements] == [("entering", 110.0)]
    assert told.net == 110.0


def test_to_the_end_of_a_day_that_goes_on_is_until_now() -> None:
    told = explain(scene_of(COMPANY, "all-products"), date(2026, 3, 31), date(2026, 6, 15))
    assert (told.start, told.net, told.customers) == (270.0, 0.0, [])


@pytest.mark.parametrize("day", [date(2026, 3, 10), date(2026, 3, 9)])
def test_the_first_day_itself_is_before(day: date) -> None:
    """`came` began on 10 March: at the end of that day it was there already."""
    told = explain(scene_of(COMPANY, "towpilot"), day, date(2026, 3, 11))
    assert [one.name for one in told.customers] == ([] if day.day == 10 else ["Came"])
