"""Months as reports head their columns, and what is none."""

import pytest

from eqho.inputs.readers.months import month_in


@pytest.mark.parametrize(
    "text",
    [
        "Oct 2026", "October 2026", "OCT 2026", "Oct-26", "Oct '26", "Oct. 2026", "Oct, 2026", "Oct/26",
        "October 1-31, 2026", "Oct 1 - 31, 2026", "Oct 1 - Oct 31, 2026", "Oct 1, 2026 - Oct 31, 2026",
        "Oct 1–31, 2026", "1-31 Oct 2026", "1 Oct - 31 Oct 2026", "1 Oct 2026 - 31 Oct 2026",
        "31 Oct 2026", "31 Oct 26", "31-Oct-26", "Oct 31, 2026", "Oct 31, 26",
        "2026-10", "2026/10", "10/2026", "2026-10-31", "2026-10-01 00:00:00", "31/10/2026", "10/31/2026",
        "2026-10-01 - 2026-10-31",
    ],
)  # fmt: skip
def test_a_month(text: str) -> None:
    assert month_in(text) == "2026-10"


def test_september_has_two_short_names() -> None:
    assert {month_in(text) for text in ("Sep 2026", "Sept 2026", "Sept. 2026")} == {"2026-09"}


@pytest.mark.parametrize(
    "text",
    [
        "", "Total", "YTD", "May", "2026", "12", "2026-13", "13/2026", "Q4 2026", "Oct 2026 (PY)", "1926-10",
        "Oct - Dec 2026", "Oct - Dec, 2026", "1 Oct - 31 Dec 2026", "Sep 28 - Oct 4, 2026",
        "2026-10-01 - 2026-12-31", "01/02/2026", "Mayor 2026",
    ],
)  # fmt: skip
def test_no_month_or_more_than_one(text: str) -> None:
    assert month_in(text) is None
