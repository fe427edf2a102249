"""The steps from one value to another as a waterfall of named parts, one below the other."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from eqho.ui import format as fmt
from eqho.ui.charts.figures import CATEGORIES, FAINT, INK, Chart, figure, value_axis

_RISE, _FALL = CATEGORIES[1], CATEGORIES[8]
_STEP_HEIGHT, _FRAME = 30, 46
_LONGEST_NAME = 26
_PALE = 0.35


class Step(NamedTuple):
    """`key` is what a click on it means, "" where it means nothing."""

    key: str
    title: str
    amount: float


def steps_chart(steps: Sequence[Step], net: float, currency: str, sentence: str, picked: str | None) -> Chart:
    """Bars that each begin where the one before has ended, from 0 to the net change.

    `customdata[0]` of a bar is its key. While one is picked the others are pale.
    """
    shown = [*steps, Step("", "Net", net)]
    texts = [fmt.label_money(step.amount, currency, signed=True) for step in shown]
    exact = [fmt.money(step.amount, currency, signed=True) for step in shown]
    levels = [0.0, *accumulate(step.amount for step in steps)]
    bases = [*levels[: len(steps)], 0.0]
    low, high = min(*levels, net), max(*levels, net)
    room = ((high - low) or 1) * 0.24
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [f"{place} {step.title}" for place, step in enumerate(shown)],
        "x": [step.amount for step in shown],
        "base": bases,
        "marker": {
            "color": [_RISE if step.amount >= 0 else _FALL for step in shown],
            "opacity": [_PALE if picked and step.key != picked else 1.0 for step in shown],
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "text": texts,
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "customdata": [
            [step.key, text, fmt.chart_text(step.title)] for step, text in zip(shown, exact, strict=True)
        ],
        "hovertemplate": "%{customdata[2]}  <b>%{customdata[1]}</b><extra></extra>",
    }
    height = _FRAME + _STEP_HEIGHT * len(shown)
    drawn = figure(
        [bars],
        height,
        bargap=0.35,
        clickmode="event+select",
        xaxis=value_axis("money", currency)
        | {
            "range": [low - room if low < 0 else 0.0, high + room],
            "nticks": 4,
        },
        yaxis={
            "type": "category",
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
            "showgrid": False,
            "tickmode": "array",
            "tickvals": list(range(len(shown))),
            "ticktext": [_short(step.title) for step in shown],
        },
        shapes=[
            {
                "type": "line",
                "xref": "x",
                "yref": "y",
                "x0": levels[place + 1],
                "x1": levels[place + 1],
                "y0": place,
                "y1": place + 1,
                "line": {"color": FAINT, "width": 1},
                "layer": "below",
            }
            for place in range(len(steps))
        ],
        font={"color": INK},
    )
    said = ", ".join(f"{step.title} {text}" for step, text in zip(shown, exact, strict=True))
    return Chart(drawn, f"{sentence} {said}.", height)


def _short(title: str) -> str:
    text = title if len(title) <= _LONGEST_NAME else f"{title[: _LONGEST_NAME - 1].rstrip()}…"
    return fmt.chart_text(text)
