"""While the past is not read, what today's objects say exactly is told, and as much of the past as the newest
bills tell completely; the rest waits, with a reason."""

from collections.abc import Iterable
from datetime import date

from eqho.issues import PAST_UNKNOWN, Issue
from eqho.metrics.explain import between
from eqho.metrics.past_needed import arrivals_told, told_back
from eqho.metrics.query import Document, Scene
from eqho.metrics.recent_changes import window_since
from eqho.periods import day_of, period_named


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
_ROWS = {
    "history": ("points",),
    "cohorts": ("cohorts",),
    "customer": ("spans", "steps"),
    "changes": ("rows", "groups", "sentences"),
    "explain": ("movements", "lines", "plans", "customers"),
    "forecast": ("points",),
    "unit_economics": ("rows", "cohorts"),
    "cash": ("rows", "ages", "renewals"),
}
"""Where a view's rows stand, if not under `rows`."""
_NUMBERS = {
    "changes": ("start", "net"),
    "explain": ("start", "end", "net"),
    "forecast": ("method", "backtest"),
}
"""What a view says beside its rows and cannot know either."""
_GONE = frozenset(("churned", "never_paid"))
"""Statuses that today's objects cannot tell apart."""


def as_told(view: str, scene: Scene, answer: Document, period: str = "") -> Document:
    """The answer of a view, of a `period` where it was asked for one, without what cannot be known while
    `scene.untold` says that the past is not read.

    A number that waits is None, a list empty, each with the reason under `undefined`. Nothing that is told
    is taken back when the past is there.
    """
    if not scene.untold:
        return answer
    now = scene.at == scene.ledger.now
    if view == "metrics":
        return _metrics(scene, answer, now=now)
    some_past = scene.told_from < scene.ledger.now and scene.told_from <= scene.at
    if some_past and (told := _of_the_newest(view, scene, answer, period)) is not None:
        return told
    if view == "bridge" and now:
        return answer
    if view == "customers" and now:
        return _customers(answer, scene.untold)
    rows = _ROWS.get(view, ("rows",))
    numbers = _NUMBERS.get(view, ())
    waiting: Document = dict.fromkeys((*rows, *numbers), scene.untold)
    return answer | {name: [] for name in rows} | dict.fromkeys(numbers) | {"undefined": waiting}


def _metrics(scene: Scene, answer: Document, *, now: bool) -> Document:
    reason = scene.untold
    told, undefined = dict(answer), dict(answer["undefined"])
    for name, group in answer.items():
        if not name.endswith(_GROUP):
            continue
        of_today = _OF_TODAY.get(name, frozenset()) if now else frozenset(("period", "basis"))
        known = {field for field in group if field in of_today or told_back(scene, f"{name}.{field}")}
        told[name] = {field: value if field in known else _nothing(value) for field, value in group.items()}
        undefined |= {f"{name}.{field}": reason for field in group if field not in known}
    if not now and scene.told_from > scene.at:
        for name in (name for name in _LISTS_OF_TODAY if name in answer):
            told[name] = []
            undefined = {path: why for path, why in undefined.items() if not path.startswith(f"{name}.")}
            undefined[name] = reason
    return told | {"undefined": undefined}


def _of_the_newest(view: str, scene: Scene, answer: Document, period: str) -> Document | None:
    """The part of an answer that is told although the rest of the past is not read; None where none is."""
    if view == "history":
        points = _points(scene, answer["points"])
        return answer | {"points": points, "undefined": {"points": scene.untold}} if points else None
    if view == "movements":
        rows = [row for row in answer["rows"] if _arrivals(scene, row["period"])]
        return answer | {"rows": rows, "undefined": {"rows": scene.untold}} if rows else None
    if view == "movement_customers":
        return answer if _arrivals(scene, period) else None
    if view == "changes":
        first = date.fromisoformat(answer["since"])
        window = window_since(scene, (day_of(scene.at, scene.zone) - first).days)
        return answer if arrivals_told(scene, window) else None
    if view == "explain":
        days = (date.fromisoformat(answer[name]) for name in ("start_day", "end_day"))
        return answer if arrivals_told(scene, between(scene, *days)) else None
    return None


_OF_A_BALANCE = frozenset(("date", "open", "mrr", "arr", "arpa", "customers", "subscriptions"))
"""What a point of a series tells by the balance at its instant; `net_new` by that and the one before."""


def _points(scene: Scene, points: list[Document]) -> list[Document]:
    found = []
    before = False
    for point in points:
        at = scene.at if point["open"] else scene.end_of(date.fromisoformat(point["date"]))
        if told := at >= scene.told_from:
            known = _OF_A_BALANCE | ({"net_new"} if before else set())
            found.append({name: value if name in known else None for name, value in point.items()})
        before = told
    return found


def _arrivals(scene: Scene, label: str) -> bool:
    period = period_named(label, scene.zone)
    return period is not None and arrivals_told(scene, period)


def _nothing(value: object) -> list[object] | None:
    return [] if isinstance(value, list) else None


def _customers(answer: Document, reason: str) -> Document:
    rows = [row | {"since": None} for row in answer["rows"] if row["status"] not in _GONE]
    return answer | {"total": None, "rows": rows, "undefined": {"total": reason, "since": reason}}
