"""Calendar periods of the reporting zone as half-open intervals of UTC seconds."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

PeriodLength = Literal["day", "week", "month", "quarter"]

DAY = 86_400
YEARS = range(1971, 2201)
"""Those a period may be named of."""
FAR = 1 << 61
"""An end that has not come: later than any instant."""


class Period(NamedTuple):
    """`[start, end)` in UTC seconds; `first` and `last` are its calendar days."""

    label: str
    first: date
    last: date
    start: int
    end: int

    def sample(self, now: int) -> int:
        """The last instant of the period that has come: its balance is read there."""
        return min(self.end - 1, now)

    def is_open(self, now: int) -> bool:
        """A period whose last instant has been reached is closed: as of its end it is complete."""
        return self.end - 1 > now


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of a calendar day."""
    return int(datetime.combine(day, time(), zone).timestamp())


def day_of(instant: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(instant, zone).date()


def rfc3339(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_months(first: date, months: int) -> date:
    """The first day of the month `months` away."""
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)


def same_day_months_ago(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day."""
    first = add_months(day.replace(day=1), -months)
    last = add_months(first, 1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _first_day(day: date, length: PeriodLength) -> date:
    if length == "day":
        return day
    if length == "week":
        return day - timedelta(days=day.weekday())
    if length == "month":
        return day.replace(day=1)
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def _next_first(first: date, length: PeriodLength) -> date:
    if length == "day":
        return first + timedelta(days=1)
    if length == "week":
        return first + timedelta(days=7)
    return add_months(first, 1 if length == "month" else 3)


def _label(first: date, length: PeriodLength) -> str:
    if length == "day":
        return first.isoformat()
    if length == "week":
        return f"{first:%G-W%V}"
    if length == "month":
        return f"{first:%Y-%m}"
    return f"{first.year}-Q{(first.month + 2) // 3}"


def period_of(day: date, length: PeriodLength, zone: ZoneInfo) -> Period:
    """The period that contains a day."""
    first = _first_day(day, length)
    following = _next_first(first, length)
    return Period(
        _label(first, length),
        first,
        following - timedelta(days=1),
        midnight(first, zone),
        midnight(following, zone),
    )


def period_named(label: str, zone: ZoneInfo) -> Period | None:
    """The period of a label like 2026-10, 2026-Q4, 2026-W41 or 2026-10-05; None where it names none."""
    for length in get_args(PeriodLength):
        for day in _first_days(label):
            period = period_of(day, length, zone)
            if period.label == label:
                return period
    return None


def _first_days(label: str) -> list[date]:
    """Days that may begin the period of a label."""
    year, _, rest = label.partition("-")
    candidates = {
        "Q": lambda: date(int(year), 3 * int(rest[1:]) - 2, 1),
        "W": lambda: date.fromisocalendar(int(year), int(rest[1:]), 1),
    }
    try:
        if rest[:1] in candidates:
            day = candidates[rest[0]]()
        else:
            day = date.fromisoformat(label if rest.count("-") else f"{label}-01")
    except ValueError:
        return []
    return [day] if day.year in YEARS else []


def periods(start: date, end: date, length: PeriodLength, zone: ZoneInfo) -> list[Period]:
    """Every period that touches `start`..`end`, both days included."""
    return list(_walk(start, end, length, zone))


def _walk(start: date, end: date, length: PeriodLength, zone: ZoneInfo) -> Iterator[Period]:
    day = start
    while (period := period_of(day, length, zone)).first <= end:
        yield period
        day = period.last + timedelta(days=1)


def closed_months(before: int, count: int, zone: ZoneInfo) -> list[Period]:
    """The `count` last months that ended at or before an instant, oldest first."""
    running = day_of(before, zone).replace(day=1)
    return [period_of(add_months(running, -back), "month", zone) for back in range(count, 0, -1)]
