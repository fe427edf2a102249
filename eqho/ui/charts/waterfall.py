"""The waterfall of MRR movements: from the start of a period to its end."""

from collections.abc import Sequence

from eqho.ui import format as fmt
from eqho.ui.charts.figures import CATEGORIES, FAINT, Chart, Row, figure

STEPS = (
    ("start", "Start", 0),
    ("new", "New", 1),
    ("reactivation", "Reactivation", 1),
    ("expansion", "Expansion", 1),
    ("entering", "Entering", 1),
    ("contraction", "Contraction", -1),
    ("churn", "Churn", -1),
    ("leaving", "Leaving", -1),
    ("fx", "FX", 1),
    ("end", "End", 0),
)
"""Key in a movements row, title, sign; 0 is a balance."""

TITLES = {key: title for key, title, sign in STEPS if sign}
"""Of the movements alone."""

_RISE, _FALL, _BALANCE = CATEGORIES[1], CATEGORIES[8], CATEGORIES[0]


def waterfall(row: Row, currency: str, *, height: int = 280) -> Chart:
    """A row of the movements view; movements of 0 have no bar. `customdata[0]` is a bar's key in the row."""
    steps = [step for step in STEPS if step[2] == 0 or row[step[0]]]
    signs = [sign for _, _, sign in steps]
    amounts = [row[key] * (sign or 1) for key, _, sign in steps]
    signed = list(zip(amounts, map(bool, signs), strict=True))
    exact = [fmt.money(amount, currency, signed=moves) for amount, moves in signed]
    bars = {
        "type": "waterfall",
        "x": [title for _, title, _ in steps],
        "y": amounts,
        "measure": ["relative" if sign else "absolute" for sign in signs],
        "text": [fmt.label_money(amount, currency, signed=moves) for amount, moves in signed],
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "customdata": [[key, text] for (key, _, _), text in zip(steps, exact, strict=True)],
        "hovertemplate": "%{x}  <b>%{customdata[1]}</b><extra></extra>",
        "increasing": {"marker": {"color": _RISE}},
        "decreasing": {"marker": {"color": _FALL}},
        "totals": {"marker": {"color": _BALANCE}},
        "connector": {"line": {"color": FAINT, "width": 1}},
    }
    drawn = figure(
        [bars],
        height,
        bargap=0.35,
        xaxis={"type": "category", "automargin": True, "fixedrange": True},
        yaxis={
            "range": _range(amounts, signs),
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
    )
    moved = [f"{title.lower()} {text}" for (_, title, sign), text in zip(steps, exact, strict=True) if sign]
    sentence = (
        f"MRR movements of {fmt.month(row['period'])}: {fmt.money(row['start'], currency)} at the start, "
        f"{', '.join(moved) or 'no movement'}, {fmt.money(row['end'], currency)} at the end."
    )
    return Chart(drawn, sentence, height)


def _range(amounts: Sequence[float], signs: Sequence[int]) -> tuple[float, float]:
    """Balances dwarf the movements of a month: the axis starts near the lowest level that is reached."""
    levels, level = [], 0.0
    for amount, sign in zip(amounts, signs, strict=True):
        level = level + amount if sign else amount
        levels.append(level)
    low, high = min(levels), max(levels)
    spread = (high - low) or high or 1
    return max(0, low - spread * 0.6), high + spread * 0.25
