"""What a range of periods reads of all its instants at once: steps by customer, never an instant at a time.

Ten years have 3,653 days: going through every stretch at each of them takes seconds, through the changes a
fraction of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints
from eqho.metrics import retention
from eqho.metrics.changes import Changes
from eqho.metrics.query import Scene
from eqho.periods import Period, same_day_months_ago


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
        count = len(self.ends)
        keys = np.union1d(then.customer * count + then.sample, now.customer * count + now.sample)
        customer, sample = keys // count, keys % count
        held, has = then.at(customer, sample), now.at(customer, sample)
        # Between two rows of a customer nothing changes: the row before tells what was.
        same = np.diff(customer, prepend=-1) == 0
        had, before = (np.where(same, np.roll(values, 1), 0) for values in (held, has))

        def course(after: Ints, earlier: Ints) -> Ints:
            steps = np.zeros(count, dtype=np.int64)
            np.add.at(steps, sample, after - earlier)
            return np.cumsum(steps)

        base = then.totals()
        kept = course(_where(held > 0, has), _where(had > 0, before))
        lesser = course(np.minimum(held, has), np.minimum(had, before))
        return [
            (retention.ratio(int(kept[i]), int(base[i])), retention.ratio(int(lesser[i]), int(base[i])))
            for i in range(count)
        ]


def _where(mask: npt.NDArray[np.bool_], values: Ints) -> Ints:
    return np.where(mask, values, 0)
