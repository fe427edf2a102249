"""Bars and lines of the dashboard: rows in, figures out. Nothing here draws or reads."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from eqho.metrics.definitions import Definition, Unit
from eqho.metrics.document_fields import TierRow
from eqho.ui import format as fmt
from eqho.ui.charts.figures import (
    GROUND,
    Chart,
    Options,
    figure,
    heights,
    month_axis,
    months,
    stacked_months,
    value_axis,
)

_OPEN_OPACITY = 0.45
_LABEL_FITS_FROM = 0.06
"""The share of the whole from which a label has room in its part of the bar."""


class Series(NamedTuple):
    """Month ends of one product line or metric: `values` holds None where nothing is defined; the last month
    is open where `open_last` says so."""

    name: str
    colour: str
    dates: Sequence[str]
    values: Sequence[float | None]
    open_last: bool


def stacked(series: Sequence[Series], currency: str, *, height: int = 320) -> Chart:
    """Bars of MRR at month ends stacked by product line; the running month is paler."""
    shown = [one for one in series if any(one.values)]
    columns = zip(*(one.values for one in shown), strict=True)
    totals = [sum(amount or 0 for amount in column) for column in columns]
    drawn = stacked_months([_bars(one, currency) for one in shown], totals, currency, height)
    if not totals:
        return Chart(drawn, "MRR by product line: nothing yet.", height)
    first, last = (fmt.month(shown[0].dates[at]) for at in (0, -1))
    before, now = (fmt.money(totals[at], currency) for at in (0, -1))
    return Chart(drawn, f"MRR by product line, {first} to {last}: from {before} to {now} in total.", height)


def _bars(one: Series, currency: str) -> Options:
    name = fmt.chart_text(one.name)
    closed = len(one.values) - one.open_last
    return {
        "type": "bar",
        "name": name,
        "x": months(one.dates),
        "y": [amount or 0 for amount in one.values],
        "marker": {
            "color": one.colour,
            "opacity": [1.0] * closed + [_OPEN_OPACITY] * one.open_last,
            "line": {"width": 0},
        },
        "customdata": [[fmt.money(amount, currency)] for amount in one.values],
        "hovertemplate": f"{name}  <b>%{{customdata[0]}}</b><extra></extra>",
    }


def trend(one: Series, definition: Definition, currency: str, *, height: int = 280) -> Chart:
    """A line of month ends with its last value written at its end; the running month is dotted."""
    labels = months(one.dates)
    texts = [fmt.value(number, definition.unit, currency) for number in one.values]
    closed = len(labels) - one.open_last
    lines = [_line(one, definition.unit, texts, slice(closed), "solid")]
    if one.open_last:
        lines.append(_line(one, definition.unit, texts, slice(max(0, closed - 1), None), "dot"))
    drawn = figure(
        lines,
        height,
        hovermode="x",
        xaxis=month_axis(),
        yaxis=value_axis(definition.unit, currency) | {"rangemode": "tozero"},
        annotations=[_end_label(labels[-1], heights(one.values[-1:], definition.unit)[0], texts[-1])]
        if labels and one.values[-1]
        else [],
    )
    if not labels:
        return Chart(drawn, f"{definition.title}: nothing yet.", height)
    sentence = f"{definition.title}, {len(labels)} months to {fmt.month(labels[-1])}: {texts[-1]}."
    return Chart(drawn, sentence, height)


def _line(one: Series, unit: Unit, texts: Sequence[str], part: slice, dash: str) -> Options:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": fmt.chart_text(one.name),
        "x": months(one.dates)[part],
        "y": heights(one.values, unit)[part],
        "line": {"color": one.colour, "width": 2.5, "dash": dash},
        "customdata": [[text] for text in texts[part]],
        "hovertemplate": "%{x}  <b>%{customdata[0]}</b><extra></extra>",
    }


def _end_label(date: str, number: float | None, text: str) -> dict[str, Any]:
    return {
        "x": date,
        "y": number,
        "text": f"<b>{text}</b>",
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "bottom",
        "yshift": 6,
    }


class Share(Protocol):
    """A part of the whole."""

    @property
    def name(self) -> str: ...

    @property
    def colour(self) -> str: ...

    @property
    def mrr(self) -> float: ...

    @property
    def share(self) -> float | None: ...


def tier_bars(rows: Sequence[TierRow], currency: str, colour: str, *, height: int = 240) -> Chart:
    """Horizontal bars of MRR per pricing tier, in the order of the rows."""
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [fmt.chart_text(row.tier) for row in rows],
        "x": [row.mrr for row in rows],
        "marker": {"color": colour},
        "text": [f"{fmt.label_money(row.mrr, currency)} · {fmt.rate(row.share)}" for row in rows],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [[fmt.money(row.mrr, currency), fmt.count(row.customers)] for row in rows],
        "hovertemplate": "%{y}  <b>%{customdata[0]}</b>, %{customdata[1]} customers<extra></extra>",
    }
    largest = max((row.mrr for row in rows), default=0) or 1
    drawn = figure(
        [bars],
        height,
        bargap=0.4,
        xaxis={"visible": False, "range": [0, largest * 1.55], "fixedrange": True},
        yaxis={
            "autorange": "reversed",
            "ticksuffix": "  ",
            "showgrid": False,
            "automargin": True,
            "fixedrange": True,
        },
    )
    parts = "; ".join(f"{row.tier} {fmt.money(row.mrr, currency)}" for row in rows)
    return Chart(drawn, f"MRR by pricing tier: {parts or 'none'}.", height)


def share_bar(rows: Sequence[Share], currency: str, *, height: int = 132) -> Chart:
    """One bar of the whole, cut by share."""
    drawn = figure(
        [_part(row, currency) for row in rows if row.share],
        height,
        legend=True,
        barmode="stack",
        xaxis={"visible": False, "range": [0, 1], "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True},
    )
    parts = "; ".join(f"{row.name} {fmt.rate(row.share)}" for row in rows)
    return Chart(drawn, f"Share of MRR by product line: {parts or 'none'}.", height)


def _part(row: Share, currency: str) -> Options:
    name, share = fmt.chart_text(row.name), fmt.rate(row.share)
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": [row.share],
        "y": [""],
        "marker": {"color": row.colour, "line": {"width": 1.5, "color": GROUND}},
        "text": [share if (row.share or 0) >= _LABEL_FITS_FROM else ""],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": GROUND, "size": 12},
        "customdata": [[fmt.money(row.mrr, currency), share]],
        "hovertemplate": f"{name}  <b>%{{customdata[0]}}</b>, %{{customdata[1]}}<extra></extra>",
    }
