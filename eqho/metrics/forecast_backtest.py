"""What a way to carry MRR on would have told in the past, from what was known then, and how wrong it was."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eqho.metrics.forecast_drivers import Floats
from eqho.metrics.forecast_methods import Way

KNOWN_AT_LEAST = 12
"""Months that must be known before a forecast is made."""
HORIZON = 12
MOST_ORIGINS = 60
"""Forecasts that are made anew: those of the last five years."""
BAND = 0.8
BAND_FROM = 6
"""Past forecasts from which on a band is drawn."""
RECENT = 12
"""Months whose errors a band is made of: a young company's are no measure for an older one."""
_SLOWEST, _FASTEST = 0.5, 1.5


@dataclass(frozen=True)
class Past:
    """`told[i][h]` from the first `known[i]` months, of the month end `h` + 1 after them; as many as have
    come. In MRR units, as `mrr`, which has one value for each month end."""

    mrr: Floats
    known: Sequence[int]
    told: Sequence[Floats]

    def errors(self) -> list[Floats]:
        """What came less what was told."""
        return [self.mrr[known : known + len(told)] - told for known, told in self._pairs()]

    def mase(self) -> float | None:
        """The mean absolute error over the mean step from month to month; None where MRR never moved."""
        step = np.abs(np.diff(self.mrr)).mean()
        return float(np.abs(np.concatenate(self.errors())).mean() / step) if step else None

    def band(self, until: int | None = None) -> "Band | None":
        """From the errors of the last year when `until` months were known; None while they are too few."""
        last = len(self.mrr) if until is None else until
        ahead, relative = [], []
        origins = 0
        for known, told in self._pairs():
            count = min(len(told), last - known)
            usable = [h for h in range(count) if told[h] > 0 and known + h >= last - RECENT]
            origins += bool(usable)
            ahead += [h + 1 for h in usable]
            relative += [abs(self.mrr[known + h] / told[h] - 1) for h in usable]
        if origins < BAND_FROM:
            return None
        return Band.of(np.array(ahead), np.array(relative))

    def coverage(self) -> float | None:
        """The share of what came that lay within the band of its time."""
        inside = []
        for known, told in self._pairs():
            if (band := self.band(known)) is not None:
                low, high = band.around(told)
                came = self.mrr[known : known + len(told)]
                inside += ((low <= came) & (came <= high)).tolist()
        return sum(inside) / len(inside) if inside else None

    def _pairs(self) -> list[tuple[int, Floats]]:
        return list(zip(self.known, self.told, strict=True))


@dataclass(frozen=True)
class Band:
    """Half width relative to the middle: `width` times the months ahead to the power `grows`."""

    width: float
    grows: float

    @classmethod
    def of(cls, ahead: Floats, relative: Floats) -> "Band":
        """As wide as covers 80 % of the errors, with the finite-sample step of conformal prediction."""
        months = np.unique(ahead)
        sizes = np.array([np.sqrt((relative[ahead == month] ** 2).mean()) for month in months])
        grows = 0.5
        if len(months) > 1 and (sizes > 0).all():
            slope = np.polyfit(np.log(months), np.log(sizes), 1)[0]
            grows = float(np.clip(slope, _SLOWEST, _FASTEST))
        scaled = np.sort(relative / ahead**grows)
        rank = min(len(scaled), int(np.ceil(BAND * (len(scaled) + 1))))
        return cls(float(scaled[rank - 1]), grows)

    def around(self, mid: Floats) -> tuple[Floats, Floats]:
        """(low, high), never below 0."""
        reach = self.width * np.arange(1, len(mid) + 1) ** self.grows
        return mid * np.maximum(0, 1 - reach), mid * (1 + reach)


def replay(mrr: Floats, way: Way) -> Past | None:
    """Each forecast since month 13, of the months that have come; None where one could not be made."""
    first = max(KNOWN_AT_LEAST, len(mrr) - MOST_ORIGINS)
    known = list(range(first, len(mrr)))
    told = [way(count, min(HORIZON, len(mrr) - count)) for count in known]
    made = [one for one in told if one is not None]
    return Past(mrr, known, made) if known and len(made) == len(known) else None
