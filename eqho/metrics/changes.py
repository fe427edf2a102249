"""Who changed at which sample: balances by customer as steps, never as a grid of customers × samples."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from eqho.ledger.spans import Ints
from eqho.metrics.panel import Columns


@dataclass(frozen=True)
class Changes:
    """One row for each (customer, sample) at which the customer's balance is another than at the sample
    before, sorted by both; before the first sample everybody is at 0. `before` and `after` in MRR units."""

    customer: Ints
    sample: Ints
    before: Ints
    after: Ints
    samples: int
    """How many there are."""

    @classmethod
    def of(cls, columns: Columns, samples: Ints) -> Self:
        """`samples` ascending, UTC seconds."""
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
        return cls(who, keys - who * count, after - deltas, after, count)

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
        return np.cumsum(self._by_sample(self.after - self.before))

    def customers(self) -> Ints:
        """How many customers have a balance at each sample, int64 (samples,)."""
        return np.cumsum(self._by_sample((self.after != 0).astype(np.int64) - (self.before != 0)))

    def _by_sample(self, values: Ints) -> Ints:
        sums = np.zeros(self.samples, dtype=np.int64)
        np.add.at(sums, self.sample, values)
        return sums
