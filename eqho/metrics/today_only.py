"""While the past is not read, what today's objects say exactly is told; the rest waits, with a reason."""

from collections.abc import Iterable

from eqho.issues import PAST_UNKNOWN, Issue
from eqho.metrics.query import Document, Scene


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
    "unit_economics": ("rows", "cohorts"),
    "cash": ("rows", "ages", "renewals"),
}
"""Where a view's rows stand, if not under `rows`."""
_NUMBERS = {"changes": ("start", "net")}
"""What a view says beside its rows and cannot know either."""
_GONE = frozenset(("churned", "never_paid"))
"""Statuses that today's objects cannot tell apart."""


def as_told(view: str, scene: Scene, answer: Document) -> Document:
    """The answer of a view, without what cannot be known while `scene.untold` says that the past is not read.

    A number that waits is None, a list empty, each with the reason under `undefined`. Nothing that is told
    is taken back when the past is there.
    """
    if not scene.untold:
        return answer
    now = scene.at == scene.ledger.now
    if view == "metrics":
        return _metrics(answer, scene.untold, now=now)
    if view == "bridge" and now:
        return answer
    if view == "customers" and now:
        return _customers(answer, scene.untold)
    rows = _ROWS.get(view, ("rows",))
    numbers = _NUMBERS.get(view, ())
    waiting: Document = dict.fromkeys((*rows, *numbers), scene.untold)
    return answer | {name: [] for name in rows} | dict.fromkeys(numbers) | {"undefined": waiting}


def _metrics(answer: Document, reason: str, *, now: bool) -> Document:
    told, undefined = dict(answer), dict(answer["undefined"])
    for name, group in answer.items():
        if not name.endswith(_GROUP):
            continue
        known = _OF_TODAY.get(name, frozenset()) if now else frozenset(("period", "basis"))
        told[name] = {field: value if field in known else _nothing(value) for field, value in group.items()}
        undefined |= {f"{name}.{field}": reason for field in group if field not in known}
    if not now:
        for name in (name for name in _LISTS_OF_TODAY if name in answer):
            told[name] = []
            undefined = {path: why for path, why in undefined.items() if not path.startswith(f"{name}.")}
            undefined[name] = reason
    return told | {"undefined": undefined}


def _nothing(value: object) -> list[object] | None:
    return [] if isinstance(value, list) else None


def _customers(answer: Document, reason: str) -> Document:
    rows = [row | {"since": None} for row in answer["rows"] if row["status"] not in _GONE]
    return answer | {"total": len(rows), "rows": rows, "undefined": {"since": reason}}
