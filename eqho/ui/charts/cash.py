"""Cash by month: what came in above the axis, what went back below it."""

from collections.abc import Sequence
from typing import Any

from eqho.metrics.rows import CashRow
from eqho.ui import format as fmt
from eqho.ui.charts.figures import CATEGORIES, Chart, figure, month_axis, months, value_axis

_FLOWS = (
    ("paid", "Paid", 1, 0),
    ("refunded", "Refunded", -1, 1),
    ("credited", "Credited", -1, 2),
    ("disputed", "Disputed", -1, 3),
)
"""Field, name, sign, colour."""
_OPEN_OPACITY = 0.45


def paid_and_returned(rows: Sequence[CashRow], currency: str, *, height: int = 300) -> Chart:
    """Bars of each month; the running month is paler. What is not known for the product is left out."""
    shown = [flow for flow in _FLOWS if any(getattr(row, flow[0]) for row in rows)]
    drawn = figure(
        [_bars(rows, flow, currency) for flow in shown],
        height,
        legend=len(shown) > 1,
        barmode="relative",
        bargap=0.28,
        hovermode="x unified",
        xaxis=month_axis(),
        yaxis=value_axis("money", currency) | {"rangemode": "tozero"},
    )
    total = fmt.money(sum(row.paid for row in rows), currency)
    return Chart(drawn, f"Cash of {len(rows)} months: {total} paid.", height)


def _bars(rows: Sequence[CashRow], flow: tuple[str, str, int, int], currency: str) -> dict[str, Any]:
    field, name, sign, colour = flow
    amounts: list[float | None] = [getattr(row, field) for row in rows]
    return {
        "type": "bar",
        "name": name,
        "x": months([row.period for row in rows]),
        "y": [sign * (amount or 0) for amount in amounts],
        "marker": {
            "color": CATEGORIES[colour],
            "opacity": [_OPEN_OPACITY if row.running else 1.0 for row in rows],
            "line": {"width": 0},
        },
        "customdata": [[fmt.money(amount, currency)] for amount in amounts],
        "hovertemplate": f"{name}  <b>%{{customdata[0]}}</b><extra></extra>",
    }
