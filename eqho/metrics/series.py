"""Series: metrics at the end of every period of a range."""

from collections.abc import Callable, Sequence

import numpy as np

from eqho.metrics import retention
from eqho.metrics.economics_by_month import VALUES as ECONOMICS
from eqho.metrics.economics_by_month import series as unit_economics_series
from eqho.metrics.movements import Movement, movements
from eqho.metrics.panel import Book
from eqho.metrics.query import Document, Scene
from eqho.periods import Period, same_day_months_ago

Value = float | int | None


def points(scene: Scene, metrics: Sequence[str], spanned: Sequence[Period]) -> list[Document]:
    """One point per period; `date` is its last day, values are those at its end or, of the open one, now.

    `metrics` are slugs of `definitions.SERIES`. Undefined values are None.
    """
    if not spanned:
        return []
    rows = movements(scene.book, spanned, scene.at)
    economics = unit_economics_series(scene, rows) if set(metrics) & set(ECONOMICS) else [{}] * len(rows)
    found: list[Document] = []
    for row, known in zip(rows, economics, strict=True):
        point: Document = {"date": row.period.last.isoformat()}
        point |= {slug: known[slug] if slug in known else _METRICS[slug](scene, row) for slug in metrics}
        found.append(point | {"open": row.open})
    return found


def _subscriptions(scene: Scene, row: Movement) -> int:
    scope = scene.book.scope
    return len(np.unique(scope.subscription[scope.active(row.period.sample(scene.at))]))


def _year_retention(scene: Scene, row: Movement) -> tuple[float | None, float | None]:
    book: Book = scene.book
    before = scene.end_of(same_day_months_ago(row.period.last, 12))
    return retention.net_and_gross_retention(book, before, row.period.sample(scene.at))


def _customer_churn(scene: Scene, row: Movement) -> Value:
    return retention.customer_churn_rate(scene.book, row, scene.policy, row.period.sample(scene.at))


_METRICS: dict[str, Callable[[Scene, Movement], Value]] = {
    "mrr": lambda scene, row: scene.money(row.end),
    "arr": lambda scene, row: scene.money(12 * row.end),
    "customers": lambda _, row: row.customers_end,
    "arpa": lambda scene, row: scene.average(row.end, row.customers_end),
    "subscriptions": _subscriptions,
    "net_new": lambda scene, row: scene.money(row.net),
    "quick_ratio": lambda _, row: retention.quick_ratio(row),
    "customer_churn_rate": _customer_churn,
    "gross_mrr_churn_rate": lambda _, row: retention.gross_mrr_churn_rate(row),
    "net_mrr_churn_rate": lambda _, row: retention.net_mrr_churn_rate(row),
    "nrr_12m": lambda scene, row: _year_retention(scene, row)[0],
    "grr_12m": lambda scene, row: _year_retention(scene, row)[1],
}
