"""What MRR in several currencies is worth in the one that reports, by dated rates, exactly."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints
from eqho.metrics.exchange import Exchange
from eqho.money import minor_digits
from eqho.periods import day_of

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Rates:
    """`names` are the currencies behind the codes, `into` the one that reports. Days are those of `zone`."""

    exchange: Exchange
    names: list[str]
    into: str
    zone: ZoneInfo

    @property
    def convertible(self) -> Ints:
        """Codes of the reporting currency and of every one that has rates at all."""
        found = [code for code, name in enumerate(self.names) if self.exchange.knows(name)]
        return np.array(found, dtype=np.int64)

    def factor(self, code: int, at: int) -> Fraction | None:
        """MRR units of the reporting currency for one of another; None without a rate on that day."""
        name = self.names[code]
        rate = self.exchange.rate(name, day_of(at, self.zone))
        return None if rate is None else rate * Fraction(10) ** (minor_digits(self.into) - minor_digits(name))

    def valued(self, amounts: Ints, currency: Codes, at: int) -> Ints:
        """Each amount in the reporting currency at an instant, rounded once; 0 where there is no rate."""
        worth = np.zeros(len(amounts), dtype=np.int64)
        for code in np.flatnonzero(np.bincount(currency)).tolist():
            if (factor := self.factor(code, at)) is not None:
                mine = currency == code
                worth[mine] = times(amounts[mine], factor)
        return worth

    def told(self, currency: Codes, at: int) -> npt.NDArray[np.bool_]:
        """Which rows are of a currency that is in the totals of an instant."""
        known = [self.factor(code, at) is not None for code in range(len(self.names))]
        found: npt.NDArray[np.bool_] = np.array(known, dtype=np.bool_)[currency]
        return found


@dataclass(frozen=True)
class Worth:
    """The currency of each row of a table, and the rates that turn it into the reporting one."""

    currency: Codes
    rates: Rates

    def where(self, mask: npt.NDArray[np.bool_] | Ints) -> Self:
        return type(self)(self.currency[mask], self.rates)

    def at(self, amounts: Ints, instant: int) -> Ints:
        return self.rates.valued(amounts, self.currency, instant)

    def at_samples(self, amounts: Ints, sample: Ints, samples: Ints) -> Ints:
        """Each amount at its own sample, an index of `samples`."""
        worth = np.zeros(len(amounts), dtype=np.int64)
        order = np.argsort(sample, kind="stable")
        edges = np.searchsorted(sample[order], np.arange(len(samples) + 1))
        for i in range(len(samples)):
            rows = order[edges[i] : edges[i + 1]]
            if len(rows):
                worth[rows] = self.rates.valued(amounts[rows], self.currency[rows], int(samples[i]))
        return worth

    @property
    def foreign(self) -> npt.NDArray[np.bool_]:
        names = self.rates.names
        others = np.array([name != self.rates.into for name in names], dtype=np.bool_)
        found: npt.NDArray[np.bool_] = others[self.currency]
        return found


def times(amounts: Ints, factor: Fraction) -> Ints:
    """Each amount × factor, rounded half to even; exact however many digits the factor has."""
    if factor == 1 or not len(amounts):
        return amounts
    above, below = factor.numerator, factor.denominator
    largest = max(1, int(np.abs(amounts).max()))
    if largest * above < 2**62 and below < 2**62:
        return _rounded(amounts * above, below)
    distinct, places = np.unique(amounts, return_inverse=True)
    worth = _rounded(distinct.astype(object) * above, below)
    found: Ints = worth.astype(np.int64)[places]
    return found


def _rounded(product: npt.NDArray[Any], below: int) -> npt.NDArray[Any]:
    whole = product // below
    twice = (product - whole * below) * 2
    up = (twice > below) | ((twice == below) & (whole % 2 == 1))
    found: npt.NDArray[Any] = whole + np.where(up, 1, 0)
    return found
