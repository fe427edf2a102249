"""The periods a range is compared with, and what periods are called."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from eqho.periods import PeriodLength, period_of, periods
from eqho.ui.date_ranges import earlier, period_title

UTC = ZoneInfo("UTC")


def firsts(start: str, end: str, length: PeriodLength, overlay: Any) -> list[str]:
    shown = periods(date.fromisoformat(start), date.fromisoformat(end), length, UTC)
    return [period.first.isoformat() for period in earlier(shown, length, overlay, UTC)]


def test_nothing_is_compared_without_an_overlay() -> None:
    assert firsts("2026-01-01", "2026-03-31", "month", "none") == []


@pytest.mark.parametrize(
    ("length", "start", "end", "expected"),
    [
        ("month", "2026-01-15", "2026-03-10", ["2025-10-01", "2025-11-01", "2025-12-01"]),
        ("quarter", "2026-01-01", "2026-06-30", ["2025-07-01", "2025-10-01"]),
        ("week", "2026-11-16", "2026-11-22", ["2026-11-09"]),
        ("day", "2026-03-01", "2026-03-02", ["2026-02-27", "2026-02-28"]),
    ],
)
def test_the_period_before_is_as_long_and_ends_where_the_range_begins(
    length: PeriodLength, start: str, end: str, expected: list[str]
) -> None:
    assert firsts(start, end, length, "previous") == expected


@pytest.mark.parametrize(
    ("length", "start", "end", "expected"),
    [
        ("month", "2024-02-10", "2024-03-01", ["2023-02-01", "2023-03-01"]),
        ("quarter", "2026-04-01", "2026-06-30", ["2025-04-01"]),
        ("week", "2026-11-16", "2026-11-22", ["2025-11-17"]),
        ("day", "2024-02-28", "2024-03-01", ["2023-02-28", "2023-02-28", "2023-03-01"]),
    ],
)
def test_a_year_before_is_the_same_place_in_the_calendar(
    length: PeriodLength, start: str, end: str, expected: list[str]
) -> None:
    assert firsts(start, end, length, "year") == expected


@pytest.mark.parametrize(
    ("length", "title"),
    [
        ("day", "Nov 22, 2026"),
        ("week", "Week of Nov 16, 2026"),
        ("month", "Nov 2026"),
        ("quarter", "Q4 2026"),
    ],
)
def test_a_period_is_called_by_its_calendar_name(length: PeriodLength, title: str) -> None:
    assert period_title(period_of(date(2026, 11, 22), length, UTC), length) == title
