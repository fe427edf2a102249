"""Who changed at which sample: balances by customer as steps, never as a grid of customers × samples."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from eqho.ledger.spans import Ints
from eqho.metrics.panel import Columns
from eqho.metrics.revalued import Stretches, revalued


@dataclass(frozen=True)
class Changes:
    """One row for each (customer, sample) at which the customer's balance is another than at the sample
    before, sorted by both; before the first sample everybody is at 0. `before` and `after` in MRR units.

    Of columns in several currencies `before` is at the sample's own rates, and `held` at those of the sample
    before: a balance that only its rate changed has no row, unless the rate came or went.
    """

    customer: Ints
    sample: Ints
    held: Ints
    before: Ints
    after: Ints
    gained: Ints
    """What all balances gained or lost by rates on the way to each sample, int64 (samples,)."""
    samples: int
    """How many there are."""

    @classmethod
    def of(cls, columns: Columns, samples: Ints) -> Self:
        """`samples` ascending, UTC seconds."""
        if columns.worth is None:
            return cls._of_one_currency(columns, samples)
        elsewhere = np.zeros(columns.size, dtype=np.bool_)
        elsewhere[columns.customer[columns.worth.foreign]] = True
        mine = elsewhere[columns.customer]
        own = cls._of_one_currency(columns.where(~mine), samples)
        theirs = columns.where(mine)
        begin, end = np.searchsorted(samples, theirs.start), np.searchsorted(samples, theirs.end)
        seen = begin < end  # at one sample at least
        counted = theirs.where(seen)
        assert counted.worth is not None  # as the columns' own
        customer = counted.customer.astype(np.int64)
        found = revalued(
            Stretches(customer, begin[seen], end[seen], counted.mrr, counted.worth),
            samples,
        )
        order = np.argsort(np.concatenate([own.customer, found.customer]), kind="stable")
        customer, sample, held, before, after = (
            np.concatenate([getattr(own, name), getattr(found, name)])[order]
            for name in ("customer", "sample", "held", "before", "after")
        )
        return cls(customer, sample, held, before, after, found.gained, len(samples))

    @classmethod
    def _of_one_currency(cls, columns: Columns, samples: Ints) -> Self:
        count = len(samples)
        begin, end = np.searchsorted(samples, columns.start), np.searchsorted(samples, columns.end)
        seen = begin < end  # at one sample at least
        goes = seen & (end < count)
        customer = columns.customer.astype(np.int64)
        keys = np.concatenate([customer[seen] * count + begin[seen], customer[goes] * count + end[goes]])
        deltas = np.concatenate([columns.mrr[seen], -columns.mrr[goes]])
        order = np.argsort(keys, kind="stable")
        keys, deltas = keys[order], deltas[order]
        firsts = np.flatnonzero(np.diff(keys, prepend=-1))
        keys, deltas = keys[firsts], np.add.reduceat(deltas, firsts) if len(firsts) else deltas
        changed = deltas != 0
        keys, deltas = keys[changed], deltas[changed]
        who = keys // count if count else keys
        running = np.cumsum(deltas)
        # What was summed up before each customer's own first row.
        own = np.flatnonzero(np.diff(who, prepend=-1))
        offset = np.repeat((running - deltas)[own], np.diff(own, append=len(who)))
        after = running - offset
        before = after - deltas
        return cls(who, keys - who * count, before, before, after, np.zeros(count, dtype=np.int64), count)

    def at(self, customer: Ints, sample: Ints) -> Ints:
        """The balance of each customer at each sample, pair by pair."""
        keys = self.customer * self.samples + self.sample
        place = np.searchsorted(keys, customer * self.samples + sample, side="right") - 1
        found = np.zeros(len(customer), dtype=np.int64)
        known = place >= 0
        known[known] = self.customer[place[known]] == customer[known]
        found[known] = self.after[place[known]]
        return found

    def totals(self) -> Ints:
        """The balance of all customers at each sample, int64 (samples,)."""
        return np.cumsum(self._by_sample(self.after - self.before) + self.gained)

    def customers(self) -> Ints:
        """How many customers have a balance at each sample, int64 (samples,)."""
        return np.cumsum(self._by_sample((self.after != 0).astype(np.int64) - (self.held != 0)))

    def _by_sample(self, values: Ints) -> Ints:
        sums = np.zeros(self.samples, dtype=np.int64)
        np.add.at(sums, self.sample, values)
        return sums
