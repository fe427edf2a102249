"""While the past is not read, what today's objects say exactly is told, and as much of the past as the newest
bills tell completely; the rest waits, with a reason."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar, cast

from msgspec import UNSET, Struct, structs

from eqho.issues import PAST_UNKNOWN, Issue
from eqho.metrics.customer_rows import AllCustomers, CustomerHistory
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.explain import between
from eqho.metrics.explain_rows import Explanation
from eqho.metrics.forecast_rows import Forecast
from eqho.metrics.history_rows import History, Point
from eqho.metrics.past_needed import arrivals_told, told_back
from eqho.metrics.query import Scene
from eqho.metrics.recent_changes import window_since
from eqho.metrics.rows import Bridge, Cash, Changed, Changes, CohortTable, Movements, UnitEconomics
from eqho.periods import day_of, period_named

A = TypeVar("A", bound=Struct)


def without_invoices(issues: Iterable[Issue]) -> str:
    """Why the past cannot be told by a source that has no invoices, "" by one that has."""
    unknown = any(issue.code == PAST_UNKNOWN for issue in issues)
    return "by invoices only, which this source does not have" if unknown else ""


_OF_TODAY: dict[str, frozenset[str]] = {
    "customer_metrics": frozenset(
        (
            "customers", "free_customers", "trialing_customers", "total_customers", "towpilot_customers",
            "other_customers",
        )
    ),
    "revenue_metrics": frozenset(
        (
            "mrr", "arr", "arpa", "acv", "subscriptions", "at_risk_mrr", "scheduled_churn_mrr",
            "committed_mrr", "paused_mrr", "top10_share",
        )
    ),
    "movement_metrics": frozenset(("period", "end")),
    "retention_metrics": frozenset(("period",)),
    "cash_metrics": frozenset(("period",)),
    "trial_metrics": frozenset(("trialing",)),
    "ltv_metrics": frozenset(("basis", "gross_margin")),
}  # fmt: skip
"""By group of the metrics document; whatever is not named here needs the past."""
_GROUP = "_metrics"
_LISTS_OF_TODAY = ("tiers", "products")
_ROWS: Mapping[type[Struct], tuple[str, ...]] = {
    History: ("points",),
    CohortTable: ("cohorts",),
    CustomerHistory: ("spans", "steps"),
    Changes: ("rows", "groups", "sentences"),
    Explanation: ("movements", "lines", "plans", "customers"),
    Forecast: ("points",),
    UnitEconomics: ("rows", "cohorts"),
    Cash: ("rows", "ages", "renewals"),
}
"""Where the rows of an answer stand, if not under `rows`."""
_NUMBERS: Mapping[type[Struct], tuple[str, ...]] = {
    Changes: ("start", "net"),
    Explanation: ("start", "end", "net"),
    Forecast: ("method", "backtest"),
}
"""What an answer says beside its rows and cannot know either."""
_GONE = frozenset(("churned", "never_paid"))
"""Statuses that today's objects cannot tell apart."""


def as_told(scene: Scene, answer: A, period: str = "") -> A:
    """An answer, of a `period` where it was asked for one, without what cannot be known while `scene.untold`
    says that the past is not read.

    A number that waits is None, a list empty, each with the reason under `undefined`. Nothing that is told
    is taken back when the past is there.
    """
    return cast(A, _told(scene, answer, period)) if scene.untold else answer


def _told(scene: Scene, answer: Struct, period: str) -> Struct:
    now = scene.at == scene.ledger.now
    if isinstance(answer, MetricsDocument):
        return _metrics(scene, answer, now=now)
    if "undefined" not in answer.__struct_fields__:
        return answer  # what was frozen, was told
    some_past = scene.told_from < scene.ledger.now and scene.told_from <= scene.at
    if some_past and (told := _of_the_newest(scene, answer, period)) is not None:
        return told
    if now and isinstance(answer, Bridge):
        return answer
    if now and isinstance(answer, AllCustomers):
        return _customers(answer, scene.untold)
    rows, numbers = _ROWS.get(type(answer), ("rows",)), _NUMBERS.get(type(answer), ())
    nothing: dict[str, Any] = {name: [] for name in rows} | dict.fromkeys(numbers)
    return structs.replace(answer, **nothing, undefined=dict.fromkeys(nothing, scene.untold))


def _metrics(scene: Scene, answer: MetricsDocument, *, now: bool) -> MetricsDocument:
    reason = scene.untold
    told: dict[str, Any] = {}
    undefined = dict(answer.undefined)
    for name in (name for name in answer.__struct_fields__ if name.endswith(_GROUP)):
        group = getattr(answer, name)
        of_today = _OF_TODAY.get(name, frozenset()) if now else frozenset(("period", "basis"))
        waits = [
            field
            for field in group.__struct_fields__
            if field not in of_today and not told_back(scene, f"{name}.{field}")
        ]
        told[name] = structs.replace(group, **{field: _nothing(getattr(group, field)) for field in waits})
        undefined |= {f"{name}.{field}": reason for field in waits}
    if not now and scene.told_from > scene.at:
        for name in (name for name in _LISTS_OF_TODAY if getattr(answer, name) is not UNSET):
            told[name] = []
            undefined = {path: why for path, why in undefined.items() if not path.startswith(f"{name}.")}
            undefined[name] = reason
    return structs.replace(answer, **told, undefined=undefined)


def _of_the_newest(scene: Scene, answer: Struct, period: str) -> Struct | None:
    """The part of an answer that is told although the rest of the past is not read; None where none is."""
    match answer:
        case History():
            points = _points(scene, answer.points)
            waits = {"points": scene.untold}
            return structs.replace(answer, points=points, undefined=waits) if points else None
        case Movements():
            rows = [row for row in answer.rows if _arrivals(scene, row.period)]
            return structs.replace(answer, rows=rows, undefined={"rows": scene.untold}) if rows else None
        case Changed():
            return answer if _arrivals(scene, period) else None
        case Changes():
            first = date.fromisoformat(answer.since)
            window = window_since(scene, (day_of(scene.at, scene.zone) - first).days)
            return answer if arrivals_told(scene, window) else None
        case Explanation():
            days = (date.fromisoformat(day) for day in (answer.start_day, answer.end_day))
            return answer if arrivals_told(scene, between(scene, *days)) else None
        case _:
            return None


_OF_A_BALANCE = frozenset(("date", "open", "mrr", "arr", "arpa", "customers", "subscriptions"))
"""What a point of a series tells by the balance at its instant; `net_new` by that and the one before."""


def _points(scene: Scene, points: Iterable[Point]) -> list[Point]:
    found = []
    before = False
    for point in points:
        at = scene.at if point.open else scene.end_of(date.fromisoformat(point.date))
        if told := at >= scene.told_from:
            known = _OF_A_BALANCE | ({"net_new"} if before else set())
            waits = {
                name: None
                for name, value in structs.asdict(point).items()
                if value is not UNSET and name not in known
            }
            found.append(structs.replace(point, **waits))
        before = told
    return found


def _arrivals(scene: Scene, label: str) -> bool:
    period = period_named(label, scene.zone)
    return period is not None and arrivals_told(scene, period)


def _nothing(value: object) -> list[object] | None:
    return [] if isinstance(value, list) else None


def _customers(answer: AllCustomers, reason: str) -> AllCustomers:
    rows = [structs.replace(row, since=None) for row in answer.rows if row.status not in _GONE]
    return structs.replace(answer, total=None, rows=rows, undefined={"total": reason, "since": reason})
