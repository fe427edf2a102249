"""How many invoices there will be, told by the subscriptions before the first of them is read."""

from collections.abc import Iterable

from eqho.periods import DAY
from eqho.sources.base import Raw

_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def invoices_expected(subscriptions: Iterable[Raw], now: int) -> int:
    """One for each period that has begun since a subscription was made."""
    return sum(_of(subscription, now) for subscription in subscriptions)


def _of(subscription: Raw, now: int) -> int:
    created, ended = subscription.get("created"), subscription.get("ended_at") or now
    if not isinstance(created, int) or not isinstance(ended, int):
        return 1
    return 1 + max(0, ended - created) // (_period_days(subscription) * DAY)


def _period_days(subscription: Raw) -> int:
    items = (subscription.get("items") or {}).get("data") or []
    prices = [item.get("price") or item.get("plan") or {} for item in items]
    rhythms = [price.get("recurring") or price for price in prices]
    days = [_DAYS.get(each.get("interval") or "", 30) * (each.get("interval_count") or 1) for each in rhythms]
    return min(days, default=30)
