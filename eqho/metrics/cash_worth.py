"""Cash of several currencies in the one that reports: what moved at the rate of its own day, what is waited
for at that of the instant."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints
from eqho.metrics.worth import Codes, Rates, times
from eqho.money import MRR_SCALE
from eqho.periods import day_of, periods


class Worths(NamedTuple):
    """`units` of the reporting currency (minor × MRR_SCALE), 0 where there is no rate; `told` says where
    there is one."""

    units: Ints
    told: npt.NDArray[np.bool_]


def on_their_days(amounts: Ints, currency: Codes, at: Ints, rates: Rates) -> Worths:
    """Minor units, each at the rate of the day it counts at; rounded once."""
    units, told = amounts * MRR_SCALE, np.ones(len(amounts), dtype=np.bool_)
    names = np.array([name != rates.into for name in rates.names], dtype=np.bool_)
    foreign = np.flatnonzero(names[currency]) if len(names) else np.zeros(0, dtype=np.int64)
    if not len(foreign):
        return Worths(units, told)
    starts = _days(at[foreign], rates)
    day = np.searchsorted(starts, at[foreign], side="right") - 1
    pairs, group = np.unique(day * len(rates.names) + currency[foreign], return_inverse=True)
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(len(pairs) + 1))
    for i, pair in enumerate(pairs.tolist()):
        rows = foreign[order[edges[i] : edges[i + 1]]]
        factor = rates.factor(pair % len(rates.names), int(starts[pair // len(rates.names)]))
        told[rows] = factor is not None
        units[rows] = 0 if factor is None else times(units[rows], factor)
    return Worths(units, told)


def at_instant(amounts: Ints, currency: Codes, at: int, rates: Rates) -> Worths:
    """A balance of minor units at the rates of one instant."""
    return Worths(rates.valued(amounts * MRR_SCALE, currency, at), rates.told(currency, at))


def coded(names: Sequence[str]) -> tuple[Codes, list[str]]:
    """Codes of a column of names, and the names behind them."""
    found = sorted(set(names))
    return np.array([found.index(name) for name in names], dtype=np.int32), found


def _days(at: Ints, rates: Rates) -> Ints:
    """The first instants of the days from the earliest on."""
    first, last = (day_of(int(instant), rates.zone) for instant in (at.min(), at.max()))
    return np.array([day.start for day in periods(first, last, "day", rates.zone)], dtype=np.int64)
