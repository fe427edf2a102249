"""One subscription's items through time: assertions, today's state, status, trials, discounts' ends."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import msgspec

from eqho.billing.objects import Discount, Invoice, Item, Line, Price, Schedule, Snapshot, Subscription
from eqho.billing.pricing import NOTHING, ItemState, Worth, worths
from eqho.ledger.assertions import (
    Assertion,
    Evidence,
    assertions_of,
    collapsed,
    in_order,
    state_today,
    with_standing_discounts,
)
from eqho.periods import FAR


class State(IntEnum):
    """What MRR a span counts as. OUT never reaches a span."""

    ACTIVE = 0
    PAST_DUE = 1
    PAUSED = 2
    OUT = 3


class Stretch(NamedTuple):
    """One item, unchanged in `[start, end)`."""

    item: str
    price: Price
    quantity: float
    worth: Worth
    state: State
    start: int
    end: int
    evidence: Evidence
    inferred: bool
    invoice: str | None


class Records(NamedTuple):
    """Everything that concerns one subscription. `lines` by item id; `invoices` oldest first."""

    subscription: Subscription
    lines: Mapping[str, Sequence[Line]]
    invoices: Sequence[Invoice]
    snapshots: Sequence[Snapshot]
    schedule: Schedule | None


AT_ONCE = 60
"""Seconds within which Stripe itself voids the invoice of a paused subscription; people take longer."""


class Timeline(NamedTuple):
    stretches: list[Stretch]
    undated: list[str]
    """Items whose last change Stripe's data does not date."""


def timeline(records: Records, prices: Mapping[str, Price], now: int) -> Timeline:
    """The stretches of one subscription up to `now`; those that still run end at FAR."""
    subscription = records.subscription
    if subscription.status in ("incomplete", "incomplete_expired"):
        return Timeline([], [])
    undated: list[str] = []
    items = _item_histories(records, prices, now, undated)
    flags = _flags(records, now)
    end = FAR if subscription.ended_at is None else subscription.ended_at
    marks = _marks(items, flags, subscription, end, now)
    open_stretches: dict[str, Stretch] = {}
    done: list[Stretch] = []
    for start, stop in pairwise(marks):
        flag = _flag_at(flags, start)
        in_force = {} if flag is State.OUT else _in_force(items, start)
        values = worths([a.state for a in in_force.values() if a.state is not None])
        now_here = {
            item: _stretch(item, assertion, value, flag, start, stop)
            for (item, assertion), value in zip(in_force.items(), values, strict=True)
        }
        for item, earlier in list(open_stretches.items()):
            later = now_here.get(item)
            if later is not None and _continues(earlier, later):
                now_here[item] = earlier._replace(end=later.end)
            else:
                done.append(earlier)
        open_stretches = now_here
    done.extend(open_stretches.values())
    return Timeline(sorted(done, key=lambda s: (s.start, s.item)), undated)


def _item_histories(
    records: Records, prices: Mapping[str, Price], now: int, undated: list[str]
) -> dict[str, list[Assertion]]:
    subscription = records.subscription
    histories = {item: assertions_of(lines, prices) for item, lines in records.lines.items()}
    for item_id in {i.id for s in records.snapshots for i in s.subscription.items}:
        billed = histories.get(item_id, [])
        told = _from_snapshots(item_id, records.snapshots, _last_tax(billed))
        histories[item_id] = in_order(billed + told)
    current = {item.id: item for item in subscription.items if not item.price.metered}
    for item_id, history in histories.items():
        histories[item_id] = collapsed(with_standing_discounts(history))
        if item_id not in current:
            _end_removed(histories[item_id], now)
    if subscription.ended_at is None and subscription.status in ("active", "past_due"):
        for item in current.values():
            _reach_today(histories.setdefault(item.id, []), item, records, now, undated)
    elif subscription.status == "canceled" and not any(histories.values()):
        for item in current.values():
            state = state_today(item, subscription, Fraction(0))
            histories[item.id] = [Assertion(_served_from(records), now, state, Evidence.TODAY)]
    return histories


def _last_tax(history: Sequence[Assertion]) -> Fraction:
    """The inclusive rate last billed: automatic tax is named on invoices only."""
    return next((a.state.inclusive_tax_percent for a in reversed(history) if a.state), Fraction(0))


def _from_snapshots(item_id: str, snapshots: Sequence[Snapshot], tax: Fraction) -> list[Assertion]:
    found: list[Assertion] = []
    for snapshot in snapshots:
        item = next((i for i in snapshot.subscription.items if i.id == item_id), None)
        if item is not None and not item.price.metered and item.price.interval is not None:
            state = state_today(item, snapshot.subscription, tax)
            until = item.period_end or snapshot.at
            found.append(Assertion(snapshot.at, until, state, Evidence.EVENT))
        elif found and found[-1].state is not None:
            found.append(Assertion(snapshot.at, snapshot.at, None, Evidence.EVENT))
    return found


def _end_removed(history: list[Assertion], now: int) -> None:
    """An item that is gone today without a credit served out what was last billed."""
    if history and history[-1].state is not None:
        last = history[-1]
        end = min(last.until, now)
        history.append(Assertion(end, end, None, last.evidence, last.invoice))


def _served_from(records: Records) -> int:
    subscription = records.subscription
    start = min(subscription.start, subscription.created)
    if subscription.trial_end is not None and subscription.trial_end > start:
        return subscription.trial_end
    return start


def _reach_today(
    history: list[Assertion], item: Item, records: Records, now: int, undated: list[str]
) -> None:
    """Make the history end in what Stripe reports now; an undatable difference is dated `now` and named."""
    subscription = records.subscription
    state = state_today(item, subscription, _last_tax(history))
    if not history:
        first = item.created - subscription.created <= 1 or len(subscription.items) == 1
        start = _served_from(records) if first else max(item.created, _served_from(records))
        history.append(Assertion(min(start, now), item.period_end or now, state, Evidence.TODAY))
        return
    last = history[-1]
    if last.state is not None and _same_terms(last.state, state):
        discounts = _merged_discounts(last.state, state)
        if discounts != last.state.discounts:
            history[-1] = last._replace(state=msgspec.structs.replace(last.state, discounts=discounts))
        if _value_at(history[-1].state, now) == _value_at(state, now):
            return
    at = _phase_start(records.schedule, state, last.at, now)
    evidence = Evidence.SCHEDULE
    if at is None:
        evidence = Evidence.TODAY
        renewed = (
            item.period_start is not None and last.at < item.period_start and last.until <= item.period_start
        )
        at = item.period_start if renewed and item.period_start is not None else now
        if at == now:
            undated.append(item.id)
    history.append(Assertion(min(at, now), item.period_end or now, state, evidence))


def _same_terms(a: ItemState, b: ItemState) -> bool:
    return a.price.id == b.price.id and (a.quantity == b.quantity or a.gross is not None)


def _merged_discounts(billed: ItemState, today: ItemState) -> tuple[Discount, ...]:
    """What was billed, with the end Stripe knows today, and what was added since; each has its own start."""
    merged = {d.id: d for d in billed.discounts}
    for discount in today.discounts:
        known = merged.get(discount.id, discount)
        merged[discount.id] = msgspec.structs.replace(known, end=discount.end)
    return tuple(merged[key] for key in sorted(merged))


def _value_at(state: ItemState | None, at: int) -> Worth:
    return NOTHING if state is None else worths([_discounted_at(state, at)])[0]


def _phase_start(schedule: Schedule | None, state: ItemState, after: int, now: int) -> int | None:
    for phase in schedule.phases if schedule else ():
        named = any(i.price == state.price.id and (i.quantity or 1) == state.quantity for i in phase.items)
        if named and after < phase.start <= now:
            return phase.start
    return None


def _flags(records: Records, now: int) -> list[tuple[int, State]]:
    """(instant, state from then on), oldest first. Events say it best; else today's status is dated by the
    invoices that were left unpaid or void."""
    subscription = records.subscription
    told = [(s.at, _flag(s.subscription)) for s in records.snapshots]
    flags = [f for f in _billed_pauses(records.invoices) if not told or f[0] < told[0][0]] + told
    today = _flag(subscription)
    if (
        subscription.ended_at is None
        and (not flags or flags[-1][1] is not today)
        and today is not State.ACTIVE
    ):
        since = _unsettled_since(records.invoices, today, now)
        flags = [f for f in flags if f[0] < since]
        flags.append((since, today))
    elif flags and flags[-1][1] is not today and subscription.ended_at is None:
        flags.append((now, today))
    if subscription.trial_start is not None and subscription.trial_end is not None:
        flags = _with_trial(flags, subscription.trial_start, subscription.trial_end)
    return flags


def _billed_pauses(invoices: Sequence[Invoice]) -> list[tuple[int, State]]:
    """A paused subscription goes on to be billed, and Stripe takes each bill back in the same moment."""
    flags: list[tuple[int, State]] = []
    for invoice in invoices:
        starts = [line.start for line in invoice.lines if not line.proration]
        if not starts:
            continue
        state = State.PAUSED if _taken_back_at_once(invoice) else State.ACTIVE
        if state is not (flags[-1][1] if flags else State.ACTIVE):
            flags.append((min(starts), state))
    return flags


def _taken_back_at_once(invoice: Invoice) -> bool:
    taken_back = invoice.voided_at if invoice.status == "void" else invoice.uncollectible_at
    return taken_back is not None and taken_back - invoice.created <= AT_ONCE


def _flag(subscription: Subscription) -> State:
    if subscription.status in ("trialing", "unpaid", "paused", "incomplete", "incomplete_expired"):
        return State.OUT
    if subscription.pause in ("void", "mark_uncollectible"):
        return State.PAUSED
    return State.PAST_DUE if subscription.status == "past_due" else State.ACTIVE


def _unsettled_since(invoices: Sequence[Invoice], today: State, now: int) -> int:
    """Start of the trailing run of invoices that are open (past due, unpaid) or void (paused)."""
    if today is State.PAUSED:
        unsettled: tuple[str, ...] = ("void", "uncollectible", "draft")
    else:
        unsettled = ("open", "uncollectible", "draft")
    since = now
    for invoice in reversed(invoices):
        if invoice.status not in unsettled:
            break
        starts = [line.start for line in invoice.lines if not line.proration]
        since = min([since, *starts] if starts else [since, invoice.created])
    return since


def _with_trial(flags: list[tuple[int, State]], start: int, end: int) -> list[tuple[int, State]]:
    """A trial is out of MRR whatever else is said of it."""
    after = _flag_at(flags, end)
    outside = [f for f in flags if not start <= f[0] <= end]
    resumed = State.ACTIVE if after is State.OUT and not any(f[0] <= start for f in outside) else after
    return sorted([*outside, (start, State.OUT), (end, resumed)])


def _flag_at(flags: Sequence[tuple[int, State]], at: int) -> State:
    current = State.ACTIVE
    for since, flag in flags:
        if since > at:
            break
        current = flag
    return current


def _marks(
    items: Mapping[str, list[Assertion]],
    flags: Sequence[tuple[int, State]],
    subscription: Subscription,
    end: int,
    now: int,
) -> list[int]:
    """Every instant at which something may change, and the end."""
    marks = {at for at, _ in flags}
    for history in items.values():
        for assertion in history:
            marks.add(assertion.at)
            if assertion.until < now:
                marks.add(assertion.until)
            for discount in assertion.state.discounts if assertion.state else ():
                marks.update((discount.start, discount.end or assertion.at))
    first = min((h[0].at for h in items.values() if h), default=end)
    return [*sorted(m for m in marks if first <= m <= now and m < end), end] if first < end else []


def _in_force(items: Mapping[str, list[Assertion]], at: int) -> dict[str, Assertion]:
    found: dict[str, Assertion] = {}
    for item, history in items.items():
        current = None
        for assertion in history:
            if assertion.at > at:
                break
            current = assertion
        if current is not None and current.state is not None:
            found[item] = current._replace(state=_discounted_at(current.state, at))
    return found


def _discounted_at(state: ItemState, at: int) -> ItemState:
    alive = tuple(d for d in state.discounts if d.start <= at and (d.end is None or at < d.end))
    if alive == state.discounts:
        return state
    return msgspec.structs.replace(state, discounts=alive)


def _stretch(item: str, assertion: Assertion, value: Worth, flag: State, start: int, end: int) -> Stretch:
    assert assertion.state is not None
    return Stretch(
        item,
        assertion.state.price,
        float(assertion.state.quantity),
        value,
        flag,
        start,
        end,
        assertion.evidence,
        start >= assertion.until,
        assertion.invoice,
    )


def _continues(earlier: Stretch, later: Stretch) -> bool:
    return (
        earlier.worth == later.worth
        and earlier.price.id == later.price.id
        and earlier.quantity == later.quantity
        and earlier.state == later.state
        and earlier.inferred == later.inferred
        and earlier.end == later.start
    )
