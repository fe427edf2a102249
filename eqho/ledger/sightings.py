"""What the sync saw of a subscription is true at that instant: where nothing else says when it came about, it
counts from the first sight on, for ever."""

from collections.abc import Iterator

from eqho.billing.objects import Snapshot
from eqho.billing.pricing import ItemState
from eqho.ledger.present import Undated, discounted_at, last_tax, reach
from eqho.ledger.records import Records
from eqho.ledger.spans import Evidence
from eqho.ledger.statements import Assertion, state_today
from eqho.ledger.trials import Trials

SOON = 3_600
"""Seconds by which this clock and Stripe's may differ: an event that follows so soon is the change itself."""
LATE = 600
"""Seconds between the reading of an object and the note of it, at most: an event may come in between."""


def see(
    histories: dict[str, list[Assertion]], records: Records, undated: list[Undated], trials: Trials
) -> None:
    """Put each sighting between what was said before it and after it."""
    for sighting in in_service(records, trials):
        _see_items(sighting, histories, records, undated, trials)
        _see_gone(sighting, histories)


def in_service(records: Records, trials: Trials) -> Iterator[Snapshot]:
    ended = records.subscription.ended_at
    for sighting in records.sightings:
        served = sighting.subscription.status in ("active", "past_due") or trials.frees(sighting.at)
        if served and (ended is None or sighting.at < ended):
            yield sighting


def _see_items(
    sighting: Snapshot,
    histories: dict[str, list[Assertion]],
    records: Records,
    undated: list[Undated],
    trials: Trials,
) -> None:
    at = sighting.at
    for item in sighting.subscription.items:
        if item.price.metered:
            continue
        history = histories.setdefault(item.id, [])
        before = [a for a in history if a.at <= at]
        after = history[len(before) :]
        if (not before and after) or _read_earlier(
            before, sighting, state_today(item, sighting.subscription, last_tax(before))
        ):
            continue
        found: list[Undated] = []
        reach(before, item, sighting.subscription, records, at, found, trials, Evidence.SIGHTING)
        if found and _follows_soon(before[-1], after):
            continue
        undated.extend(found)
        histories[item.id] = [*before, *after]


def _read_earlier(before: list[Assertion], sighting: Snapshot, seen: ItemState | None) -> bool:
    """Whether it was seen as it was just before the last event, and not as that event says."""
    at = sighting.at
    if not before or before[-1].evidence is not Evidence.EVENT or at - before[-1].at > LATE:
        return False
    earlier = before[-2].state if len(before) > 1 else None
    return _terms(seen, at) == _terms(earlier, at) != _terms(before[-1].state, at)


def _terms(state: ItemState | None, at: int) -> object:
    if state is None:
        return None
    alive = discounted_at(state, at)
    return alive.price.id, alive.quantity, frozenset(d.id for d in alive.discounts)


def _follows_soon(seen: Assertion, after: list[Assertion]) -> bool:
    if not after or after[0].evidence > Evidence.PRORATION or after[0].at - seen.at > SOON:
        return False
    later = after[0].state
    terms = (seen.state.price.id, seen.state.quantity) if seen.state else None
    return later is not None and terms == (later.price.id, later.quantity)


def _see_gone(sighting: Snapshot, histories: dict[str, list[Assertion]]) -> None:
    at = sighting.at
    there = {item.id for item in sighting.subscription.items}
    for name, history in histories.items():
        before = [a for a in history if a.at <= at]
        after = history[len(before) :]
        if name in there or not before or before[-1].state is None:
            continue
        if after and after[0].state is None and after[0].at - at <= SOON:
            continue
        if _read_earlier(before, sighting, None):
            continue
        histories[name] = [*before, Assertion(at, at, None, Evidence.SIGHTING), *after]
