"""One customer's MRR as steps, stacked and coloured by product line."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from eqho.ui import date_patterns, reader
from eqho.ui import format as fmt
from eqho.ui.charts.figures import Chart, Options, figure, value_axis


class StackedSteps(NamedTuple):
    """`values[i]` holds from `instants[i]` on; lines of one chart share their instants."""

    name: str
    colour: str
    instants: Sequence[str]
    values: Sequence[float]


def customer_steps(lines: Sequence[StackedSteps], currency: str, who: str, *, height: int = 260) -> Chart:
    shown = [line for line in lines if any(line.values)]
    totals = [sum(values) for values in zip(*(line.values for line in shown), strict=True)]
    axis: dict[str, Any] = {
        "type": "date",
        "tickformat": "%b\n%Y",
        "hoverformat": date_patterns.on_axis("yMMMd", reader.locale()),
        "showgrid": False,
        "tickangle": 0,
        "automargin": True,
        "fixedrange": True,
    }
    drawn = figure(
        [_area(line, currency) for line in shown],
        height,
        legend=len(shown) > 1,
        hovermode="x unified",
        xaxis=axis,
        yaxis=value_axis("money", currency) | {"range": [0, max(totals, default=0) * 1.1 or 1]},
    )
    last = fmt.money(totals[-1] if totals else 0, currency)
    return Chart(drawn, f"MRR of {who} over time, {last} now; the table has every step.", height)


def _area(line: StackedSteps, currency: str) -> Options:
    name = fmt.chart_text(line.name)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "stackgroup": "mrr",
        "x": list(line.instants),
        "y": list(line.values),
        "line": {"color": line.colour, "width": 2, "shape": "hv"},
        "customdata": [[fmt.money(value, currency)] for value in line.values],
        "hovertemplate": f"{name}  <b>%{{customdata[0]}}</b><extra></extra>",
    }
