"""MRR as it was, as it is carried on with its band, and the goals that are set."""

from collections.abc import Sequence
from typing import NamedTuple

from eqho.metrics.forecast_rows import ForecastPoint
from eqho.metrics.history_rows import Point
from eqho.ui import format as fmt
from eqho.ui.charts.figures import CATEGORIES, INK, Chart, Options, figure, month_axis, value_axis

_TINT = "rgba(84, 120, 224, 0.22)"
"""Of the band, on both grounds: the theme has no colours that can be seen through."""


class Target(NamedTuple):
    """A goal of MRR at the end of a month (`2026-12`)."""

    month: str
    amount: float


def forecast_chart(
    history: Sequence[Point],
    points: Sequence[ForecastPoint],
    targets: Sequence[Target],
    currency: str,
    *,
    height: int = 340,
) -> Chart:
    """`history` are closed month ends {date, mrr}, `points` those of the forecast."""
    past = [(f"{point.date[:7]}-01", point.mrr) for point in history if point.mrr is not None]
    ahead = [(f"{point.period}-01", point.mid) for point in points]
    joined = [*past[-1:], *ahead]
    banded = [point for point in points if point.low is not None]
    colour = CATEGORIES[0]
    traces: list[Options] = []
    if banded:
        days = [*(day for day, _ in past[-1:]), *(f"{point.period}-01" for point in banded)]
        now = [mrr for _, mrr in past[-1:]]
        edge = {"type": "scatter", "mode": "lines", "x": days, "hoverinfo": "skip", "line": {"width": 0}}
        high = edge | {"y": now + [point.high for point in banded], "showlegend": False}
        low = edge | {
            "y": now + [point.low for point in banded],
            "fill": "tonexty",
            "fillcolor": _TINT,
            "name": "Eight of ten",
        }
        traces += [high, low]
    traces.append(_line(past, "MRR", colour, currency))
    traces.append(_line(joined, "Forecast", colour, currency, dash="dot", bands=points))
    if targets:
        traces.append(_goals(targets, currency))
    drawn = figure(
        traces,
        height,
        legend=True,
        hovermode="closest",
        xaxis=month_axis(),
        yaxis=value_axis("money", currency) | {"rangemode": "tozero"},
    )
    return Chart(drawn, _alt(past, points, currency), height)


def _line(
    points: Sequence[tuple[str, float]],
    name: str,
    colour: str,
    currency: str,
    *,
    dash: str = "solid",
    bands: Sequence[ForecastPoint] = (),
) -> Options:
    between = {f"{band.period}-01": _between(band, currency) for band in bands}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [day for day, _ in points],
        "y": [amount for _, amount in points],
        "line": {"color": colour, "width": 2.5, "dash": dash},
        "marker": {"size": 5},
        "customdata": [
            [f"{name}, {fmt.month(day)}", fmt.money(amount, currency), between.get(day, "")]
            for day, amount in points
        ],
        "hovertemplate": "%{customdata[0]}  <b>%{customdata[1]}</b>%{customdata[2]}<extra></extra>",
    }


def _between(band: ForecastPoint, currency: str) -> str:
    if band.low is None:
        return ""
    return f"<br>{fmt.money(band.low, currency)} to {fmt.money(band.high, currency)}"


def _goals(targets: Sequence[Target], currency: str) -> Options:
    texts = [fmt.money(target.amount, currency) for target in targets]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Goal",
        "x": [f"{target.month}-01" for target in targets],
        "y": [target.amount for target in targets],
        "marker": {"symbol": "diamond", "size": 11, "color": INK},
        "customdata": [
            [f"Goal, {fmt.month(target.month)}", text] for target, text in zip(targets, texts, strict=True)
        ],
        "hovertemplate": "%{customdata[0]}  <b>%{customdata[1]}</b><extra></extra>",
    }


def _alt(past: Sequence[tuple[str, float]], points: Sequence[ForecastPoint], currency: str) -> str:
    if not points:
        return "MRR of the months that come: not defined."
    last = points[-1]
    now = f" from {fmt.money(past[-1][1], currency)} in {fmt.month(past[-1][0])}" if past else ""
    band = f", {_between(last, currency).removeprefix('<br>')}" if last.low is not None else ""
    told = fmt.money(last.mid, currency)
    return f"MRR is carried on{now} to {told} in {fmt.month(last.period)}{band}."
