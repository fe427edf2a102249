"""Balances of customers who pay in other currencies: what moved, and what the rates made of the rest."""

from typing import NamedTuple

import numpy as np

from eqho.ledger.spans import Ints
from eqho.metrics.worth import Worth


class Stretches(NamedTuple):
    """Rows of `Columns` that are counted at samples `[begin, end)`, indices of `samples`."""

    customer: Ints
    begin: Ints
    end: Ints
    mrr: Ints
    worth: Worth


class Revalued(NamedTuple):
    """One row for each (customer, sample) that moved or whose currency came to a rate or lost it, sorted by
    both. `held` is the balance of the sample before at that sample's rates, `before` the same at this
    sample's, `after` the balance now. `gained`, int64 (samples,): what all opening balances gained or lost by
    rates, those that did not move included."""

    customer: Ints
    sample: Ints
    held: Ints
    before: Ints
    after: Ints
    gained: Ints


def revalued(stretches: Stretches, samples: Ints) -> Revalued:
    """Each stretch is valued at every sample it is counted at, and once more at the one after."""
    count = len(samples)
    row, sample = _expanded(stretches.begin, np.minimum(stretches.end, count - 1))
    open_before, open_now = sample > stretches.begin[row], sample < stretches.end[row]
    amounts, worth = stretches.mrr[row], stretches.worth.where(row)
    now = worth.at_samples(amounts, sample, samples)
    earlier = np.zeros_like(now)
    earlier[open_before] = worth.where(open_before).at_samples(
        amounts[open_before], sample[open_before] - 1, samples
    )
    keys = stretches.customer[row] * count + sample
    order = np.argsort(keys, kind="stable")
    firsts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    held, before, after = (
        np.add.reduceat(values[order], firsts) if len(firsts) else np.zeros(0, dtype=np.int64)
        for values in (earlier, np.where(open_before, now, 0), np.where(open_now, now, 0))
    )
    distinct = keys[order][firsts]
    customer, at = distinct // count, distinct % count
    gained = np.zeros(count, dtype=np.int64)
    np.add.at(gained, at, before - held)
    moved = (before != after) | ((held > 0) != (after > 0))
    return Revalued(customer[moved], at[moved], held[moved], before[moved], after[moved], gained)


def _expanded(begin: Ints, last: Ints) -> tuple[Ints, Ints]:
    """(row, sample) for every sample from `begin` to `last` of each row, both included."""
    lengths = last - begin + 1
    row = np.repeat(np.arange(len(begin), dtype=np.int64), lengths)
    offset = np.arange(len(row), dtype=np.int64) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return row, begin[row] + offset
