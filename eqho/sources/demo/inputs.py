"""What the demo company's founders would have entered: spend in four categories, a gross margin, exchange
rates, goals."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from math import sin, tau
from random import Random
from typing import NamedTuple

from eqho.metrics.entered import Goal, Inputs, Margin, Rate, Spend
from eqho.products import ALL
from eqho.sources.demo.company import EPOCH, SEED
from eqho.stripe_simulator.calendar import DAY, shift


class _Budget(NamedTuple):
    """Dollars of the first month and what each later month adds, before chance has its say."""

    category: str
    first: int
    more: int
    product: str | None = None


_BUDGETS = (
    _Budget("Content", 500, 25),
    _Budget("Paid ads", 1_400, 90),
    _Budget("Sales", 1_800, 95),
    _Budget("Trade shows", 300, 20, "towpilot"),
)


class _Course(NamedTuple):
    """Units for a dollar: about `mean`, up and down by `swing` of it within so many weeks."""

    currency: str
    mean: float
    swing: float
    weeks: int
    digits: int


_COURSES = (_Course("EUR", 0.92, 0.05, 83, 4), _Course("JPY", 148.0, 0.06, 61, 2))
_CHANCE = 0.004
_WEEK = 7 * DAY
_MORE_EACH_YEAR = (("mrr", 25_000), ("customers", 35))
_MARGIN_AT_FIRST, _MARGIN_GAINED, _MARGIN_AT_MOST = Decimal("0.74"), Decimal("0.01"), Decimal("0.82")


def demo_inputs(now: int) -> Inputs:
    """Spend of every month that has closed by `now`, and a margin each quarter, in dollars; the rates of
    each Monday."""
    return _at_the_end_of(now // DAY)


@lru_cache(maxsize=2)
def _at_the_end_of(day: int) -> Inputs:
    """Months close at midnight, and rates come then: nothing changes within a day."""
    now = day * DAY + DAY - 1
    months = _closed_months(now)
    return Inputs(
        tuple(_spend(budget, n, month) for n, month in enumerate(months) for budget in _BUDGETS),
        tuple(_margin(n, month) for n, month in enumerate(months) if n % 3 == 0),
        tuple(_rates(now)),
        goals=_goals(months),
        sample=True,
    )


def _spend(budget: _Budget, n: int, month: str) -> Spend:
    dice = Random(f"{SEED}:spend:{budget.category}:{month}")  # noqa: S311 - a simulation, not a secret
    tens = round((budget.first + budget.more * n) * dice.uniform(0.085, 0.115))
    return Spend(month, budget.category, Decimal(10 * tens), "USD", budget.product)


def _margin(n: int, month: str) -> Margin:
    return Margin(month, min(_MARGIN_AT_FIRST + _MARGIN_GAINED * (n // 3), _MARGIN_AT_MOST))


def _rates(now: int) -> Iterator[Rate]:
    # Day 4 of the epoch was a Monday; the first one lies before the first sale.
    first = (EPOCH - 4 * DAY) // _WEEK
    for week in range(first, (now - 4 * DAY) // _WEEK + 1):
        day = f"{datetime.fromtimestamp(week * _WEEK + 4 * DAY, UTC):%Y-%m-%d}"
        yield Rate(day, "USD", Decimal(1))
        for course in _COURSES:
            dice = Random(f"{SEED}:rate:{course.currency}:{day}")  # noqa: S311 - a simulation, not a secret
            off = course.swing * sin(tau * (week - first) / course.weeks) + dice.uniform(-_CHANCE, _CHANCE)
            yield Rate(day, course.currency, Decimal(f"{course.mean * (1 + off):.{course.digits}f}"))


def _goals(months: Sequence[str]) -> tuple[Goal, ...]:
    """Of MRR and customers at the end of each year whose first month has closed."""
    years = [month[:4] for month in months if month.endswith("-01")]
    return tuple(
        Goal(metric, ALL, f"{year}-12", Decimal(more * n))
        for n, year in enumerate(years, 1)
        for metric, more in _MORE_EACH_YEAR
    )


def _closed_months(now: int) -> list[str]:
    found: list[str] = []
    while shift(EPOCH, "month", len(found) + 1) <= now:
        began = datetime.fromtimestamp(shift(EPOCH, "month", len(found)), UTC)
        found.append(f"{began:%Y-%m}")
    return found
