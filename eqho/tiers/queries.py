"""Named views of a build: what pages and API ask for by name, as plain JSON values."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, cast, get_args

import msgspec

from eqho.errors import BadArgument
from eqho.metrics.bridge import bridge_rows
from eqho.metrics.cash import ages, cash_rows, failed_payments, renewals
from eqho.metrics.cohorts import cohort_rows
from eqho.metrics.customer_timeline import customer_history
from eqho.metrics.customers import customer_rows, name_of
from eqho.metrics.definitions import SERIES
from eqho.metrics.document import snapshot
from eqho.metrics.economics_by_month import unit_economics_rows
from eqho.metrics.explain import explain
from eqho.metrics.forecast import forecast
from eqho.metrics.goals import goals
from eqho.metrics.movements import KINDS, Movement, came_and_went, customer_changes, movements
from eqho.metrics.payback import payback_rows
from eqho.metrics.query import Document, Scene, Undefined
from eqho.metrics.recent_changes import change_row, window_since
from eqho.metrics.series import points
from eqho.metrics.week import week
from eqho.periods import YEARS, Period, PeriodLength, add_months, day_of, period_named, periods

Arguments = Mapping[str, str]
_LONGEST = 5_000
"""Points in one answer: thirteen years of days."""
_MOST_MONTHS_AHEAD = 36
_SHORTEST_DAYS: dict[PeriodLength, int] = {"day": 1, "week": 7, "month": 28, "quarter": 90}


def _metrics(scene: Scene, arguments: Arguments) -> Document:
    return snapshot(scene)


def _history(scene: Scene, arguments: Arguments) -> Document:
    return {"points": points(scene, asked_series(arguments), asked_periods(scene, arguments))}


def _movements(scene: Scene, arguments: Arguments) -> Document:
    spanned = asked_periods(scene, arguments)
    rows = movements(scene.book, spanned, scene.at) if spanned else []
    return {"rows": [_movement_row(scene, row) for row in rows]}


def _movement_row(scene: Scene, row: Movement) -> Document:
    return {
        "period": row.period.label,
        "start": scene.money(row.start),
        **{kind: scene.money(row.amounts[kind]) for kind in KINDS},
        "fx": scene.money(row.fx),
        "end": scene.money(row.end),
        "customers": {"start": row.customers_start, **row.counts, "end": row.customers_end},
        "open": row.open,
    }


def _movement_customers(scene: Scene, arguments: Arguments) -> Document:
    kind = arguments.get("kind", "")
    if kind and kind not in KINDS:
        raise BadArgument(f"There is no movement “{kind}”; known: {', '.join(KINDS)}.")
    period = _named_period(scene, arguments.get("period", ""))
    changes = customer_changes(scene.book, period, min(scene.at, period.end - 1))
    return {"rows": [change_row(scene, c) for c in changes if not kind or c.kind == kind]}


def _came_and_went(scene: Scene, arguments: Arguments) -> Document:
    period = _named_period(scene, arguments.get("period", ""))
    found = came_and_went(scene.book, period, min(scene.at, period.end - 1))
    return {"rows": [{"customer": one, "name": name_of(scene.ledger, one)} for one in found]}


def _customers(scene: Scene, arguments: Arguments) -> Document:
    rows = customer_rows(scene)
    limit, offset = _count(arguments, "limit", len(rows)), _count(arguments, "offset", 0)
    return {"total": len(rows), "rows": rows[offset : offset + limit]}


def _customer(scene: Scene, arguments: Arguments) -> Document:
    customer = arguments.get("customer", "")
    if (found := customer_history(scene, customer)) is None:
        raise BadArgument(f"There is no customer “{customer[:40]}” of {scene.product}.")
    return found


def _cohorts(scene: Scene, arguments: Arguments) -> Document:
    measure = arguments.get("measure", "customers")
    if measure not in {"customers", "mrr"}:
        raise BadArgument(f"Cohorts are measured in customers or mrr, not in “{measure}”.")
    return {"cohorts": cohort_rows(scene, cast(Any, measure))}


def _bridge(scene: Scene, arguments: Arguments) -> Document:
    return {"rows": bridge_rows(scene)}


def _cash(scene: Scene, arguments: Arguments) -> Document:
    undefined = Undefined()
    return {
        "rows": cash_rows(scene, asked_periods(scene, arguments), undefined),
        "ages": ages(scene),
        "renewals": renewals(scene, undefined),
        "undefined": dict(undefined),
    }


def _failed_payments(scene: Scene, arguments: Arguments) -> Document:
    window = window_since(scene, _count(arguments, "days", 7))
    return {"rows": failed_payments(scene, window.start)}


def _unit_economics(scene: Scene, arguments: Arguments) -> Document:
    if arguments.get("interval", "month") != "month":
        raise BadArgument("Unit economics are told by month: spend is entered by month.")
    undefined = Undefined()
    return {
        "rows": unit_economics_rows(scene, asked_periods(scene, arguments), undefined),
        "cohorts": payback_rows(scene, undefined),
        "undefined": dict(undefined),
    }


def _changes(scene: Scene, arguments: Arguments) -> Document:
    return week(scene, asked_days(arguments))


def asked_days(arguments: Arguments) -> int:
    days = _count(arguments, "days", 7)
    if not 1 <= days <= _LONGEST:
        raise BadArgument(f"days is a whole number from 1 to {_LONGEST:,}, not “{days}”.")
    return days


def _explain(scene: Scene, arguments: Arguments) -> Document:
    first, last = parse_day("from", arguments.get("start", "")), parse_day("to", arguments.get("end", ""))
    if first >= last:
        raise BadArgument(f"from ({first}) does not lie before to ({last}).")
    if last > (today := day_of(scene.at, scene.zone)):
        raise BadArgument(f"to ({last}) lies after the day the numbers stand for ({today}).")
    return cast(Document, msgspec.to_builtins(explain(scene, first, last)))


def _forecast(scene: Scene, arguments: Arguments) -> Document:
    months = _count(arguments, "months", 12)
    if not 1 <= months <= _MOST_MONTHS_AHEAD:
        raise BadArgument(f"months is a whole number from 1 to {_MOST_MONTHS_AHEAD}, not “{months}”.")
    return cast(Document, msgspec.to_builtins(forecast(scene, months)))


def _goals(scene: Scene, arguments: Arguments) -> Document:
    return {"rows": msgspec.to_builtins(goals(scene))}


VIEWS: dict[str, Callable[[Scene, Arguments], Document]] = {
    "metrics": _metrics,
    "history": _history,
    "movements": _movements,
    "movement_customers": _movement_customers,
    "came_and_went": _came_and_went,
    "customers": _customers,
    "customer": _customer,
    "cohorts": _cohorts,
    "bridge": _bridge,
    "changes": _changes,
    "explain": _explain,
    "forecast": _forecast,
    "goals": _goals,
    "cash": _cash,
    "failed_payments": _failed_payments,
    "unit_economics": _unit_economics,
}


def _count(arguments: Arguments, name: str, default: int) -> int:
    text = arguments.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise BadArgument(f"{name} is a whole number from 0 up, not “{text}”.")
    return int(text)


def parse_day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadArgument(f"{name} is a day like 2026-10-31, not “{text}”.") from None
    if day.year not in YEARS:
        raise BadArgument(f"{name} is a day from {YEARS[0]} to {YEARS[-1]}, not “{text}”.")
    return day


def parse_first(name: str, text: str) -> date:
    """A day, or a month's first."""
    return parse_day(name, f"{text}-01" if _is_month(text) else text)


def parse_last(name: str, text: str) -> date:
    """A day, or a month's last."""
    first = parse_first(name, text)
    return add_months(first, 1) - timedelta(days=1) if _is_month(text) else first


def _is_month(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d", text) is not None


def asked_series(arguments: Arguments) -> list[str]:
    """Slugs of the metrics asked for."""
    metrics = [m for m in arguments.get("metrics", "mrr,customers").split(",") if m]
    unknown = [m for m in metrics if m not in SERIES]
    if unknown:
        raise BadArgument(f"There is no series “{unknown[0]}”; known: {', '.join(SERIES)}.")
    return metrics


def _interval(arguments: Arguments) -> PeriodLength:
    interval = arguments.get("interval", "month")
    if interval not in get_args(PeriodLength):
        raise BadArgument(f"interval is one of {', '.join(get_args(PeriodLength))}, not “{interval}”.")
    return cast(PeriodLength, interval)


def asked_periods(scene: Scene, arguments: Arguments) -> list[Period]:
    """The periods asked for, up to the instant of the scene; by default from the first MRR on."""
    today = day_of(scene.at, scene.zone)
    begun = scene.book.company.start
    first = day_of(int(begun.min()), scene.zone) if len(begun) else today
    start = parse_first("from", arguments["start"]) if "start" in arguments else first
    end = parse_last("to", arguments["end"]) if "end" in arguments else today
    if start > end:
        raise BadArgument(f"from ({start}) lies after to ({end}).")
    length = _interval(arguments)
    if (min(end, today) - start) / timedelta(days=_SHORTEST_DAYS[length]) > _LONGEST:
        raise BadArgument(f"The range has more than {_LONGEST:,} {length}s: ask for a shorter one.")
    return periods(start, min(end, today), length, scene.zone)


def _named_period(scene: Scene, label: str) -> Period:
    if (period := period_named(label, scene.zone)) is None:
        raise BadArgument(f"period is like 2026-10, 2026-Q4, 2026-W41 or 2026-10-05, not “{label}”.")
    return period
