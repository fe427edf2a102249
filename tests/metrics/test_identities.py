"""The identities of METRICS.md hold exactly, on spans at random and on the demo company, and every number is
the one that walking through time step by step gives."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqho.ledger.build import Ledger
from eqho.ledger.spans import Span, Spans
from eqho.metrics import retention
from eqho.metrics.identities import violations
from eqho.metrics.movements import KINDS, Movement, customer_changes, movements
from eqho.metrics.panel import Company, counted
from eqho.metrics.policy import POLICIES
from eqho.periods import FAR, PeriodLength, day_of, midnight, periods
from eqho.products import ALL
from eqho.stripe_simulator.calendar import instant
from tests.ledger.comparison import Written
from tests.metrics.as_json import cohort_rows, snapshot
from tests.metrics.hand_made import ledger_of
from tests.metrics.queries import LINES, scene_of
from tests.metrics.random_spans import (
    CURRENCY,
    HISTORIES,
    LAST_STEP,
    NOWS,
    POLICY,
    PRODUCT,
    STEPS,
    replace_now,
    scene,
)
from tests.oracle import step_by_step
from tests.oracle.simulator import build_company
from tests.oracle.step_by_step import ORIGIN, STEP

LENGTHS: tuple[PeriodLength, ...] = ("week", "month", "quarter")
ZONES = st.sampled_from([ZoneInfo("UTC"), ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kolkata")])


def line_of(product: str) -> str | None:
    return None if product == ALL else product


@settings(max_examples=150, deadline=None)
@given(HISTORIES, NOWS, PRODUCT, POLICY, CURRENCY, st.sampled_from(LENGTHS), ZONES)
def test_movements_are_those_of_a_walk_through_time(
    rows: list[Span],
    now: int,
    product: str,
    policy: str,
    currency: str,
    length: PeriodLength,
    zone: ZoneInfo,
) -> None:
    asked = scene(rows, product, now, policy, currency, zone.key)
    walked = step_by_step.walk(rows, line_of(product), POLICIES[policy], currency, STEPS)
    spanned = periods(date(2024, 12, 25), day_of(now, zone), length, zone)
    for row in movements(asked.book, spanned, now):
        changed = step_by_step.changes(walked, row.period, now)
        assert {k: v for k, v in row.amounts.items() if v} == dict(step_by_step.amounts(changed))
        assert {k: v for k, v in row.counts.items() if v} == dict(step_by_step.counts(changed))
        told = customer_changes(asked.book, row.period, min(now, row.period.end - 1))
        assert {c.customer: (c.kind, c.before, c.after) for c in told} == changed
        assert_adds_up(row)


def assert_adds_up(row: Movement) -> None:
    gained = sum(row.amounts[kind] for kind in ("new", "reactivation", "expansion", "entering"))
    lost = sum(row.amounts[kind] for kind in ("contraction", "churn", "leaving"))
    assert row.start + gained - lost == row.end
    arrived = sum(row.counts[kind] for kind in ("new", "reactivation", "entering"))
    gone = sum(row.counts[kind] for kind in ("churn", "leaving"))
    assert row.customers_start + arrived - gone == row.customers_end
    assert min(row.start, row.end, *row.amounts.values(), *row.counts.values()) >= 0


@settings(max_examples=100, deadline=None)
@given(HISTORIES, NOWS, PRODUCT, POLICY)
def test_rates_are_those_of_a_walk_through_time(
    rows: list[Span], now: int, product: str, policy: str
) -> None:
    asked = scene(rows, product, now, policy)
    walked = step_by_step.walk(rows, line_of(product), POLICIES[policy], "usd", STEPS)
    for month in movements(
        asked.book, periods(date(2025, 1, 1), day_of(now, asked.zone), "month", asked.zone), now
    ):
        changed = step_by_step.changes(walked, month.period, now)
        lost, moved = step_by_step.amounts(changed), step_by_step.counts(changed)
        opening = walked.at(month.period.start - 1)
        start = sum(worth[opening] for worth in walked.product.values())
        gained = lost["new"] + lost["expansion"] + lost["reactivation"]
        down = lost["contraction"] + lost["churn"]
        assert retention.gross_mrr_churn_rate(month) == (down / start if start else None)
        net = down - lost["expansion"] - lost["reactivation"]
        assert retention.net_mrr_churn_rate(month) == (net / start if start else None)
        assert retention.quick_ratio(month) == (gained / down if down else None)
        at = month.period.sample(now)
        churn = retention.customer_churn_rate(asked.book, month, asked.policy, at)
        if policy == "stripe":
            assert churn == step_by_step.rolling_churn(walked, at)
        else:
            customers = sum(worth[opening] > 0 for worth in walked.product.values())
            assert churn == (moved["churn"] / customers if customers else None)
        for back in (30, 365):
            then = at - back * 86_400
            told = retention.net_and_gross_retention(asked.book, then, at)
            assert told == step_by_step.retention(walked, then, at)


@settings(max_examples=60, deadline=None)
@given(HISTORIES, NOWS, PRODUCT, POLICY, ZONES)
def test_cohorts_are_those_of_a_walk_through_time(
    rows: list[Span], now: int, product: str, policy: str, zone: ZoneInfo
) -> None:
    asked = scene(rows, product, now, policy, zone=zone.key)
    walked = step_by_step.walk(rows, line_of(product), POLICIES[policy], "usd", STEPS)
    months = periods(date(2024, 12, 31), day_of(now, zone), "month", zone)
    expected = step_by_step.cohorts(walked, months, now)
    for measure, place in (("customers", 1), ("mrr", 2)):
        told = cohort_rows(asked, measure)  # type: ignore[arg-type]
        assert {row["cohort"]: row["size"] for row in told} == {
            label: row[0] for label, row in expected.items()
        }
        for row in told:
            closed = [value for value in row["values"] if value is not None]
            worth = expected[row["cohort"]][place]
            assert closed == (worth if measure == "customers" else [asked.money(value) for value in worth])


@settings(max_examples=100, deadline=None)
@given(HISTORIES, NOWS, POLICY, CURRENCY)
def test_product_lines_sum_to_the_total_at_every_instant(
    rows: list[Span], now: int, policy: str, currency: str
) -> None:
    asked = scene(rows, ALL, now, policy, currency)
    assert violations(asked) == []
    for step in range(0, LAST_STEP, 97):
        at = ORIGIN + step * STEP
        total = asked.book.scope.total(at)
        assert sum(asked.book_of(key).scope.total(at) for key in LINES.keys) == total
        assert asked.book.scope.balance(at).sum() == total


@settings(max_examples=100, deadline=None)
@given(HISTORIES, NOWS, PRODUCT, POLICY)
def test_as_of_a_day_is_what_was_known_on_it(rows: list[Span], now: int, product: str, policy: str) -> None:
    """The ledger, cut at the day: later stretches have not begun, later ends and cancellations not come."""
    at = midnight(date(2025, 7, 10), ZoneInfo("UTC")) - 1
    cut = [
        row._replace(
            end=row.end if row.end <= at else FAR,
            requested=row.requested if row.requested <= at else FAR,
        )
        for row in rows
        if row.start <= at
    ]
    then = snapshot(scene_of(replace_now(ledger_of(*rows), now), product, at, policy))
    known = snapshot(scene_of(replace_now(ledger_of(*cut), at), product, policy=policy))
    assert {**then, "timestamp": ""} == {**known, "timestamp": ""}


@pytest.fixture(scope="module")
def demo() -> Ledger:
    written = Written(build_company(instant("2026-11-22T12:00:00")).account, ["newest"])
    return written.ledger("newest", events=True, lines=LINES)


@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize("length", get_args(PeriodLength))
def test_the_demo_company_adds_up_in_every_period_product_line_and_currency(
    demo: Ledger, policy: str, length: PeriodLength
) -> None:
    zone = ZoneInfo("America/New_York")
    spanned = periods(date(2023, 10, 1), day_of(demo.now, zone), length, zone)
    currencies = demo.spans.names["currency"]
    assert sorted(currencies) == ["eur", "jpy", "usd"]
    for currency in currencies:
        by_line: list[list[Movement]] = []
        for product in (ALL, *LINES.keys):
            rows = movements(
                Company.of(counted(demo.spans, POLICIES[policy]), currency).book(product), spanned, demo.now
            )
            for row in rows:
                assert_adds_up(row)
            for earlier, later in pairwise(rows):
                assert (earlier.end, earlier.customers_end) == (later.start, later.customers_start)
            by_line.append(rows)
        total, *lines = by_line
        for i, row in enumerate(total):
            assert sum(line[i].end for line in lines) == row.end
            assert sum(line[i].net for line in lines) == row.net


def test_the_demo_company_has_every_kind_of_movement(demo: Ledger) -> None:
    zone = ZoneInfo("UTC")
    spanned = periods(date(2023, 10, 1), day_of(demo.now, zone), "month", zone)
    rows = movements(
        Company.of(counted(demo.spans, POLICIES["eqho"]), "usd").book("towpilot"), spanned, demo.now
    )
    assert all(sum(row.counts[kind] for row in rows) > 0 for kind in KINDS)


def test_a_build_that_contradicts_itself_is_found_out() -> None:
    sound = scene([], ALL, ORIGIN + STEP, "eqho").ledger.spans
    row = Span(
        "a", "s", "i", "no such line", "p", "p", "usd", 1.0, 5, -5, 5, 0, ORIGIN, ORIGIN, FAR, 3, False, ""
    )
    broken = replace(
        scene([], ALL, ORIGIN, "eqho"), ledger=_with_spans(Spans.of([row, row._replace(net_eqho=5, end=FAR)]))
    )
    assert len(sound) == 0
    assert violations(broken) == [
        "a span has negative MRR",
        "a span ends before it starts",
        "the product lines do not sum to the total",
    ]


def _with_spans(found: Spans) -> Ledger:
    ledger = ledger_of()
    return Ledger(
        **{f: getattr(ledger, f) for f in ledger.__struct_fields__} | {"spans": found, "now": ORIGIN}
    )
