"""MRR of the months that come. Money in major units."""

from msgspec import Struct

from eqho.metrics.forecast_methods import Method


class ForecastPoint(Struct, frozen=True):
    """MRR at the end of a month; `low` and `high` are null while too little is known of past errors."""

    period: str
    low: float | None
    mid: float
    high: float | None


class ForecastBaseline(Struct, frozen=True):
    """`mase` null where this way could not be tried in some month."""

    name: Method
    mase: float | None


class Backtest(Struct, frozen=True):
    """`months` in which a forecast was made anew from what was known then. `mase`: its mean error over the
    mean step from one month to the next. `coverage_80`: the share of what came that lay within the band of
    its time. `baselines` are the other ways, with theirs."""

    months: int
    mase: float | None
    coverage_80: float | None
    baselines: list[ForecastBaseline]


class Forecast(Struct, frozen=True):
    """`method` is the way whose back-test was the best; `points` begin with the running month."""

    points: list[ForecastPoint]
    method: Method | None
    backtest: Backtest | None
    undefined: dict[str, str]
