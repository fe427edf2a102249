"""Goals beside what is there: whether each was met, or is being met at the pace of the last closed months."""

from msgspec import UNSET, Struct

from eqho.metrics.definitions import METRICS
from eqho.metrics.entered import Goal
from eqho.metrics.query import Scene
from eqho.metrics.rows import Waiting
from eqho.metrics.series import points
from eqho.periods import Period, closed_months, day_of, period_named, period_of, periods

PACE_MONTHS = 3
"""Closed months whose mean change is the pace."""


class GoalState(Struct, frozen=True):
    """`actual` is the metric at the end of the period, or now while that has not come. `on_pace`: reached
    when the period closed, or reached at its end if each month goes on as the last three closed ones; null
    where `undefined` says why. `pace` and `needed` are changes in a month."""

    metric: str
    product: str
    period: str
    target: float
    actual: int | float | None
    on_pace: bool | None
    pace: float | None
    needed: float | None
    closed: bool
    undefined: str | None


class Goals(Struct, frozen=True):
    rows: list[GoalState]
    undefined: Waiting = UNSET


def goals(scene: Scene) -> list[GoalState]:
    """Of every product, in the order of their periods."""
    states = [_state(scene.of(goal.product), goal) for goal in scene.inputs.goals]
    return sorted(states, key=lambda one: (_end(scene, one.period), one.product, one.metric))


def _end(scene: Scene, label: str) -> int:
    return _period(scene, label).end


def _period(scene: Scene, label: str) -> Period:
    period = period_named(label, scene.zone)
    assert period is not None, label  # checked when it was entered
    return period


def _state(scene: Scene, goal: Goal) -> GoalState:
    period, target = _period(scene, goal.period), float(goal.target)
    if not period.is_open(scene.at):
        (actual,) = _values(scene, goal.metric, [period_of(period.last, "month", scene.zone)])
        reached = None if actual is None else _reached(goal.metric, actual, target)
        return _told(goal, actual, reached, None, None, closed=True)
    today = day_of(scene.at, scene.zone)
    running = period_of(today, "month", scene.zone)
    months = dict.fromkeys([*closed_months(scene.at + 1, PACE_MONTHS + 1, scene.zone), running])
    values = _values(scene, goal.metric, list(months))
    earliest, latest, now = values[0], values[PACE_MONTHS], values[-1]
    left = _months_left(scene, period)
    needed = (target - now) / left if now is not None and left else None
    if now is None or earliest is None or latest is None:
        return _told(goal, now, None, None, needed, closed=False)
    pace = (latest - earliest) / PACE_MONTHS
    return _told(goal, now, _reached(goal.metric, now + pace * left, target), pace, needed, closed=False)


def _told(
    goal: Goal,
    actual: float | None,
    on_pace: bool | None,
    pace: float | None,
    needed: float | None,
    *,
    closed: bool,
) -> GoalState:
    if actual is None:
        why = f"{METRICS[goal.metric].title} is not defined there"
    elif on_pace is None:
        why = (
            f"the pace needs {PACE_MONTHS + 1} closed months in which {METRICS[goal.metric].title} is defined"
        )
    else:
        why = None
    target = float(goal.target)
    return GoalState(
        goal.metric, goal.product, goal.period, target, actual, on_pace, pace, needed, closed, why
    )


def _values(scene: Scene, metric: str, months: list[Period]) -> list[float | None]:
    """At the end of each of consecutive months. None also before the company's first MRR."""
    begun = scene.book.company.start
    first = int(begun.min()) if len(begun) else scene.at
    found = points(scene, [metric], months)
    return [
        getattr(point, metric) if month.end > first else None
        for point, month in zip(found, months, strict=True)
    ]


def _reached(metric: str, value: float, target: float) -> bool:
    return value <= target if METRICS[metric].good == "down" else value >= target


def _months_left(scene: Scene, period: Period) -> float:
    """Until the end of the period: the rest of the running month as its share, then whole months."""
    running, *later = periods(day_of(scene.at, scene.zone), period.last, "month", scene.zone)
    return (running.end - 1 - scene.at) / (running.end - running.start) + len(later)
