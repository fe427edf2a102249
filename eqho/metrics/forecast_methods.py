"""Ways to carry MRR on: our drivers, a time series, and the two that any forecast has to beat."""

import warnings
from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from eqho.metrics.forecast_drivers import Floats, Flows

Method = Literal["drivers", "damped_trend", "same_growth", "no_change"]
METHODS: tuple[Method, ...] = get_args(Method)
"""Ours first: of two that are as good the first is taken."""

Way = Callable[[int, int], Floats | None]
"""(months known, months ahead) → MRR units at the month ends after the known ones, from those alone; None
where this way has no answer."""


def ways(flows: Flows) -> dict[Method, Way]:
    mrr = flows.stock.sum(axis=0)
    return {
        "drivers": flows.forecast,
        "damped_trend": lambda known, months: _damped_trend(mrr[:known], months),
        "same_growth": lambda known, months: _same_growth(mrr[:known], months),
        "no_change": lambda known, months: np.full(months, mrr[known - 1]),
    }


def _damped_trend(mrr: Floats, months: int) -> Floats | None:
    """Exponential smoothing with a trend that fades out (Gardner and McKenzie), by statsmodels."""
    # A second to import, and only this page needs it.
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415

    size = mrr.mean()
    if not size or np.ptp(mrr) == 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a fit did not converge shows in the back-test
        try:
            model = ExponentialSmoothing(
                mrr / size, trend="add", damped_trend=True, initialization_method="heuristic"
            )
            told = model.fit(use_brute=False).forecast(months)
        except (ValueError, np.linalg.LinAlgError):
            return None
    return np.maximum(told, 0) * size if np.isfinite(told).all() else None


def _same_growth(mrr: Floats, months: int) -> Floats | None:
    if len(mrr) < 2 or not mrr[-2]:
        return None
    told: Floats = mrr[-1] * (mrr[-1] / mrr[-2]) ** np.arange(1, months + 1)
    return told
