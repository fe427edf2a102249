"""What a range of periods reads of all its instants at once: steps by customer, never an instant at a time.

Ten years have 3,653 days: going through every stretch at each of them takes seconds, through the changes a
fraction of one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints
from eqho.metrics import retention
from eqho.metrics.changes import Changes
from eqho.metrics.query import Scene
from eqho.periods import DAY, FAR, Period, same_day_months_ago


@dataclass(frozen=True)
class Course:
    """`ends`: the instant of each period whose balances are read; `year_before`: the end of the same day
    twelve months before. Both int64 (periods,), ascending, UTC seconds."""

    scene: Scene
    ends: Ints
    year_before: Ints

    @classmethod
    def of(cls, scene: Scene, spanned: Sequence[Period]) -> Self:
        ends = [period.sample(scene.at) for period in spanned]
        year_before = [scene.end_of(same_day_months_ago(period.last, 12)) for period in spanned]
        return cls(scene, np.array(ends, dtype=np.int64), np.array(year_before, dtype=np.int64))

    @cached_property
    def subscriptions(self) -> Ints:
        """How many subscriptions have MRR at each end, int64 (periods,)."""
        scope = self.scene.book.scope
        size = int(scope.subscription.max(initial=-1)) + 1
        by_subscription = replace(scope, customer=scope.subscription, size=size, worth=None)
        return Changes.of(by_subscription, self.ends).customers()

    @cached_property
    def year_retention(self) -> list[tuple[float | None, float | None]]:
        """(NRR, GRR) over the twelve months to each end."""
        book = self.scene.book
        if book.scope.worth is not None:
            # What is worth another amount at every instant has no steps.
            return [
                retention.net_and_gross_retention(book, int(then), int(now))
                for then, now in zip(self.year_before, self.ends, strict=True)
            ]
        then, now = Changes.of(book.scope, self.year_before), Changes.of(book.scope, self.ends)
        both = _Together.of(then, now)
        base = then.totals()
        kept = both.summed(lambda held, has: np.where(held > 0, has, 0))
        lesser = both.summed(np.minimum)
        return [
            (retention.ratio(int(kept[i]), int(base[i])), retention.ratio(int(lesser[i]), int(base[i])))
            for i in range(len(self.ends))
        ]

    @cached_property
    def churn_of_30_days(self) -> list[float | None]:
        """Of the customers with MRR within the 30 days before each end, those who are gone at it."""
        book = self.scene.book
        # Whose stretch ended within the 30 days was there in them.
        longer = replace(book.scope, end=np.minimum(book.scope.end, FAR - 30 * DAY) + 30 * DAY, worth=None)
        there, present = Changes.of(longer, self.ends), Changes.of(book.presence, self.ends)
        gone = _Together.of(there, present).summed(lambda was, stays: (was > 0) & (stays == 0))
        return [
            retention.ratio(int(gone[i]), int(known)) for i, known in enumerate(there.customers().tolist())
        ]


@dataclass(frozen=True)
class _Together:
    """Two balances of the same customers at the same samples: a row where either changes, with what both are
    from it on and what both were before."""

    sample: Ints
    after: tuple[Ints, Ints]
    before: tuple[Ints, Ints]
    samples: int

    @classmethod
    def of(cls, one: Changes, other: Changes) -> Self:
        count = one.samples
        keys = np.union1d(one.customer * count + one.sample, other.customer * count + other.sample)
        customer, sample = keys // count, keys % count
        first, second = one.at(customer, sample), other.at(customer, sample)
        # Between two rows of a customer nothing changes: the row before tells what was.
        same = np.diff(customer, prepend=-1) == 0
        earlier = np.where(same, np.roll(first, 1), 0), np.where(same, np.roll(second, 1), 0)
        return cls(sample, (first, second), earlier, count)

    def summed(self, of: Callable[[Ints, Ints], npt.NDArray[Any]]) -> Ints:
        """The sum of something over all customers at each sample, int64 (samples,); it is 0 of who has
        neither balance."""
        steps = np.zeros(self.samples, dtype=np.int64)
        np.add.at(steps, self.sample, of(*self.after).astype(np.int64) - of(*self.before).astype(np.int64))
        return np.cumsum(steps)
