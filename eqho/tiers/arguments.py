"""What people write for a day, a range or a list of metrics, and the periods that are meant by it."""

import re
from datetime import date, timedelta

from eqho.errors import BadArgument
from eqho.metrics.definitions import SERIES
from eqho.metrics.query import Scene
from eqho.periods import YEARS, Period, PeriodLength, add_months, day_of, period_named, periods

MOST_PERIODS = 5_000
"""Points in one answer: thirteen years of days."""
_SHORTEST_DAYS: dict[PeriodLength, int] = {"day": 1, "week": 7, "month": 28, "quarter": 90}


def parse_day(name: str, text: str) -> date:
    """Raises BadArgument, in which the argument is called `name`; so do the others."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadArgument(f"{name} is a day like 2026-10-31, not “{text}”.") from None
    if day.year not in YEARS:
        raise BadArgument(f"{name} is a day from {YEARS[0]} to {YEARS[-1]}, not “{text}”.")
    return day


def parse_first(name: str, text: str) -> date:
    """A day, or a month's first."""
    if not _is_month(text):
        return parse_day(name, text)
    try:
        return parse_day(name, f"{text}-01")
    except BadArgument:
        raise BadArgument(f"{name} is a month like 2026-10 or a day, not “{text}”.") from None


def parse_last(name: str, text: str) -> date:
    """A day, or a month's last."""
    first = parse_first(name, text)
    return add_months(first, 1) - timedelta(days=1) if _is_month(text) else first


def _is_month(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d", text) is not None


def known_series(metrics: tuple[str, ...]) -> tuple[str, ...]:
    """Slugs of metrics that have a value at every period's end. Raises BadArgument."""
    if unknown := [metric for metric in metrics if metric not in SERIES]:
        raise BadArgument(f"There is no series “{unknown[0]}”; known: {', '.join(SERIES)}.")
    return metrics


def spanned(scene: Scene, start: date | None, end: date | None, length: PeriodLength) -> list[Period]:
    """The periods asked for, up to the instant of the scene; by default from the first MRR on. Raises
    BadArgument."""
    today = day_of(scene.at, scene.zone)
    begun = scene.book.company.start
    first = start or (day_of(int(begun.min()), scene.zone) if len(begun) else today)
    last = end or today
    if first > last:
        raise BadArgument(f"from ({first}) lies after to ({last}).")
    if (min(last, today) - first) / timedelta(days=_SHORTEST_DAYS[length]) > MOST_PERIODS:
        raise BadArgument(f"The range has more than {MOST_PERIODS:,} {length}s: ask for a shorter one.")
    return periods(first, min(last, today), length, scene.zone)


def named_period(scene: Scene, label: str) -> Period:
    """Raises BadArgument."""
    if (period := period_named(label, scene.zone)) is None:
        raise BadArgument(f"period is like 2026-10, 2026-Q4, 2026-W41 or 2026-10-05, not “{label}”.")
    return period
