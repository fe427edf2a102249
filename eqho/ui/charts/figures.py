"""What every figure has in common: colours, frame, axes.

Colours are stand-ins that Streamlit's chart theme replaces with those of the reader's theme, light or dark.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from eqho.metrics.definitions import Unit
from eqho.metrics.movements import GAINS
from eqho.ui import date_patterns, reader
from eqho.ui import format as fmt

Row = Mapping[str, Any]
Options = dict[str, Any]

CATEGORIES = tuple(f"#{number:06d}" for number in range(1, 11))
INK, RULE, FAINT, GROUND = "#000037", "#000036", "#000039", "#000038"
_NEUTRAL = CATEGORIES[9]
_BUCKETS = {"other": CATEGORIES[7], "unmapped": _NEUTRAL}


class Chart(NamedTuple):
    """`alt` says in one sentence what the figure shows; `height` is in pixels, whatever the data."""

    figure: go.Figure
    alt: str
    height: int


def line_colour(key: str, keys: Sequence[str]) -> str:
    """A product line's colour on every chart: by its place in the configuration; buckets have their own."""
    if key in _BUCKETS:
        return _BUCKETS[key]
    named = [known for known in keys if known not in _BUCKETS]
    return CATEGORIES[named.index(key) % 7] if key in named else _NEUTRAL


def figure(traces: Sequence[Options], height: int, *, legend: bool = False, **layout: Any) -> go.Figure:
    """Made in one go: each `update_…` of a figure validates it all again."""
    return go.Figure(
        data=traces,
        layout={
            "height": height,
            "margin": {"l": 0, "r": 8, "t": 34 if legend else 12, "b": 0},
            "showlegend": legend,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
            "hoverlabel": {"namelength": -1},
            "dragmode": False,
            "separators": fmt.separators(),
            **layout,
        },
    )


def stacked_months(
    traces: Sequence[Options], totals: Sequence[float], currency: str, height: int
) -> go.Figure:
    """Bars of money on top of each other by month; `totals` are their heights."""
    return figure(
        traces,
        height,
        legend=len(traces) > 1,
        barmode="stack",
        bargap=0.28,
        hovermode="x unified",
        xaxis=month_axis(),
        yaxis=value_axis("money", currency) | {"range": [0, max(totals, default=0) * 1.06 or 1]},
    )


def signed(kind: str, amount: float) -> float:
    """The amount of a movement, negative where it takes away."""
    return amount if kind in GAINS or kind == "fx" else -amount


def months(dates: Sequence[str]) -> list[str]:
    """The first day of each month: ticks stand under their bars."""
    return [f"{date[:7]}-01" for date in dates]


def month_axis() -> Options:
    return {
        "type": "date",
        "tickformat": "%b\n%Y",
        "hoverformat": date_patterns.on_axis("yMMM", reader.locale()),
        "showgrid": False,
        "tickangle": 0,
        "automargin": True,
        "fixedrange": True,
    }


def value_axis(unit: Unit, currency: str) -> Options:
    prefix, suffix = _around(unit, currency)
    if prefix == "$":
        # The format's own dollar stands after the minus of a loss.
        prefix, form = "", "$~s"
    else:
        form = {"money": "~s", "rate": "~g", "ratio": "~g", "months": "~g"}.get(unit, ",d")
    return {
        "tickprefix": prefix,
        "ticksuffix": suffix,
        "tickformat": form,
        "nticks": 6,
        "zeroline": True,
        "zerolinecolor": RULE,
        "zerolinewidth": 1,
        "fixedrange": True,
    }


def heights(values: Sequence[float | None], unit: Unit) -> list[float | None]:
    """Values as they stand on a `value_axis`: rates as so many of a hundred, for plotly's own percent knows
    no language."""
    if unit != "rate":
        return list(values)
    return [None if value is None else value * 100 for value in values]


def _around(unit: Unit, currency: str) -> tuple[str, str]:
    match unit:
        case "money":
            return fmt.around_money(currency)
        case "rate":
            return fmt.around_percent()
        case "ratio":
            return "", "×"
        case _:
            return "", ""
