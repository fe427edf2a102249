"""What is left of cohorts as a share of what they began with."""

from collections.abc import Sequence

from eqho.metrics.cohorts import Measure
from eqho.metrics.rows import CohortRow

Shares = list[float | None]


def base(cohort: CohortRow, measure: Measure) -> float | None:
    """What a cohort began with: its customers, or its MRR at the end of its first month, if closed."""
    return cohort.size if measure == "customers" else cohort.values[0]


def shares(cohort: CohortRow, measure: Measure) -> Shares:
    """A fraction per month since the first; None where the month has not closed or there is no base."""
    began = base(cohort, measure)
    return [value / began if value is not None and began else None for value in cohort.values]


def shares_of_all(cohorts: Sequence[CohortRow], measure: Measure) -> Shares:
    """Of all cohorts that are at least so old: what is left of them / what they began with."""
    oldest = max((len(cohort.values) for cohort in cohorts), default=0)
    return [_share_at(cohorts, measure, month) for month in range(oldest)]


def _share_at(cohorts: Sequence[CohortRow], measure: Measure, month: int) -> float | None:
    pairs = [
        (left, began)
        for cohort in cohorts
        if len(cohort.values) > month
        and (left := cohort.values[month]) is not None
        and (began := base(cohort, measure))
    ]
    return sum(left for left, _ in pairs) / sum(began for _, began in pairs) if pairs else None
