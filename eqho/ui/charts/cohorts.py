"""Heat maps of cohorts: one row per cohort, one column per month since the first."""

from collections.abc import Sequence
from typing import NamedTuple

from eqho.ui import format as fmt
from eqho.ui.charts.figures import INK, Chart, Options, figure

_ROW_HEIGHT = 25
_AXIS_HEIGHT = 24
_ROOMY = 25
"""Columns up to which labels have their usual size."""
_SCALE = ((0.0, "rgba(47, 106, 230, 0.03)"), (1.0, "rgba(47, 106, 230, 0.62)"))
"""See-through, so that it lies on a light and on a dark ground, and text can be read on both."""


class HeatRow(NamedTuple):
    """`key` is the cohort's month, "" for all cohorts; `heat` 0 … 1, None where the cell is empty; `labels`
    stand in the cells, `exact` in the hover text."""

    key: str
    title: str
    heat: Sequence[float | None]
    labels: Sequence[str]
    exact: Sequence[str]


def heat_map(rows: Sequence[HeatRow], what: str) -> Chart:
    """`customdata[0]` of a cell is its cohort's key. Oldest cohort on top."""
    width = max((len(row.heat) for row in rows), default=0)
    padded = [_padded(row, width) for row in rows]
    cells = {
        "type": "heatmap",
        "x": list(range(width)),
        "y": [fmt.chart_text(row.title) for row in padded],
        "z": [list(row.heat) for row in padded],
        "text": [list(row.labels) for row in padded],
        "texttemplate": "%{text}",
        "textfont": {"size": 11 if width <= _ROOMY else 9, "color": INK},
        "hoverinfo": "skip",
        "colorscale": _SCALE,
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
    }
    height = _AXIS_HEIGHT + _ROW_HEIGHT * max(1, len(rows))
    drawn = figure(
        [cells, _points(rows)],
        height,
        hovermode="closest",
        clickmode="event+select",
        xaxis={
            "side": "top",
            "dtick": 1 if width <= _ROOMY else 3,
            "range": [-0.5, width - 0.5],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "ticks": "",
        },
        yaxis={
            "range": [len(rows) - 0.5, -0.5],
            "type": "category",
            "showgrid": False,
            "fixedrange": True,
            "automargin": True,
            "ticksuffix": "  ",
            "ticks": "",
            "dtick": 1,
        },
        margin={"l": 0, "r": 0, "t": _AXIS_HEIGHT, "b": 0},
    )
    return Chart(drawn, f"{what} by cohort and month, {len(rows)} rows; the table has every number.", height)


def _points(rows: Sequence[HeatRow]) -> Options:
    """Unseen points in the middle of the cells: a heat map itself cannot be clicked."""
    filled = [
        (month, row, exact)
        for row in rows
        for month, (heat, exact) in enumerate(zip(row.heat, row.exact, strict=True))
        if heat is not None
    ]
    unseen = {"marker": {"opacity": 0}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [month for month, _, _ in filled],
        "y": [fmt.chart_text(row.title) for _, row, _ in filled],
        "marker": {"symbol": "square", "size": _ROW_HEIGHT - 3, "opacity": 0, "color": INK},
        "selected": unseen,
        "unselected": unseen,
        "customdata": [[row.key, exact] for _, row, exact in filled],
        "hovertemplate": "%{y}, month %{x}  <b>%{customdata[1]}</b><extra></extra>",
    }


def _padded(row: HeatRow, width: int) -> HeatRow:
    missing = width - len(row.heat)
    return row._replace(
        heat=[*row.heat, *[None] * missing],
        labels=[*row.labels, *[""] * missing],
        exact=[*row.exact, *[""] * missing],
    )
