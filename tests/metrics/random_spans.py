"""Spans at random: items of four customers within 400 days, that begin and end on steps of six hours."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from eqho.ledger.build import Ledger
from eqho.ledger.spans import Span, State
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.periods import FAR, midnight, periods
from eqho.products import ALL
from tests.metrics.hand_made import ledger_of
from tests.metrics.queries import scene_of
from tests.oracle.step_by_step import ORIGIN, STEP

STEPS = 4 * 460
FIRST_STEP, LAST_STEP = 4 * 40, 4 * 440
# Every first of a month and every Monday, in UTC: where periods begin.
BOUNDARIES = [
    (midnight(period.first, ZoneInfo("UTC")) - ORIGIN) // STEP
    for length in ("week", "month")
    for period in periods(date(2025, 1, 1), date(2026, 1, 31), length, ZoneInfo("UTC"))
]
STARTS = st.one_of(st.integers(FIRST_STEP, LAST_STEP), st.sampled_from(BOUNDARIES))


@st.composite
def spans(draw: Any) -> Span:
    """A stretch of one item of one of four customers, somewhere in 400 days."""
    number = st.integers
    customer = draw(st.sampled_from("abcd"))
    line = draw(st.sampled_from(["towpilot", "fleetdesk", "unmapped"]))
    currency = draw(st.sampled_from(["usd", "usd", "usd", "eur"]))
    start = draw(STARTS)
    end = draw(
        st.one_of(number(start + 1, LAST_STEP + 1), st.none(), number(1, 500).map(lambda n: start + n))
    )
    requested = draw(st.one_of(number(start, LAST_STEP), st.none()))
    gross, off, repeating = draw(number(0, 5)), draw(number(0, 2)), draw(number(0, 2))
    stripe = max(0, gross - off)
    ended = FAR if end is None else ORIGIN + end * STEP
    name = draw(st.sampled_from("12"))
    return Span(
        customer, f"sub_{customer}{name}", f"si_{customer}{name}", line, f"prod_{line}", f"price_{line}",
        currency, 1.0, gross * 1_000_003, max(0, stripe - repeating) * 1_000_003, stripe * 1_000_003,
        int(draw(st.sampled_from([State.ACTIVE, State.ACTIVE, State.PAST_DUE, State.PAUSED]))),
        ORIGIN + start * STEP, ended,
        ended if requested is None else min(ORIGIN + requested * STEP, ended), 3, False, "",
    )  # fmt: skip


HISTORIES = st.lists(spans(), max_size=12)
NOWS = st.integers(4 * 240, LAST_STEP).map(lambda step: ORIGIN + step * STEP)
POLICY = st.sampled_from(sorted(POLICIES))
CURRENCY = st.sampled_from(["usd", "eur"])
PRODUCT = st.sampled_from([ALL, "towpilot", "fleetdesk", "unmapped"])


def scene(
    rows: Sequence[Span], product: str, now: int, policy: str, currency: str = "usd", zone: str = "UTC"
) -> Scene:
    ledger = replace_now(ledger_of(*rows), now)
    return replace(scene_of(ledger, product, policy=policy), currency=currency, zone=ZoneInfo(zone))


def replace_now(ledger: Ledger, now: int) -> Ledger:
    return Ledger(**{field: getattr(ledger, field) for field in ledger.__struct_fields__} | {"now": now})
