"""Billing dates the way Stripe counts them: in UTC, in steps from the anchor."""

from calendar import monthrange
from datetime import UTC, datetime
from fractions import Fraction
from typing import Literal

Interval = Literal["day", "week", "month", "year"]

DAY = 86_400
HOUR = 3_600

_SECONDS: dict[str, int] = {"day": DAY, "week": 7 * DAY}
_MONTHS: dict[str, int] = {"month": 1, "year": 12}
_PER_MONTH = {
    "day": Fraction(365, 12),
    "week": Fraction(52, 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}


def instant(text: str) -> int:
    """`2026-01-31` or `2026-01-31T09:30:00`, in UTC, as seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def shift(anchor: int, interval: Interval, steps: int) -> int:
    """`anchor` moved by `steps` intervals. A day the month does not have becomes its last day.

    Always step from the anchor, never from the last result: Jan 31 → Feb 28 → Mar 31.
    """
    if interval in _SECONDS:
        return anchor + steps * _SECONDS[interval]
    at = datetime.fromtimestamp(anchor, UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + steps * _MONTHS[interval], 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def next_31st(now: int) -> int:
    """Noon of the first 31st after `now`."""
    noon = now - now % DAY + DAY // 2 + DAY
    while datetime.fromtimestamp(noon, UTC).day != 31:
        noon += DAY
    return noon


def next_date(now: int, month: int, day: int) -> int:
    """Noon of the first such date after `now`."""
    year = datetime.fromtimestamp(now, UTC).year
    noon = int(datetime(year, month, day, 12, tzinfo=UTC).timestamp())
    return noon if noon > now else shift(noon, "year", 1)


def per_month(interval: Interval, count: int) -> Fraction:
    """How many periods of `count` intervals a month has, by the convention of METRICS.md."""
    return _PER_MONTH[interval] / count
