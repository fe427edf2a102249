"""What the numbers of a scene are made of, where the metrics document does not hold the parts itself."""

import msgspec
import numpy as np

from eqho.ledger.spans import State
from eqho.metrics import formulas
from eqho.metrics.cash import recovered_of, usage_between
from eqho.metrics.definitions import Unit
from eqho.metrics.movements import KINDS, Movement
from eqho.metrics.panel import CountedSpans
from eqho.metrics.query import Scene
from eqho.metrics.retention import churned_of, retained
from eqho.periods import same_day_months_ago


class Part(msgspec.Struct, frozen=True):
    """Money in major units."""

    label: str
    value: float
    unit: Unit


class MadeOf(msgspec.Struct, frozen=True):
    """By the metric's slug."""

    parts: dict[str, list[Part]]


def parts(scene: Scene) -> dict[str, list[Part]]:
    """Empty while the past, of which most are made, is not read."""
    return {} if scene.untold else _now(scene) | _last_month(scene)


def _now(scene: Scene) -> dict[str, list[Part]]:
    month, scope = scene.month, scene.book.scope
    mrr = _money(scene, "of MRR", scene.mrr)
    set_to_end = scope.subscription[scope.active(scene.at) & (scope.requested <= scene.at)]
    before, year_before = formulas.month_before(scene), formulas.year_before(scene)
    return {
        "mrr": _moved(scene, month),
        "customers": _moved_customers(month),
        "subscriptions": [_count("of customers", scene.customers)],
        "at_risk_mrr": [_running(scene.spans.running(scene.at, State.PAST_DUE), "past-due"), mrr],
        "scheduled_churn_mrr": [_count("subscriptions set to cancel", len(np.unique(set_to_end))), mrr],
        "paused_mrr": [
            _running(scene.spans.running(scene.at, State.PAUSED), "paused"),
            _running(scene.spans.running(scene.at, State.FREE_PERIOD), "free for a time:"),
        ],
        "usage_revenue": [
            _money(scene, each.period.label, usage_between(scene, each.period, each.period))
            for each in scene.closed[-3:]
        ],
        "mrr_growth_month": [
            _money(scene, "MRR", scene.mrr),
            _money(scene, f"at the end of {before}", scope.total(scene.end_of(before))),
        ],
        "mrr_growth_year": [
            _money(scene, "MRR", scene.mrr),
            _money(scene, f"at the end of {year_before}", scope.total(scene.end_of(year_before))),
        ],
        "top10_share": [_money(scene, "the 10 largest", int(np.sort(scene.balance)[-10:].sum())), mrr],
        "monthly_churn": [
            _count("churned in 6 months", sum(each.counts["churn"] for each in scene.closed)),
            _count("of those at each start, added up", sum(each.customers_start for each in scene.closed)),
        ],
    }


def _last_month(scene: Scene) -> dict[str, list[Part]]:
    month = scene.closed[-1]
    start = _money(scene, "MRR at the start", month.start)
    lost = [_money(scene, kind, month.amounts[kind]) for kind in ("churn", "contraction")]
    gained = [_money(scene, kind, month.amounts[kind]) for kind in ("expansion", "reactivation")]
    churned, of_whom = churned_of(scene.book, month, scene.policy, scene.at)
    then = same_day_months_ago(month.period.last, 12)
    base, kept, least = retained(scene.book, scene.end_of(then), month.period.sample(scene.at))
    theirs = _money(scene, f"of these customers' MRR at the end of {then}", base)
    recovered, failed = recovered_of(scene, month.period)
    return {
        "customer_churn_rate": [_count("churned", churned), _count("of customers", of_whom)],
        "gross_mrr_churn_rate": [*lost, start],
        "net_mrr_churn_rate": [*lost, *gained, start],
        "nrr_12m": [_money(scene, "still paid", kept), theirs],
        "grr_12m": [_money(scene, "still paid, without growth", least), theirs],
        "recovery_rate": [_count("paid later", recovered), _count("of failed invoices", failed)],
    }


def _moved(scene: Scene, month: Movement) -> list[Part]:
    moved = [_money(scene, kind, month.amounts[kind]) for kind in KINDS if month.amounts[kind]]
    rates = [_money(scene, "exchange rates", month.fx)] if month.fx else []
    return [_money(scene, "at the start of the month", month.start), *moved, *rates]


def _moved_customers(month: Movement) -> list[Part]:
    moved = [(kind, month.counts[kind]) for kind in ("new", "reactivation", "entering", "churn", "leaving")]
    return [
        _count("at the start of the month", month.customers_start),
        *(_count(kind, count) for kind, count in moved if count),
    ]


def _running(spans: CountedSpans, how: str) -> Part:
    return _count(f"{how} subscriptions", len(np.unique(spans.subscription)))


def _money(scene: Scene, label: str, units: int) -> Part:
    return Part(label, scene.money(units), "money")


def _count(label: str, count: int) -> Part:
    return Part(label, count, "count")
