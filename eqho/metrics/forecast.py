"""MRR of the months that come, by the way that was closest in the past, with a band from its errors."""

import numpy as np

from eqho.metrics.forecast_backtest import BAND_FROM, KNOWN_AT_LEAST, Past, replay
from eqho.metrics.forecast_drivers import Floats, Flows
from eqho.metrics.forecast_methods import METHODS, Method, ways
from eqho.metrics.forecast_rows import Backtest, Forecast, ForecastBaseline, ForecastPoint
from eqho.metrics.query import Scene
from eqho.periods import Period, add_months, closed_months, day_of, period_of

NEEDED = KNOWN_AT_LEAST + 1
"""Closed months with which one forecast can be held against what came."""


def forecast(scene: Scene, months: int) -> Forecast:
    """From the last closed month on, by what the ledger says of the closed months."""
    closed = _closed(scene)
    if len(closed) < NEEDED:
        reason = f"{NEEDED} closed months since the first MRR are needed, there are {len(closed)}"
        return Forecast([], None, None, {"points": reason, "method": reason, "backtest": reason})
    samples = np.array([month.end - 1 for month in closed], dtype=np.int64)
    flows = Flows.of(scene.book.scope.balances(samples))
    if not flows.stock[:, -1].sum():
        reason = "there is no MRR to carry on"
        return Forecast([], None, None, {"points": reason, "method": reason, "backtest": reason})
    pasts = {name: replay(flows.stock.sum(axis=0), way) for name, way in ways(flows).items()}
    errors = {name: past.mase() if past is not None else None for name, past in pasts.items()}
    best = _best(errors)
    past = pasts[best]
    mid = ways(flows)[best](len(closed), months)
    assert past is not None
    assert mid is not None
    return _answer(scene, closed[-1], best, mid, past, errors)


def _answer(
    scene: Scene, last: Period, best: Method, mid: Floats, past: Past, errors: dict[Method, float | None]
) -> Forecast:
    band = past.band()
    low, high = band.around(mid) if band else (None, None)
    coverage = past.coverage()
    undefined = {}
    if band is None:
        few = f"a band needs {BAND_FROM} forecasts of the past, there are {len(past.known)}"
        undefined = {f"points.{n}.{edge}": few for n in range(len(mid)) for edge in ("low", "high")}
    if coverage is None:
        undefined["backtest.coverage_80"] = "no past forecast had a band"
    if errors[best] is None:
        undefined["backtest.mase"] = "MRR has not moved"
    return Forecast(
        [
            ForecastPoint(
                _month(scene, last, ahead + 1),
                None if low is None else scene.money(round(low[ahead])),
                scene.money(round(mid[ahead])),
                None if high is None else scene.money(round(high[ahead])),
            )
            for ahead in range(len(mid))
        ],
        best,
        Backtest(
            len(past.known),
            errors[best],
            coverage,
            [ForecastBaseline(name, errors[name]) for name in METHODS if name != best],
        ),
        undefined,
    )


def _best(errors: dict[Method, float | None]) -> Method:
    known = {name: error for name, error in errors.items() if error is not None}
    return min(known, key=known.__getitem__) if known else "drivers"


def _closed(scene: Scene) -> list[Period]:
    """The closed months from the one of the first MRR on, oldest first."""
    begun = scene.book.scope.start
    began = int(begun.min()) if len(begun) else scene.at
    first = day_of(min(began, scene.at), scene.zone)
    running = day_of(scene.at + 1, scene.zone)
    count = (running.year - first.year) * 12 + running.month - first.month
    return closed_months(scene.at + 1, count, scene.zone)


def _month(scene: Scene, last: Period, ahead: int) -> str:
    return period_of(add_months(last.first, ahead), "month", scene.zone).label
