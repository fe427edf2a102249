"""One subscription's items through time: assertions, today's state, status, trials, discounts' ends."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from eqho.billing.objects import Price, Snapshot, Subscription
from eqho.billing.pricing import Worth, worths
from eqho.ledger.present import Undated, discounted_at, last_tax, reach
from eqho.ledger.records import Records
from eqho.ledger.service import begun_with_service, served_from
from eqho.ledger.sightings import see
from eqho.ledger.spans import Evidence, State
from eqho.ledger.statements import (
    Assertion,
    assertions_of,
    collapsed,
    in_order,
    is_licensed,
    state_today,
    with_standing_discounts,
)
from eqho.ledger.status import flag_at, flags_of
from eqho.ledger.trials import Trials, trials_of
from eqho.periods import FAR


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


class Timeline(NamedTuple):
    stretches: list[Stretch]
    undated: list[Undated]
    trials: Trials


def timeline(records: Records, prices: Mapping[str, Price], now: int) -> Timeline:
    """The stretches of one subscription up to `now`; those that still run end at FAR."""
    subscription = records.subscription
    trials = trials_of(records, prices)
    if subscription.status in ("incomplete", "incomplete_expired"):
        return Timeline([], [], trials)
    undated: list[Undated] = []
    items = _item_histories(records, prices, now, undated, trials)
    flags = flags_of(records, trials, now)
    end = FAR if subscription.ended_at is None else subscription.ended_at
    marks = _marks(items, flags, subscription, end, now)
    open_stretches: dict[str, Stretch] = {}
    done: list[Stretch] = []
    for start, stop in pairwise(marks):
        flag = flag_at(flags, start)
        in_force = {} if flag is State.OUT else _in_force(items, start, subscription.created)
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
    return Timeline(sorted(done, key=lambda s: (s.start, s.item)), undated, trials)


def _item_histories(
    records: Records, prices: Mapping[str, Price], now: int, undated: list[Undated], trials: Trials
) -> dict[str, list[Assertion]]:
    subscription = records.subscription
    stated = {item.id: Fraction(item.inclusive_tax_percent) for item in subscription.items}
    # An item that is gone was taxed as the others are, as far as anybody can tell.
    common = next(iter(stated.values())) if len(set(stated.values())) == 1 else Fraction(0)
    histories = {
        item: assertions_of(lines, prices, stated.get(item, common), trials.served)
        for item, lines in records.lines.items()
    }
    for item_id in {i.id for s in records.snapshots for i in s.subscription.items}:
        billed = histories.get(item_id, [])
        told = _from_snapshots(item_id, records.snapshots, last_tax(billed))
        histories[item_id] = in_order(billed + told)
    current = {item.id: item for item in subscription.items if not item.price.metered}
    for item_id, history in histories.items():
        histories[item_id] = with_standing_discounts(history)
    see(histories, records, undated, trials)
    for item_id, history in histories.items():
        if item_id not in current:
            _end_removed(history, _next_cycle(records, item_id, prices), now)
    if subscription.ended_at is None and (subscription.status in ("active", "past_due") or trials.frees(now)):
        for item in current.values():
            reach(histories.setdefault(item.id, []), item, subscription, records, now, undated, trials)
    elif subscription.status == "canceled" and not any(histories.values()):
        for item in current.values():
            state = state_today(item, subscription, Fraction(0))
            histories[item.id] = [Assertion(served_from(records, trials), now, state, Evidence.TODAY)]
    elif subscription.ended_at is not None:
        for item in current.values():
            # What stands on a canceled subscription stood at its end.
            history = [a for a in histories.get(item.id, ()) if a.at < subscription.ended_at]
            if history or item.created > subscription.created + 1:
                reach(history, item, subscription, records, subscription.ended_at, [], trials)
                histories[item.id] = history
    begun = begun_with_service(histories, records, prices, trials)
    return {item: collapsed(history) for item, history in begun.items()}


def _from_snapshots(item_id: str, snapshots: Sequence[Snapshot], tax: Fraction) -> list[Assertion]:
    found: list[Assertion] = []
    for snapshot in snapshots:
        item = next((i for i in snapshot.subscription.items if i.id == item_id), None)
        if item is not None and not item.price.metered and item.price.interval is not None:
            state = state_today(item, snapshot.subscription, tax)
            until = item.period_end or snapshot.at
            told = Assertion(snapshot.at, until, state, Evidence.EVENT)
        elif found and found[-1].state is not None:
            told = Assertion(snapshot.at, snapshot.at, None, Evidence.EVENT)
        else:
            continue
        if found and found[-1].at == told.at:
            found.pop()
        found.append(told)
    return found


def _end_removed(history: list[Assertion], next_cycle: int, now: int) -> None:
    """An item that is gone today without a credit served out what was last billed, unless a new billing cycle
    began without it."""
    if history and history[-1].state is not None:
        last = history[-1]
        end = min(last.until, next_cycle, now)
        history.append(Assertion(end, end, None, last.evidence, last.invoice))


def _next_cycle(records: Records, item_id: str, prices: Mapping[str, Price]) -> int:
    """When other items were first billed for a period that begins after all that is said of this one."""
    last = max((line.start for line in records.lines.get(item_id, ())), default=0)
    starts = (
        line.start
        for item, lines in records.lines.items()
        for line in lines
        if item != item_id and line.start > last and is_licensed(line, prices) and not line.proration
    )
    return min(starts, default=FAR)


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


def _in_force(items: Mapping[str, list[Assertion]], at: int, created: int) -> dict[str, Assertion]:
    """Service that was backdated is billed with the discounts of the instant it was `created`."""
    found: dict[str, Assertion] = {}
    for item, history in items.items():
        current = None
        for assertion in history:
            if assertion.at > at:
                break
            current = assertion
        if current is not None and current.state is not None:
            found[item] = replace(current, state=discounted_at(current.state, max(at, created)))
    return found


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
