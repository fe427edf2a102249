"""What metrics and views answer, as the JSON that the API makes of it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from eqho.metrics import bridge, cash, cohorts, customer_timeline, customers, document, series
from eqho.metrics import recent_changes as lately
from eqho.metrics import restatements as frozen_months
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.restatements import FrozenMonth
from eqho.metrics.today_only import as_told
from eqho.periods import Period
from eqho.tiers.question import View

Json = dict[str, Any]


def _json(answer: object) -> Any:
    return msgspec.to_builtins(answer)


def asked(view: View[Any], scene: Scene) -> Any:
    return _json(view.answer(scene))


def told(view: View[Any], scene: Scene) -> Any:
    """Without what waits for the past."""
    return _json(as_told(scene, view.answer(scene), view.of_period))


def snapshot(scene: Scene) -> Json:
    return _json(document.snapshot(scene))


def points(scene: Scene, metrics: Sequence[str], spanned: Sequence[Period]) -> list[Json]:
    return _json(series.points(scene, metrics, spanned))


def bridge_rows(scene: Scene) -> list[Json]:
    return _json(bridge.bridge_rows(scene))


def cohort_rows(scene: Scene, measure: cohorts.Measure) -> list[Json]:
    return _json(cohorts.cohort_rows(scene, measure))


def customer_rows(scene: Scene) -> list[Json]:
    return _json(customers.customer_rows(scene))


def customer_history(scene: Scene, customer: str) -> Any:
    return _json(customer_timeline.customer_history(scene, customer))


def recent_changes(scene: Scene, days: int) -> list[Json]:
    return _json(lately.recent_changes(scene, days))


def cash_rows(scene: Scene, spanned: Sequence[Period], undefined: Undefined) -> list[Json]:
    return _json(cash.cash_rows(scene, spanned, undefined))


def ages(scene: Scene) -> list[Json]:
    return _json(cash.ages(scene))


def restatements(scene: Scene, frozen: Sequence[FrozenMonth]) -> list[Json]:
    return _json(frozen_months.restatements(scene, frozen))
