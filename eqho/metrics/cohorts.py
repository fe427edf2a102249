"""Cohorts: customers by the calendar month of their first MRR, and what is left of them month by month."""

from typing import Literal

import numpy as np

from eqho.metrics.query import Scene
from eqho.metrics.rows import CohortRow
from eqho.periods import day_of, periods

Measure = Literal["customers", "mrr"]


def cohort_rows(scene: Scene, measure: Measure) -> list[CohortRow]:
    """`size` customers began in the month; `values[n]` counts customers (or major units of MRR) at the end of
    the month n months later, None where it has not closed. A returner stays in its first cohort."""
    first = scene.book.scope.first
    began = first[first <= scene.at]
    if not len(began):
        return []
    start, end = day_of(int(began.min()), scene.zone), day_of(scene.at, scene.zone)
    months = periods(start, end, "month", scene.zone)
    edges = np.array([month.start for month in months], dtype=np.int64)
    cohort = np.where(first <= scene.at, np.searchsorted(edges, first, side="right") - 1, -1)
    balances = scene.book.scope.balances(np.array([m.sample(scene.at) for m in months], dtype=np.int64))
    amounts = (balances > 0).astype(np.int64) if measure == "customers" else balances
    table = np.zeros((len(months), len(months)), dtype=np.int64)
    members = cohort >= 0
    np.add.at(table, cohort[members], amounts[members])
    sizes = np.bincount(cohort[members], minlength=len(months))
    closed = [not month.is_open(scene.at) for month in months]
    return [
        CohortRow(
            month.label,
            int(sizes[i]),
            [_cell(scene, measure, int(table[i, j])) if closed[j] else None for j in range(i, len(months))],
        )
        for i, month in enumerate(months)
        if sizes[i]
    ]


def _cell(scene: Scene, measure: Measure, value: int) -> float | int:
    return value if measure == "customers" else scene.money(value)
