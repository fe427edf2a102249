"""How many invoices there will be, and when they were made: told by the subscriptions before any is read."""

from collections.abc import Iterable

import numpy as np

from eqho.periods import DAY
from eqho.sources.base import Raw

_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


class InvoicesExpected:
    """One for each period that has begun since a subscription was made. Instants in UTC seconds."""

    def __init__(self, subscriptions: Iterable[Raw], now: int) -> None:
        lives = [_life(subscription, now) for subscription in subscriptions]
        columns = np.array(lives, dtype=np.int64).reshape(-1, 3)
        self._created, self._ended, self._period = columns.T

    @property
    def total(self) -> int:
        return int(np.sum(1 + np.maximum(0, self._ended - self._created) // self._period))

    def before(self, at: int) -> float:
        """How many were made before the instant; the years between bills count by parts."""
        made = self._created < at
        served = np.maximum(0, np.minimum(self._ended, at) - self._created) / self._period
        return float(np.sum(np.where(made, 1 + served, 0.0)))

    def newest_first(self, bound: int, invoices: int, since: int) -> list[int]:
        """Instants that cut the time before `bound` into stretches of so many invoices each, newest first, as
        far back as `since`; the rest is older. None where there are few."""
        cuts: list[int] = []
        while (rest := self.before(cuts[-1] if cuts else bound)) > 2 * invoices:
            cut = self._instant(rest - invoices, cuts[-1] if cuts else bound)
            if cut < since:
                break
            cuts.append(cut)
        return cuts

    def _instant(self, invoices: float, bound: int) -> int:
        """Before which so many were made."""
        low, high = int(self._created.min()), bound
        while high - low > DAY:
            middle = (low + high) // 2
            low, high = (middle, high) if self.before(middle) < invoices else (low, middle)
        return low


def invoices_expected(subscriptions: Iterable[Raw], now: int) -> int:
    return InvoicesExpected(subscriptions, now).total


def _life(subscription: Raw, now: int) -> tuple[int, int, int]:
    """When it was made and ended, and the seconds between two bills."""
    created, ended = subscription.get("created"), subscription.get("ended_at") or now
    if not isinstance(created, int) or not isinstance(ended, int):
        return now - 1, now - 1, DAY
    return created, ended, _period_days(subscription) * DAY


def _period_days(subscription: Raw) -> int:
    items = (subscription.get("items") or {}).get("data") or []
    prices = [item.get("price") or item.get("plan") or {} for item in items]
    rhythms = [price.get("recurring") or price for price in prices]
    days = [_DAYS.get(each.get("interval") or "", 30) * (each.get("interval_count") or 1) for each in rhythms]
    return min(days, default=30)
