"""Who stayed: churn rates, NRR, GRR. None stands for "not defined"."""

from collections.abc import Sequence

import numpy as np

from eqho.metrics.movements import Movement
from eqho.metrics.panel import Book
from eqho.metrics.policy import MrrPolicy
from eqho.periods import DAY

NO_CUSTOMERS = "no customers at the start of the period"
NO_MRR = "no MRR at the start of the period"
NO_MRR_YEAR_AGO = "no MRR 12 months before"
NOTHING_LOST = "no contraction and no churn in the period"


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def customer_churn_rate(book: Book, month: Movement, policy: MrrPolicy, now: int) -> float | None:
    """See `churned_of`."""
    return ratio(*churned_of(book, month, policy, now))


def churned_of(book: Book, month: Movement, policy: MrrPolicy, now: int) -> tuple[int, int]:
    """(who churned, of whom): of the month's opening customers; under Stripe's rule of those of the 30 days
    before `now`."""
    if policy.churn_rate == "month":
        return month.counts["churn"], month.customers_start
    since = now - 30 * DAY
    scope = book.scope
    present = np.zeros(scope.size, dtype=np.bool_)
    present[scope.customer[(scope.start <= now) & (scope.end > since)]] = True
    gone = present & (book.presence.balance(now) == 0)
    return int(np.count_nonzero(gone)), int(np.count_nonzero(present))


def gross_mrr_churn_rate(month: Movement) -> float | None:
    return ratio(month.lost, month.start)


def net_mrr_churn_rate(month: Movement) -> float | None:
    return ratio(month.lost - month.amounts["expansion"] - month.amounts["reactivation"], month.start)


def quick_ratio(month: Movement) -> float | None:
    return ratio(month.gained, month.lost)


def net_and_gross_retention(book: Book, then: int, now: int) -> tuple[float | None, float | None]:
    """(NRR, GRR) of the customers that had MRR at `then`."""
    base, kept, least = retained(book, then, now)
    return ratio(kept, base), ratio(least, base)


def retained(book: Book, then: int, now: int) -> tuple[int, int, int]:
    """MRR units of the customers that had MRR at `then`: then, now, and of each the smaller of both."""
    earlier, today = book.scope.balance(then), book.scope.balance(now)
    kept, least = int(today[earlier > 0].sum()), int(np.minimum(earlier, today).sum())
    return int(earlier.sum()), kept, least


def trailing_churn(months: Sequence[Movement]) -> float | None:
    """Σ churned / Σ customers at the start, over the months given."""
    return ratio(sum(m.counts["churn"] for m in months), sum(m.customers_start for m in months))
