"""What Stripe reports of an item, now or when the sync first saw it so, after all that was said before."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace

from eqho.billing.objects import Discount, Item, Schedule, Subscription
from eqho.billing.pricing import NOTHING, ItemState, Worth, worths
from eqho.ledger.records import Records
from eqho.ledger.service import served_from
from eqho.ledger.spans import Evidence
from eqho.ledger.statements import Assertion, denies, reach_back, state_today
from eqho.ledger.trials import Trials


class Undated(NamedTuple):
    """A change of an item that nothing dates: after `since`, the last that was said before it, and not after
    `seen`, which stands for its date."""

    item: str
    since: int
    seen: int


def reach(
    history: list[Assertion],
    item: Item,
    subscription: Subscription,
    records: Records,
    now: int,
    undated: list[Undated],
    trials: Trials,
    weakest: Evidence = Evidence.TODAY,
) -> None:
    """Make the history, which ends before `now`, end in what `subscription` was seen to be then; a difference
    that nothing dates is dated `now` and named."""
    state = state_today(item, subscription, last_tax(history))
    if not history:
        first = item.created - subscription.created <= 1
        start = served_from(records, trials) if first else max(item.created, served_from(records, trials))
        history.append(Assertion(min(start, now), item.period_end or now, state, Evidence.TODAY))
        return
    last = history[-1]
    if last.state is not None and _same_terms(last.state, state):
        discounts = _merged_discounts(last, state)
        if discounts != last.state.discounts:
            history[-1] = replace(last, state=replace(last.state, discounts=discounts))
            for discount in discounts:
                reach_back(history, len(history) - 1, discount)
        told = history[-1].state
        if told == state or _value_at(told, now) == _value_at(state, now):
            return
    full = (line.start for line in records.lines.get(item.id, ()) if not line.proration)
    billed = max((start for start in full if start <= now), default=0)
    at = _phase_start(records.schedule, subscription, max(last.at, billed), now)
    evidence = Evidence.SCHEDULE
    if at is None:
        evidence = weakest
        renewed = (
            item.period_start is not None and last.at < item.period_start and last.until <= item.period_start
        )
        at = item.period_start if renewed and item.period_start is not None else now
        if at == now:
            undated.append(Undated(item.id, max(last.at, billed), now))
    history.append(Assertion(min(at, now), item.period_end or now, state, evidence))
    for discount in state.discounts:
        reach_back(history, len(history) - 1, discount)


def _same_terms(a: ItemState, b: ItemState) -> bool:
    return a.price.id == b.price.id and (a.quantity == b.quantity or a.gross is not None)


def _merged_discounts(last: Assertion, today: ItemState) -> tuple[Discount, ...]:
    """What was billed, with the end Stripe knows today, and what was added since; each has its own start."""
    assert last.state is not None
    merged = {d.id: d for d in last.state.discounts}
    for discount in today.discounts:
        if discount.id in merged or not denies(last, discount):
            known = merged.get(discount.id, discount)
            merged[discount.id] = replace(known, end=discount.end)
    return tuple(merged[key] for key in sorted(merged))


def _value_at(state: ItemState | None, at: int) -> Worth:
    return NOTHING if state is None else worths([discounted_at(state, at)])[0]


def _phase_start(schedule: Schedule | None, subscription: Subscription, after: int, now: int) -> int | None:
    """When the schedule made the items what they are today, if that was after the last bill."""
    today = Counter((i.price.id, i.quantity) for i in subscription.items if i.quantity is not None)
    for phase in schedule.phases if schedule else ():
        planned = Counter((i.price, i.quantity) for i in phase.items if i.quantity is not None)
        if planned == today and after < phase.start <= now:
            return phase.start
    return None


def last_tax(history: Sequence[Assertion]) -> Fraction:
    """The inclusive rate last billed: automatic tax is named on invoices only."""
    return next((a.state.inclusive_tax_percent for a in reversed(history) if a.state), Fraction(0))


def discounted_at(state: ItemState, at: int) -> ItemState:
    alive = tuple(d for d in state.discounts if d.start <= at and (d.end is None or at < d.end))
    if alive == state.discounts:
        return state
    return replace(state, discounts=alive)
