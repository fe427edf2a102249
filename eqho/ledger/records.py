"""What Stripe says of one subscription, gathered from all its objects."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from eqho.billing.objects import Account, Invoice, Line, Schedule, Snapshot, Subscription
from eqho.ledger.proposals import gives_back, is_proposal, item_of, proposed_lines, was_made

Lines = dict[str, dict[str, list[Line]]]
"""By subscription and item."""


class Records(NamedTuple):
    """Everything that concerns one subscription. `lines` by item id; `invoices` oldest first."""

    subscription: Subscription
    lines: Mapping[str, Sequence[Line]]
    invoices: Sequence[Invoice]
    snapshots: Sequence[Snapshot]
    schedule: Schedule | None
    sightings: Sequence[Snapshot] = ()
    """Forms in which the sync first saw it, oldest first."""


def records_of(account: Account, subscriptions: Iterable[Subscription]) -> Iterable[Records]:
    invoices: dict[str | None, list[Invoice]] = defaultdict(list)
    for invoice in account.invoices:
        invoices[invoice.subscription].append(invoice)
    histories = [sorted(history, key=attrgetter("created")) for history in invoices.values()]
    histories.sort(key=lambda history: history[0].created)
    snapshots: dict[str, list[Snapshot]] = defaultdict(list)
    for snapshot in account.snapshots:
        snapshots[snapshot.subscription.id].append(snapshot)
    lines: Lines = defaultdict(lambda: defaultdict(list))
    kept = {history[0].subscription: _file_bills(lines, history, account, snapshots) for history in histories}
    _file(lines, account.pending, None)
    sightings: dict[str, list[Snapshot]] = defaultdict(list)
    for sighting in account.sightings.changes:
        sightings[sighting.subscription.id].append(sighting)
    schedules = {s.subscription: s for s in account.schedules.values() if s.subscription}
    for s in subscriptions:
        bills, told = kept.get(s.id, []), snapshots.get(s.id, [])
        seen = sightings.get(s.id) or _seen_from_the_start(s, account.sightings.since)
        yield Records(s, lines.get(s.id, {}), bills, told, schedules.get(s.id), seen)


def _seen_from_the_start(subscription: Subscription, since: int | None) -> list[Snapshot]:
    """What never changed since the sync began was then what it is now."""
    return [] if since is None or subscription.created > since else [Snapshot(since, subscription)]


def _file_bills(
    lines: Lines,
    history: Sequence[Invoice],
    account: Account,
    snapshots: Mapping[str, Sequence[Snapshot]],
) -> list[Invoice]:
    """File what the bills of one subscription, or of none, say that is true. Returns the bills without those
    of changes that were never made."""
    subscription = account.subscriptions.get(history[0].subscription or "")
    proposals = {i.id for i in history if subscription is not None and is_proposal(i, subscription)}
    for invoice in history:
        if invoice.id in proposals:
            continue
        if invoice.status in ("open", "paid", "uncollectible"):
            _file(lines, invoice.lines, invoice.subscription)
        elif invoice.status == "draft":
            # A change is no less true for waiting on a draft than it was while it was pending.
            _file(lines, (line for line in invoice.lines if line.proration), invoice.subscription)
    if subscription is None:
        return list(history)
    # The bill was taken back, by a pause or by a person, and what it says of the items is true.
    taken_back = [invoice for invoice in history if invoice.status == "void" or invoice.id in proposals]
    if not taken_back:
        return list(history)
    credits: dict[str, list[Line]] = defaultdict(list)
    for line in (line for invoice in history for line in invoice.lines if gives_back(line)):
        credits[item_of(line)].append(line)
    billed = lines[subscription.id]
    never: set[str] = set()
    unreplaced: list[Line] = []
    for invoice in taken_back:
        said = list(invoice.lines)
        if invoice.id in proposals:
            told = snapshots.get(subscription.id, ())
            proposed = proposed_lines(invoice)
            if not was_made(proposed, billed, credits, told, subscription, account.prices):
                never.add(invoice.id)
                said = [line for line in said if line not in proposed]
        unreplaced += [line for line in said if not _is_replaced(line, billed)]
    _file(lines, unreplaced, subscription.id)
    return [invoice for invoice in history if invoice.id not in never]


def _file(lines: Lines, new: Iterable[Line], subscription: str | None) -> None:
    for line in new:
        owner = line.subscription or subscription
        if owner:
            lines[owner][item_of(line)].append(line)


def _is_replaced(line: Line, billed: Mapping[str, Iterable[Line]]) -> bool:
    others = billed.get(item_of(line), ())
    return any(other.start == line.start and other.proration == line.proration for other in others)
