"""What the demo company's founders would have entered: spend in four categories, a gross margin, goals."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import NamedTuple

from eqho.metrics.entered import Goal, Inputs, Margin, Spend
from eqho.products import ALL
from eqho.sources.demo.company import EPOCH, SEED
from eqho.stripe_simulator.calendar import shift


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
_MORE_EACH_YEAR = (("mrr", 25_000), ("customers", 35))
_MARGIN_AT_FIRST, _MARGIN_GAINED, _MARGIN_AT_MOST = Decimal("0.74"), Decimal("0.01"), Decimal("0.82")


def demo_inputs(now: int) -> Inputs:
    """Spend of every month that has closed by `now`, and a margin each quarter, in dollars."""
    months = _closed_months(now)
    return Inputs(
        tuple(_spend(budget, n, month) for n, month in enumerate(months) for budget in _BUDGETS),
        tuple(_margin(n, month) for n, month in enumerate(months) if n % 3 == 0),
        goals=_goals(months),
        sample=True,
    )


def _spend(budget: _Budget, n: int, month: str) -> Spend:
    dice = Random(f"{SEED}:spend:{budget.category}:{month}")  # noqa: S311 - a simulation, not a secret
    tens = round((budget.first + budget.more * n) * dice.uniform(0.085, 0.115))
    return Spend(month, budget.category, Decimal(10 * tens), "USD", budget.product)


def _margin(n: int, month: str) -> Margin:
    return Margin(month, min(_MARGIN_AT_FIRST + _MARGIN_GAINED * (n // 3), _MARGIN_AT_MOST))


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
