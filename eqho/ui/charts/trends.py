"""Lines of one metric for several products over a range, an earlier range behind them, and notes on days."""

from collections.abc import Sequence
from typing import NamedTuple

from eqho.metrics.definitions import Definition
from eqho.periods import Period, PeriodLength
from eqho.ui import format as fmt
from eqho.ui import reader
from eqho.ui.charts.figures import INK, Chart, Options, figure, heights, month_axis, value_axis
from eqho.ui.date_patterns import on_axis
from eqho.ui.date_ranges import period_title

_DOTS_UP_TO = 62
"""Periods up to which each is drawn as a dot."""
_NOTE_LENGTH = 26
_NOTE_ROWS = 2
_NOTE_ROW_HEIGHT = 15
_HOVER: dict[PeriodLength, str] = {"week": "Week of ", "quarter": "Quarter from "}


class Span(NamedTuple):
    """The periods on the axis, the earlier ones they are compared with (or none), and whether the last is
    open."""

    periods: Sequence[Period]
    earlier: Sequence[Period]
    length: PeriodLength
    open_last: bool


class TrendLine(NamedTuple):
    """One value per period, None where nothing is defined."""

    name: str
    colour: str
    values: Sequence[float | None]
    earlier: Sequence[float | None] = ()


class Note(NamedTuple):
    """Drawn on the period in which the day lies: its value is the first that knows of it."""

    period: Period
    text: str


def trend_chart(
    trends: Sequence[TrendLine],
    span: Span,
    definition: Definition,
    currency: str,
    notes: Sequence[Note] = (),
    *,
    height: int = 300,
) -> Chart:
    """`customdata[0]` of a point is the last day of its period."""
    several = len(trends) > 1
    traces = [trace for trend in trends for trace in _traces(trend, span, definition, currency, several)]
    zero = "tozero" if definition.unit in ("money", "count") else "normal"
    above = 34 * several + _NOTE_ROW_HEIGHT * min(len(notes), _NOTE_ROWS)
    drawn = figure(
        traces,
        height,
        legend=several,
        hovermode="x unified",
        clickmode="event+select",
        xaxis=_axis(span.length),
        yaxis=value_axis(definition.unit, currency) | {"rangemode": zero},
        shapes=[_rule(note) for note in notes],
        annotations=[_label(note, place) for place, note in enumerate(notes)],
        margin={"l": 0, "r": 8, "t": max(12, above), "b": 0},
    )
    # Above the notes, which stand on the plot itself.
    drawn.layout.legend.update(yref="container", y=1, yanchor="top")
    return Chart(drawn, _alt(trends, span, definition, currency), height)


def _traces(
    trend: TrendLine, span: Span, definition: Definition, currency: str, several: bool
) -> list[Options]:
    """Strokes below, and on them the points that can be hovered over and clicked."""
    name = fmt.chart_text(trend.name)
    days = [period.first.isoformat() for period in span.periods]
    closed = len(days) - span.open_last
    stroke = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "legendgroup": name, "name": name}

    def line(cut: slice, values: Sequence[float | None], *, named: bool = False, **pen: object) -> Options:
        pen = {"color": trend.colour, "width": 2.5} | pen
        drawn = heights(values, definition.unit)
        return stroke | {"x": days[cut], "y": drawn[cut], "line": pen, "showlegend": named}

    def points(
        values: Sequence[float | None], said: str, opacity: float, periods: Sequence[Period]
    ) -> Options:
        texts = [fmt.value(value, definition.unit, currency) for value in values]
        titles = [period_title(period, span.length) for period in periods]
        marker = {
            "color": trend.colour,
            "size": 5 if len(days) <= _DOTS_UP_TO else 2,
            "opacity": opacity,
        }
        return {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "legendgroup": name,
            "showlegend": False,
            "x": days,
            "y": heights(values, definition.unit),
            "marker": marker,
            "selected": {"marker": {"opacity": opacity, "size": 9}},
            "unselected": {"marker": {"opacity": opacity}},
            "customdata": [
                [period.last.isoformat(), text, title]
                for period, text, title in zip(span.periods, texts, titles, strict=True)
            ],
            "hovertemplate": f"{said}<b>%{{customdata[1]}}</b><extra></extra>",
        }

    found = []
    if trend.earlier:
        pale = line(slice(None), trend.earlier, width=1.5, dash="dash") | {"opacity": 0.55}
        said = f"{name}, %{{customdata[2]}}  " if several else "%{customdata[2]}  "
        found += [pale, points(trend.earlier, said, 0.0, span.earlier)]
    found.append(line(slice(closed), trend.values, named=several))
    if span.open_last:
        found.append(line(slice(max(0, closed - 1), None), trend.values, dash="dot"))
    found.append(points(trend.values, f"{name}  " if several else "", 1.0, span.periods))
    return found


def _axis(length: PeriodLength) -> Options:
    by_day = length in ("day", "week")
    return month_axis() | {
        "tickformat": f"{on_axis('MMMd', reader.locale()) if by_day else '%b'}\n%Y",
        "hoverformat": _HOVER.get(length, "") + on_axis("yMMMd" if by_day else "yMMM", reader.locale()),
    }


def _rule(note: Note) -> Options:
    day = note.period.first.isoformat()
    line = {"color": INK, "width": 1, "dash": "dot"}
    where = {"x0": day, "x1": day, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", "line": line, "opacity": 0.45, "layer": "below"} | where


def _label(note: Note, place: int) -> Options:
    """Above the plot, in turns on two rows: neighbours do not cover each other."""
    text = note.text if len(note.text) <= _NOTE_LENGTH else f"{note.text[: _NOTE_LENGTH - 1].rstrip()}…"
    return {
        "x": note.period.first.isoformat(),
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": _NOTE_ROW_HEIGHT * (place % _NOTE_ROWS),
        "xanchor": "auto",
        "showarrow": False,
        "text": fmt.chart_text(text),
        "hovertext": fmt.chart_text(note.text),
        "font": {"size": 11},
    }


def _alt(trends: Sequence[TrendLine], span: Span, definition: Definition, currency: str) -> str:
    if not span.periods:
        return f"{definition.title}: nothing yet."
    first, last = (period_title(span.periods[at], span.length) for at in (0, -1))
    parts = "; ".join(
        f"{trend.name} from {fmt.value(trend.values[0], definition.unit, currency)} "
        f"to {fmt.value(trend.values[-1], definition.unit, currency)}"
        for trend in trends
    )
    return f"{definition.title}, {first} to {last}: {parts}."
