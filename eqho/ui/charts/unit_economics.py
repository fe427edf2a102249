"""What a customer costs and brings: lines of months, bars of spend, curves of payback."""

from collections.abc import Sequence
from typing import Any

from eqho.metrics.rows import EconomicsRow, PaybackRow
from eqho.ui import format as fmt
from eqho.ui.charts.figures import (
    CATEGORIES,
    FAINT,
    INK,
    Chart,
    figure,
    month_axis,
    months,
    stacked_months,
    value_axis,
)

_CURVES = 6


def costs_and_values(rows: Sequence[EconomicsRow], currency: str, *, height: int = 280) -> Chart:
    """LTV and CAC of each month, on one axis that begins at 0; a gap is a month where one is not defined."""
    lines = [
        _line(rows, "ltv", "LTV", CATEGORIES[0], currency),
        _line(rows, "cac", "CAC", CATEGORIES[1], currency),
    ]
    drawn = figure(
        lines,
        height,
        legend=True,
        hovermode="x unified",
        xaxis=month_axis(),
        yaxis=value_axis("money", currency) | {"rangemode": "tozero"},
    )
    ltv, cac = (rows[-1].ltv, rows[-1].cac) if rows else (None, None)
    sentence = f"LTV {fmt.money(ltv, currency)} and CAC {fmt.money(cac, currency)}"
    return Chart(drawn, f"LTV and CAC of {len(rows)} months; the last: {sentence}.", height)


def _line(rows: Sequence[EconomicsRow], field: str, name: str, colour: str, currency: str) -> dict[str, Any]:
    amounts: list[float | None] = [getattr(row, field) for row in rows]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [f"{row.period}-01" for row in rows],
        "y": amounts,
        "line": {"color": colour, "width": 2.5},
        "marker": {"color": colour, "size": 5},
        "connectgaps": False,
        "customdata": [[fmt.money(amount, currency)] for amount in amounts],
        "hovertemplate": f"{name}  <b>%{{customdata[0]}}</b><extra></extra>",
    }


def spend_by_category(rows: Sequence[EconomicsRow], currency: str, *, height: int = 280) -> Chart:
    """Bars of each month's spend, stacked by category."""
    names = _categories(rows)
    months_spend = [
        [sum(one.spend for one in row.month.by_category if one.category == name) for row in rows]
        for name in names
    ]
    totals = [row.month.spend or 0 for row in rows]
    drawn = stacked_months(_stack(rows, names, months_spend, currency), totals, currency, height)
    said = f"{fmt.money(sum(totals), currency)} in {len(rows)} months, in {len(names)} categories"
    return Chart(drawn, f"Sales and marketing spend: {said if names else 'none is entered'}.", height)


def _categories(rows: Sequence[EconomicsRow]) -> list[str]:
    """So that a category has the same colour in each chart."""
    return sorted({one.category for row in rows for one in (*row.by_category, *row.month.by_category)})


def cac_by_category(rows: Sequence[EconomicsRow], currency: str, *, height: int = 220) -> Chart:
    """Bars of each month's CAC, stacked by the category that is spent on; each is over the 3 closed months
    before, and their sum is the CAC."""
    names = _categories(rows)
    shares = [
        [
            sum(one.spend for one in row.by_category if one.category == name) / row.new_customers
            if row.new_customers
            else 0.0
            for row in rows
        ]
        for name in names
    ]
    totals = [row.cac or 0.0 for row in rows]
    drawn = stacked_months(_stack(rows, names, shares, currency), totals, currency, height)
    last = fmt.money(rows[-1].cac, currency) if rows else fmt.UNDEFINED
    return Chart(drawn, f"CAC of {len(rows)} months in {len(names)} categories; the last: {last}.", height)


def _stack(
    rows: Sequence[EconomicsRow], categories: Sequence[str], amounts: Sequence[Sequence[float]], currency: str
) -> list[dict[str, Any]]:
    """Bars of each category by month; `amounts` by category, one a row."""
    return [
        {
            "type": "bar",
            "name": fmt.chart_text(category),
            "x": months([row.period for row in rows]),
            "y": mine,
            "marker": {"color": CATEGORIES[place % 7], "line": {"width": 0}},
            "customdata": [[fmt.money(amount, currency)] for amount in mine],
            "hovertemplate": f"{fmt.chart_text(category)}  <b>%{{customdata[0]}}</b><extra></extra>",
        }
        for place, (category, mine) in enumerate(zip(categories, amounts, strict=True))
    ]


def payback_curve(
    cohort: PaybackRow, others: Sequence[PaybackRow], currency: str, *, height: int = 280
) -> Chart:
    """Cumulative gross margin per customer of a cohort by month since it began, its CAC as a level, and
    other cohorts' curves faintly behind it."""
    behind = [_curve(one, FAINT, 1.0, currency) for one in others if one.cumulative_margin]
    mine = _curve(cohort, CATEGORIES[0], 3.0, currency)
    width = max((len(one.cumulative_margin) for one in (*others, cohort)), default=1)
    level = [] if cohort.cac is None else [_level(cohort.cac, width, currency)]
    drawn = figure(
        [*behind, mine, *level],
        height,
        hovermode="closest",
        xaxis={
            "title": {"text": "Months since the customers began"},
            "tickformat": "d",
            "showgrid": False,
            "rangemode": "tozero",
            "automargin": True,
            "fixedrange": True,
        },
        yaxis=value_axis("money", currency) | {"rangemode": "tozero"},
    )
    month = fmt.month(cohort.cohort)
    if cohort.payback_month is None:
        said = "not paid back yet" if cohort.cac is not None else "its CAC is not known"
    else:
        said = f"paid back in month {cohort.payback_month}"
    return Chart(drawn, f"Payback of the customers who began in {month}: {said}.", height)


def _curve(cohort: PaybackRow, colour: str, width: float, currency: str) -> dict[str, Any]:
    curve, month = cohort.cumulative_margin, fmt.month(cohort.cohort)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": month,
        "x": list(range(len(curve))),
        "y": curve,
        "line": {"color": colour, "width": width},
        "customdata": [[fmt.money(amount, currency)] for amount in curve],
        "hovertemplate": f"{month}, month %{{x}}  <b>%{{customdata[0]}}</b><extra></extra>",
    }


def _level(cac: float, width: int, currency: str) -> dict[str, Any]:
    text = fmt.money(cac, currency)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "CAC",
        "x": [0, max(1, width - 1)],
        "y": [cac, cac],
        "line": {"color": INK, "width": 1.5, "dash": "dash"},
        "hovertemplate": f"CAC of the cohort  <b>{text}</b><extra></extra>",
    }
