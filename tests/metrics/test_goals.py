"""Goals beside what is there: reached or missed when they closed, on pace or behind before."""

from dataclasses import replace
from decimal import Decimal

import pytest

from eqho.metrics.entered import Goal, Inputs
from eqho.metrics.goals import GoalState, goals
from tests.ledger.stripe_account import at
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of

# 100 more each month from January on: 600 at the end of June, which is half over.
GROWING = ledger_of(*(paid(f"c{n}", 100, f"2026-0{n}-01") for n in range(1, 7)), now="2026-06-16")


def told(*set_goals: tuple[str, str, str, str], ledger=GROWING, now: int | None = None) -> list[GoalState]:
    inputs = Inputs(
        goals=tuple(Goal(metric, product, period, Decimal(t)) for metric, product, period, t in set_goals)
    )
    return goals(replace(scene_of(ledger, "all-products", now), inputs=inputs))


def test_a_closed_goal_was_reached_or_missed_at_its_end() -> None:
    march, quarter = told(
        ("mrr", "all-products", "2026-03", "300"), ("mrr", "all-products", "2026-Q1", "300.01")
    )
    assert (march.actual, march.on_pace, march.closed) == (300.0, True, True)
    assert (quarter.actual, quarter.on_pace, quarter.closed) == (300.0, False, True)
    assert march.pace is march.needed is march.undefined is None


@pytest.mark.parametrize(("target", "on_pace"), [("749.99", True), ("750.01", False)])
def test_the_pace_of_the_last_three_closed_months_leads_there_or_not(target: str, on_pace: bool) -> None:
    """Half of June and July are left at 100 a month: 750."""
    (one,) = told(("mrr", "all-products", "2026-07", target))
    assert (one.actual, one.pace, one.on_pace, one.closed) == (600.0, 100.0, on_pace, False)
    assert one.needed == pytest.approx((float(target) - 600) / 1.5, rel=1e-6)


def test_of_a_product_line_and_of_customers_soonest_first() -> None:
    both = ledger_of(
        *(paid(f"c{n}", 100, f"2026-0{n}-01") for n in range(1, 7)),
        paid("other", 50, "2026-02-01", line="fleetdesk"),
        now="2026-06-16",
    )
    line, customers = told(
        ("customers", "towpilot", "2026-12", "9"), ("mrr", "fleetdesk", "2026-08", "50"), ledger=both
    )
    assert (line.product, line.actual, line.pace, line.on_pace) == ("fleetdesk", 50.0, 0.0, True)
    assert (customers.actual, customers.pace) == (6, 1.0)


def test_the_pace_is_not_known_from_too_few_closed_months() -> None:
    young = ledger_of(paid("a", 100, "2026-04-10"), now="2026-06-16")
    (one,) = told(("mrr", "all-products", "2026-12", "500"), ledger=young)
    assert (one.actual, one.on_pace, one.pace) == (100.0, None, None)
    assert one.undefined == "the pace needs 4 closed months in which MRR is defined"


def test_what_is_not_defined_has_no_pace_and_says_so() -> None:
    (one,) = told(("nrr_12m", "all-products", "2026-12", "1.1"))
    assert (one.actual, one.on_pace, one.undefined) == (None, None, "NRR, 12 months is not defined there")


def test_at_the_last_instant_of_a_month_that_month_is_closed_and_part_of_the_pace() -> None:
    end = at("2026-06-01") - 1
    may, july = told(
        ("mrr", "all-products", "2026-05", "500"), ("mrr", "all-products", "2026-07", "700"), now=end
    )
    assert (may.closed, may.on_pace) == (True, True)
    assert (july.actual, july.pace, july.on_pace) == (500.0, 100.0, True)
