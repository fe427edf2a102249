"""Bars of MRR or customers gained above and lost below the line, one stack per month."""

from collections.abc import Sequence
from typing import NamedTuple

from eqho.metrics.definitions import Unit
from eqho.metrics.rows import MovementRow
from eqho.ui import format as fmt
from eqho.ui.charts.figures import (
    CATEGORIES,
    INK,
    Chart,
    Options,
    figure,
    month_axis,
    signed,
    value_axis,
)
from eqho.ui.vocabulary import MOVEMENTS, Measure

_COLOURS = dict(
    zip(MOVEMENTS, (CATEGORIES[i] for i in (0, 5, 1, 3, 2, 8, 4, 9)), strict=True),
)
_OPEN_OPACITY = 0.5
_OUTLINE = 2


class Picked(NamedTuple):
    """A month (`2026-10`) and a movement in it; `kind` is None while all of them are meant."""

    period: str
    kind: str | None


def amount(row: MovementRow, kind: str, measure: Measure) -> float:
    """Of a row of the movements view; customers have no exchange rates."""
    counted = row if measure == "mrr" else row.customers
    return getattr(counted, kind, 0)


def signed_amount(row: MovementRow, kind: str, measure: Measure) -> float:
    """As `amount`, negative where the movement takes away."""
    return signed(kind, amount(row, kind, measure))


def kinds_of(rows: Sequence[MovementRow]) -> list[str]:
    """The movements that occur in any of the rows, in their usual order."""
    return [
        kind
        for kind in MOVEMENTS
        if any(amount(row, kind, "mrr") or amount(row, kind, "customers") for row in rows)
    ]


def movement_bars(
    rows: Sequence[MovementRow], measure: Measure, currency: str, picked: Picked | None, *, height: int = 320
) -> Chart:
    """`customdata[0]` of a bar is its month and movement: `2026-10 churn`. The picked one is outlined."""
    unit: Unit = "money" if measure == "mrr" else "count"
    drawn = figure(
        [_bars(rows, kind, measure, currency, picked) for kind in kinds_of(rows)],
        height,
        legend=True,
        barmode="relative",
        bargap=0.25,
        hovermode="closest",
        clickmode="event+select",
        xaxis=month_axis(),
        yaxis=value_axis(unit, currency) | {"rangemode": "tozero"},
    )
    if not rows:
        return Chart(drawn, "Movements by month: nothing yet.", height)
    first, last = (fmt.month(rows[at].period) for at in (0, -1))
    what = "MRR" if measure == "mrr" else "customers"
    return Chart(drawn, f"Movements of {what} by month, {first} to {last}; the table has them all.", height)


def _bars(
    rows: Sequence[MovementRow], kind: str, measure: Measure, currency: str, picked: Picked | None
) -> Options:
    amounts = [signed_amount(row, kind, measure) for row in rows]
    texts = [
        fmt.money(one, currency, signed=True) if measure == "mrr" else fmt.count(one, signed=True)
        for one in amounts
    ]
    outlined = [picked == Picked(row.period, kind) for row in rows]
    return {
        "type": "bar",
        "name": MOVEMENTS[kind],
        "x": [f"{row.period}-01" for row in rows],
        "y": amounts,
        "marker": {
            "color": _COLOURS[kind],
            "opacity": [_OPEN_OPACITY if row.open else 1.0 for row in rows],
            "line": {"color": INK, "width": [_OUTLINE * mark for mark in outlined]},
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "customdata": [
            [f"{row.period} {kind}", text, fmt.month(row.period)]
            for row, text in zip(rows, texts, strict=True)
        ],
        "hovertemplate": f"{MOVEMENTS[kind]}, %{{customdata[2]}}  <b>%{{customdata[1]}}</b><extra></extra>",
    }
