"""What happened that is worth an alert under the rules. Each is named by what it is about, so that it is told
once however often it is found."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from eqho.messages.message import Message, both_words, money
from eqho.messages.rules import Rules
from eqho.metrics.definitions import METRICS
from eqho.periods import DAY, day_of, period_named, period_of
from eqho.products import ALL
from eqho.tiers import Tiers, views
from eqho.tiers.published import Current

GOAL_DAYS_BACK = 31
DAYS_BACK = 7
"""How far back a change is still told: an outage of a week tells nothing later."""


class State:
    """What is known of the refresh; `age` in seconds."""

    def __init__(self, refreshed_at: int, failure: str | None, age: float) -> None:
        self.refreshed_at, self.failure = refreshed_at, failure
        self.age_minutes = int(age) // 60


def of_the_refresh(state: State, rules: Rules, at: int) -> Iterator[Message]:
    """`at`: now, by the data's clock. One for each stretch without a refresh that worked."""
    if rules.failed_sync and state.failure is not None:
        lines = ("The last refresh did not work.", state.failure)
        yield Message(f"sync/{state.refreshed_at}", at, "a refresh failed", lines, lines, "data")
    minutes = rules.stale_minutes
    if minutes is not None and state.refreshed_at and state.age_minutes > minutes:
        old = (f"The figures are {state.age_minutes} minutes old; you asked to be told after {minutes}.",)
        yield Message(f"stale/{state.refreshed_at}", at, "the figures are stale", old, old, "data")


def of_the_figures(tiers: Tiers, rules: Rules, build: Current, zone: ZoneInfo) -> Iterator[Message]:
    """Of the published build. Raises NoBuild, StoreError."""
    today, currency = day_of(build.ledger.now, zone), build.currency
    days = [today - timedelta(days=back) for back in range(DAYS_BACK, -1, -1)]
    if rules.mrr_change is not None:
        yield from _mrr_changes(tiers, rules.mrr_change, days, currency, zone)
    if rules.lost_mrr is not None:
        for day in days:
            yield from _lost(tiers, rules.lost_mrr, day, currency, zone)
    if rules.payment_failed is not None:
        yield from _failed_payments(tiers, rules.payment_failed, currency)
    if rules.goal_missed:
        yield from _missed_goals(tiers, build.ledger.now, currency, zone)


def _mrr_changes(
    tiers: Tiers, least: float, days: list[date], currency: str, zone: ZoneInfo
) -> Iterator[Message]:
    before = days[0] - timedelta(days=1)
    told = tiers.told(views.History(("mrr",), before, days[-1], "day"), ALL)
    for earlier, later in pairwise(told.points):
        change = later.mrr - earlier.mrr
        if abs(change) < least:
            continue
        day = date.fromisoformat(later.date)
        went = "rose" if change > 0 else "fell"
        yield Message(
            f"mrr/{day}/{went}",
            period_of(day, "day", zone).end,
            f"MRR {went} on {day}",
            (
                f"MRR went from {money(earlier.mrr, currency)} to {money(later.mrr, currency)} "
                f"on {day}: {money(change, currency, signed=True)}.",
            ),
            (f"MRR {went} on {day} by more than you asked to be told of.",),
            "movements",
        )


_LOST = {"churn": "left", "contraction": "pays less"}


def _lost(tiers: Tiers, least: float, day: date, currency: str, zone: ZoneInfo) -> Iterator[Message]:
    with_amounts, _ = both_words(currency)
    for row in tiers.told(views.MovementCustomers(day.isoformat()), ALL).rows:
        if row.kind not in _LOST or -row.change < least:
            continue
        said = f"{with_amounts.customer(row.customer, row.name)} {_LOST[row.kind]} since {day}"
        was, now_is = money(row.before, currency), money(row.after, currency)
        yield Message(
            f"lost/{day}/{row.customer}",
            period_of(day, "day", zone).end,
            f"{row.name} {_LOST[row.kind]}",
            (f"{said}: MRR from {was} to {now_is}.",),
            (f"{said}.",),
            f"customers?customer={row.customer}",
        )


def _failed_payments(tiers: Tiers, least: float, currency: str) -> Iterator[Message]:
    for row in tiers.told(views.FailedPayments(DAYS_BACK), ALL).rows:
        if row.amount < least:
            continue
        yield Message(
            f"payment/{row.at}/{row.amount}",
            row.at,
            f"a payment failed on {row.date}",
            (f"The payment of an invoice of {money(row.amount, currency)} failed on {row.date}.",),
            (f"The payment of an invoice failed on {row.date}; it is above the size you asked for.",),
            "cash",
        )


def _missed_goals(tiers: Tiers, now: int, currency: str, zone: ZoneInfo) -> Iterator[Message]:
    """Of periods that closed lately."""
    for row in tiers.told(views.Goals(), ALL).rows:
        period = period_named(row.period, zone)
        if period is None or not row.closed or row.on_pace is not False:
            continue
        if period.end < now - GOAL_DAYS_BACK * DAY:
            continue
        metric = METRICS[row.metric]
        what = f"{metric.title} of {row.product} at the end of {row.period}"
        was, target = (_in_unit(amount, metric.unit, currency) for amount in (row.actual or 0.0, row.target))
        yield Message(
            f"goal/{row.metric}/{row.product}/{row.period}/{row.target}",
            period.end,
            f"a goal of {row.period} was missed",
            (f"{what} was {was}; the goal was {target}.",),
            (f"The goal for {what} was missed.",),
            "forecast",
        )


def _in_unit(value: float, unit: str, currency: str) -> str:
    if unit == "money":
        return money(value, currency)
    return f"{100 * value:,.1f} %" if unit == "rate" else f"{value:,g}"
