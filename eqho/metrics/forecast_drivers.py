"""MRR carried on month by month by the company's own movements: what comes new, and what grows, shrinks and
leaves of the MRR that is there, by the age of its cohort."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints

Floats = npt.NDArray[np.float64]

WINDOW = 12
"""Months whose movements are carried on."""
AGES = (0, 3, 6, 12, 24)
"""First month of each age of a cohort, in months since its first MRR."""
ENOUGH = 30
"""Customer-months an age must have in the window for rates of its own; below, all ages are taken together."""


@dataclass(frozen=True)
class Flows:
    """By age (rows) and by month into which they lead (columns), in MRR units: `opening` is what was there at
    the month's beginning, `kept` what is left of it at its end, `customers` how many had it. `stock` is what
    is there at each month's end by exact age in months; `new` and `returned` by month."""

    opening: Floats
    kept: Floats
    customers: Ints
    stock: Floats
    new: Floats
    returned: Floats

    @classmethod
    def of(cls, balances: Ints) -> Self:
        """`balances`: MRR units of customers (rows) at month ends (columns)."""
        months = balances.shape[1]
        paying = balances > 0
        first = np.where(paying.any(axis=1), paying.argmax(axis=1), months)
        by_age = (len(AGES), months)
        flows = cls(
            opening=np.zeros(by_age),
            kept=np.zeros(by_age),
            customers=np.zeros(by_age, dtype=np.int64),
            stock=np.zeros((months, months)),
            new=np.zeros(months),
            returned=np.zeros(months),
        )
        for month in range(months):
            now = balances[:, month]
            there = now > 0
            flows.stock[: month + 1, month] = np.bincount(
                month - first[there], weights=now[there], minlength=month + 1
            )
            flows.new[month] = now[first == month].sum()
            if month == 0:
                continue
            before = balances[:, month - 1]
            had = before > 0
            age = _bracket(month - 1 - first[had])
            flows.opening[:, month] = np.bincount(age, weights=before[had], minlength=len(AGES))
            flows.kept[:, month] = np.bincount(age, weights=now[had], minlength=len(AGES))
            flows.customers[:, month] = np.bincount(age, minlength=len(AGES))
            flows.returned[month] = now[~had & (first < month)].sum()
        return flows

    def forecast(self, known: int, months: int) -> Floats:
        """MRR units of the `months` month ends after the first `known` ones, from those alone."""
        window = slice(max(1, known - WINDOW), known)
        factor = self._factors(window)
        arriving = self.new[window].mean()
        returning = self.returned[window].mean()
        stock = self.stock[:known, known - 1]
        totals = np.empty(months)
        for ahead in range(months):
            ages = _bracket(np.arange(len(stock)))
            stock = np.concatenate([[arriving], stock * factor[ages]])
            stock[-1] += returning  # who comes back is of an old cohort
            totals[ahead] = stock.sum()
        return totals

    def _factors(self, window: slice) -> Floats:
        """What is left after a month of MRR of each age."""
        opening, kept = self.opening[:, window].sum(axis=1), self.kept[:, window].sum(axis=1)
        pooled = kept.sum() / opening.sum() if opening.sum() else 1.0
        own = self.customers[:, window].sum(axis=1) >= ENOUGH
        return np.where(
            own, np.divide(kept, opening, out=np.full(len(AGES), pooled), where=opening > 0), pooled
        )


def _bracket(age: Ints) -> Ints:
    """The place in AGES of ages in months."""
    return np.searchsorted(AGES, age, side="right") - 1
