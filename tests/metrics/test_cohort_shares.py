"""What is left of a cohort, as a share of what it began with."""

from eqho.metrics.cohort_shares import shares, shares_of_all
from eqho.metrics.rows import CohortRow

MARCH = CohortRow("2026-03", 4, [3, 2, 4, None])
APRIL = CohortRow("2026-04", 1, [1, 0, None])
MAY = CohortRow("2026-05", 2, [None])


def test_customers_are_shares_of_everybody_who_began_even_of_those_who_left_at_once() -> None:
    assert shares(MARCH, "customers") == [0.75, 0.5, 1.0, None]


def test_mrr_is_a_share_of_the_first_month_end_and_may_grow() -> None:
    assert shares(CohortRow("2026-03", 2, [200.0, 100.0, 300.0]), "mrr") == [1.0, 0.5, 1.5]


def test_a_cohort_that_had_no_mrr_at_its_first_month_end_has_no_shares() -> None:
    assert shares(CohortRow("2026-03", 1, [0.0, 0.0]), "mrr") == [None, None]


def test_a_month_that_has_not_closed_stays_empty() -> None:
    assert shares(MAY, "mrr") == [None]
    assert shares(MAY, "customers") == [None]


def test_all_cohorts_together_weigh_by_what_they_began_with() -> None:
    assert shares_of_all([MARCH, APRIL, MAY], "customers") == [4 / 5, 2 / 5, 1.0, None]
    assert shares_of_all([], "customers") == []
