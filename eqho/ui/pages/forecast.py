"""MRR of the next twelve months: how it is carried on, how far that was off in the past."""

from collections.abc import Sequence

import streamlit as st

from eqho.metrics.forecast_rows import Forecast, ForecastBaseline
from eqho.tiers import views
from eqho.ui import format as fmt
from eqho.ui import product_lines, queries
from eqho.ui.charts.draw import draw
from eqho.ui.charts.forecast import Target, forecast_chart
from eqho.ui.layout import section
from eqho.ui.tables import Column, cells, table
from eqho.ui.vocabulary import FORECAST_METHODS

_MONTHS_BEFORE = 24
_POINTS = (
    Column("month", "Month", in_file="period"),
    Column("low", "Low", "money", help="In one of ten months it is below."),
    Column("mid", "Forecast", "money"),
    Column("high", "High", "money", help="In one of ten months it is above."),
)
_TRIED = (
    Column("name", "Carried on by", width=205),
    Column(
        "mase", "Mean error", "steps", help="MASE, in steps from month to month: less is better.", width=95
    ),
    Column("shown", "Shown", width=60),
)


def forecast(product: str, targets: Sequence[Target]) -> None:
    """Chart, what it rests on, and the months as a table."""
    currency = product_lines.currency()
    with queries.once_told():
        with st.spinner("Every month since the thirteenth is forecast anew…"):
            told = queries.view(views.Forecast(), product)
        history = queries.history(product, "mrr", months=_MONTHS_BEFORE)
        section("MRR of the next 12 months", summary(told, currency))
        chart = forecast_chart([point for point in history if not point.open], told.points, targets, currency)
        draw(chart, f"forecast-{product}")
        with st.grid(2, min_column_width=340, gap="medium") as sides:
            with sides.cell():
                _tried(product, told)
            with sides.cell():
                section("By month", "At each month's end.")
                table(
                    [cells(row, month=fmt.month(row.period)) for row in told.points],
                    _POINTS,
                    key=f"forecast-{product}",
                    currency=currency,
                    empty="Nothing yet.",
                    max_rows=12,
                )


def summary(told: Forecast, currency: str) -> str:
    last = told.points[-1]
    when, mid = fmt.month(last.period), fmt.money(last.mid, currency)
    if last.low is None:
        return f"{mid} in {when}; no band: {told.undefined['points.0.low']}."
    low, high = fmt.money(last.low, currency), fmt.money(last.high, currency)
    return f"{mid} in {when}, between {low} and {high} in eight of ten cases."


def _tried(product: str, told: Forecast) -> None:
    section("How far it was off", verdict(told))
    tried = _every_way(told)
    rows = [
        {
            "name": FORECAST_METHODS[way.name],
            "mase": way.mase,
            "shown": "Yes" if way.name == told.method else "",
        }
        for way in sorted(tried, key=lambda way: (way.mase is None, way.mase))
    ]
    table(rows, _TRIED, key=f"forecast-tried-{product}", empty="")
    st.caption(fmt.markdown(_tested(told)))


def _every_way(told: Forecast) -> list[ForecastBaseline]:
    """The one that is shown, and those that were not as close; [] while nothing is told."""
    if told.method is None or told.backtest is None:
        return []
    return [ForecastBaseline(told.method, told.backtest.mase), *told.backtest.baselines]


def verdict(told: Forecast) -> str:
    """Whether our own way was the closest; where it was not, which one stands here instead."""
    ours = FORECAST_METHODS["drivers"]
    if told.method is None or told.backtest is None or (mase := told.backtest.mase) is None:
        return "MRR has not moved: every way tells the same."
    if told.method == "drivers":
        return f"{ours} were the closest, and are shown."
    by_name = {way.name: way.mase for way in told.backtest.baselines}
    own, better = by_name["drivers"], FORECAST_METHODS[told.method]
    off = f" ({fmt.decimal(own, 2)})" if own is not None else ""
    return f"{ours}{off} did not beat “{better}” ({fmt.decimal(mase, 2)}): the better one is shown."


def _tested(told: Forecast) -> str:
    backtest = told.backtest
    if backtest is None:
        return ""
    months = fmt.count(backtest.months)
    said = f"Forecast anew in {months} past months from what was known then, up to 12 months ahead."
    if backtest.coverage_80 is None:
        return said
    covered = fmt.rate(backtest.coverage_80)
    return f"{said} {covered} of what came lay within the band of its time; {fmt.rate(0.8)} should."
