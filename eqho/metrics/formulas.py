"""How metrics are computed that take more than a line. None is "not defined"."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from eqho.ledger.spans import State
from eqho.metrics import retention
from eqho.metrics.cash import usage_between
from eqho.metrics.moment import Moment
from eqho.metrics.query import Scene
from eqho.periods import day_of, same_day_months_ago


def subscriptions(moment: Moment) -> int:
    if moment.course is not None:
        return int(moment.course.subscriptions[moment.place])
    scope = moment.scene.book.scope
    return int(np.count_nonzero(np.bincount(scope.subscription[scope.active(moment.now)])))


def at_risk(scene: Scene) -> int:
    """MRR units of past-due subscriptions."""
    return int(scene.spans.running(scene.at, State.PAST_DUE).mrr.sum())


def away(scene: Scene) -> int:
    """MRR units that paused subscriptions and free periods would bring."""
    return int(scene.spans.running(scene.at, State.PAUSED, State.FREE_PERIOD).mrr.sum())


def scheduled(scene: Scene) -> int:
    """MRR units of what is set to end."""
    scope = scene.book.scope
    return int(scope.valued(scope.active(scene.at) & (scope.requested <= scene.at), scene.at).sum())


def top10_share(scene: Scene) -> float | None:
    return retention.ratio(int(np.sort(scene.balance)[-10:].sum()), scene.mrr)


def growth(scene: Scene, earlier: date) -> float | None:
    """MRR against that at the end of an earlier day."""
    then = scene.book.scope.total(scene.end_of(earlier))
    return scene.mrr / then - 1 if then else None


def month_before(scene: Scene) -> date:
    return scene.running.first - timedelta(days=1)


def year_before(scene: Scene) -> date:
    return same_day_months_ago(day_of(scene.at, scene.zone), 12)


def usage_revenue(scene: Scene) -> float:
    """Mean of metered revenue over the three last closed months."""
    months = [month.period for month in scene.closed[-3:]]
    return scene.money(round(Fraction(usage_between(scene, months[0], months[-1]), len(months))))


def customer_churn_rate(moment: Moment) -> float | None:
    scene = moment.scene
    if moment.course is not None and scene.policy.churn_rate == "rolling_30_days":
        return moment.course.churn_of_30_days[moment.place]
    return retention.customer_churn_rate(scene.book, moment.row, scene.policy, moment.now)


def year_retention(moment: Moment) -> tuple[float | None, float | None]:
    """(NRR, GRR) over the 12 months that end with the period."""
    if moment.course is not None:
        return moment.course.year_retention[moment.place]
    scene, period = moment.scene, moment.row.period
    then = scene.end_of(same_day_months_ago(period.last, 12))
    return retention.net_and_gross_retention(scene.book, then, period.sample(scene.at))
