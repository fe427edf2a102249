"""Amounts of one currency in another, by dated rates that people entered."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from eqho.metrics.entered import Rate

OLDEST = 7
"""Days that a rate may be older than the day it is used for."""


class Exchange:
    """Into `currency`. Rates are in units for one of their base, which is `currency` itself where that has no
    rates; a currency without any is never taken for the base."""

    def __init__(self, rates: Sequence[Rate], currency: str) -> None:
        self._into = currency.upper()
        self._known: dict[str, tuple[list[date], list[Fraction]]] = {}
        for rate in sorted(rates, key=lambda one: one.date):
            days, values = self._known.setdefault(rate.currency.upper(), ([], []))
            days.append(date.fromisoformat(rate.date))
            values.append(Fraction(rate.rate))

    def knows(self, currency: str) -> bool:
        """Whether any rate of a currency was ever entered; of the one it goes into, always."""
        return currency.upper() == self._into or currency.upper() in self._known

    def last_day(self, currency: str, day: date) -> date | None:
        """The day of the latest rate on or before a day, whatever its age: of a currency and of the one it
        goes into the earlier; None where there is none."""
        found = []
        for name in (currency.upper(), self._into):
            if name != self._into or name in self._known:
                days = self._known.get(name, ([], []))[0]
                place = bisect_right(days, day) - 1
                found.append(days[place] if place >= 0 else None)
        return None if None in found else min(known for known in found if known is not None)

    def rate(self, currency: str, day: date) -> Fraction | None:
        """What one unit of a currency is worth on a day; None where a rate is missing or more than OLDEST
        days old."""
        source = currency.upper()
        if source == self._into:
            return Fraction(1)
        here = self._per_base(self._into, day) if self._into in self._known else Fraction(1)
        there = self._per_base(source, day)
        return None if here is None or there is None else here / there

    def _per_base(self, currency: str, day: date) -> Fraction | None:
        days, values = self._known.get(currency, ([], []))
        place = bisect_right(days, day) - 1
        if place < 0 or (day - days[place]).days > OLDEST:
            return None
        return values[place]
