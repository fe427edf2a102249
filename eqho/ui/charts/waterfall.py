"""The waterfall of MRR movements: from the start of a period to its end."""

from collections.abc import Sequence
from itertools import accumulate

from eqho.metrics.rows import MovementRow
from eqho.ui import format as fmt
from eqho.ui.charts.figures import CATEGORIES, FAINT, Chart, Options, figure, signed, value_axis
from eqho.ui.vocabulary import MOVEMENTS

_RISE, _FALL = CATEGORIES[1], CATEGORIES[8]
NET = "net"
_HEADLINE_HEIGHT = 40


def waterfall(row: MovementRow, currency: str, *, height: int = 280) -> Chart:
    """A row of the movements view as steps from its start, and their net; movements of 0 have no bar.

    The axis is the change since the start: it begins at 0, and a month's steps can be read however large
    the balance is. The two balances stand above as numbers. `customdata[0]` of a bar is its movement, or NET.
    """
    steps = [
        (key, title, signed(key, amount)) for key, title in MOVEMENTS.items() if (amount := getattr(row, key))
    ]
    net = sum(amount for _, _, amount in steps)
    steps.append((NET, "Net", net))
    exact = [fmt.money(amount, currency, signed=True) for _, _, amount in steps]
    bars = {
        "type": "waterfall",
        "x": [title for _, title, _ in steps],
        "y": [amount for _, _, amount in steps],
        "measure": ["relative"] * (len(steps) - 1) + ["absolute"],
        "text": [fmt.label_money(amount, currency, signed=True) for _, _, amount in steps],
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "customdata": [[key, text] for (key, _, _), text in zip(steps, exact, strict=True)],
        "hovertemplate": "%{x}  <b>%{customdata[1]}</b><extra></extra>",
        "increasing": {"marker": {"color": _RISE}},
        "decreasing": {"marker": {"color": _FALL}},
        "totals": {"marker": {"color": _RISE if net >= 0 else _FALL}},
        "connector": {"line": {"color": FAINT, "width": 1}},
    }
    start, end = (fmt.money(amount, currency) for amount in (row.start, row.end))
    drawn = figure(
        [bars],
        height,
        bargap=0.35,
        xaxis={"type": "category", "automargin": True, "fixedrange": True},
        yaxis=value_axis("money", currency) | {"range": _range([amount for _, _, amount in steps[:-1]])},
        annotations=[
            _balance(f"Start <b>{start}</b>", "left"),
            _balance(f"End <b>{end}</b>{_growth(row)}", "right"),
        ],
        margin={"l": 0, "r": 8, "t": _HEADLINE_HEIGHT, "b": 0},
    )
    moved = [f"{title.lower()} {text}" for (_, title, _), text in zip(steps[:-1], exact, strict=False)]
    sentence = (
        f"MRR movements of {fmt.month(row.period)}: {start} at the start, "
        f"{', '.join(moved) or 'no movement'}, {end} at the end."
    )
    return Chart(drawn, sentence, height)


def _growth(row: MovementRow) -> str:
    return f" ({fmt.rate(row.end / row.start - 1, signed=True)})" if row.start else ""


def _balance(text: str, side: str) -> Options:
    place = {"x": 0 if side == "left" else 1, "xref": "paper", "xanchor": side}
    above = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 16}
    return place | above | {"text": text, "showarrow": False}


def _range(changes: Sequence[float]) -> tuple[float, float]:
    """0 and every level that is reached, with room for the labels."""
    levels = [0.0, *accumulate(changes)]
    low, high = min(levels), max(levels)
    spread = (high - low) or 1
    return low - spread * 0.2 if low < 0 else 0.0, high + spread * 0.2
