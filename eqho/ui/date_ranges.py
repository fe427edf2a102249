"""The periods a page shows, the earlier ones they are compared with, and how periods are called."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from eqho.periods import Period, PeriodLength, add_months, period_of, periods, same_day_months_ago
from eqho.ui import format as fmt

Overlay = Literal["none", "previous", "year"]
MONTHS = {"6": 6, "12": 12, "24": 24, "36": 36}
MONTHS_TITLES = {key: key for key in MONTHS} | {"all": "All"}
"""What pages of months offer, by the word in the URL."""
_WEEKS_IN_YEAR = 52


def earlier(shown: Sequence[Period], length: PeriodLength, overlay: Overlay, zone: ZoneInfo) -> list[Period]:
    """For each period of `shown` the one it is compared with, in the same order; none without an overlay.

    A year before a day is the same calendar day, or the last of February; before a week it is 52 weeks.
    """
    if not shown or overlay == "none":
        return []
    if overlay == "year":
        return [period_of(_year_before(period.first, length), length, zone) for period in shown]
    first = _before(shown[0].first, len(shown), length)
    return periods(first, shown[0].first - timedelta(days=1), length, zone)


def _year_before(first: date, length: PeriodLength) -> date:
    if length == "week":
        return first - timedelta(weeks=_WEEKS_IN_YEAR)
    return same_day_months_ago(first, 12)


def _before(first: date, count: int, length: PeriodLength) -> date:
    """The first day of the period `count` periods before the one that begins with `first`."""
    match length:
        case "day":
            return first - timedelta(days=count)
        case "week":
            return first - timedelta(weeks=count)
        case "month":
            return add_months(first, -count)
        case "quarter":
            return add_months(first, -3 * count)


def period_title(period: Period, length: PeriodLength) -> str:
    """`Nov 22, 2026`, `Week of Nov 16, 2026`, `Nov 2026`, `Q4 2026`."""
    first = period.first.isoformat()
    match length:
        case "day":
            return fmt.day(first)
        case "week":
            return f"Week of {fmt.day(first)}"
        case "month":
            return fmt.month(first)
        case "quarter":
            year, quarter = period.label.split("-")
            return f"{quarter} {year}"
