"""What Stripe says of one subscription, gathered from all its objects."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from eqho.billing.objects import Account, Invoice, Line, Schedule, Snapshot, Subscription


class Records(NamedTuple):
    """Everything that concerns one subscription. `lines` by item id; `invoices` oldest first."""

    subscription: Subscription
    lines: Mapping[str, Sequence[Line]]
    invoices: Sequence[Invoice]
    snapshots: Sequence[Snapshot]
    schedule: Schedule | None


def records_of(account: Account, subscriptions: Iterable[Subscription]) -> Iterable[Records]:
    lines: dict[str, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    invoices: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in sorted(account.invoices, key=lambda i: i.created):
        if invoice.subscription:
            invoices[invoice.subscription].append(invoice)
        if invoice.status in ("open", "paid", "uncollectible"):
            _file(lines, invoice.lines, invoice.subscription)
        elif invoice.status == "draft":
            # A change is no less true for waiting on a draft than it was while it was pending.
            _file(lines, (line for line in invoice.lines if line.proration), invoice.subscription)
    for subscription, voided in _served_though_void(account, lines, invoices).items():
        _file(lines, voided, subscription)
    _file(lines, account.pending, None)
    snapshots: dict[str, list[Snapshot]] = defaultdict(list)
    for snapshot in account.snapshots:
        snapshots[snapshot.subscription.id].append(snapshot)
    schedules = {s.subscription: s for s in account.schedules.values() if s.subscription}
    for s in subscriptions:
        yield Records(
            s, lines.get(s.id, {}), invoices.get(s.id, []), snapshots.get(s.id, []), schedules.get(s.id)
        )


def _file(lines: dict[str, dict[str, list[Line]]], new: Iterable[Line], subscription: str | None) -> None:
    for line in new:
        owner = line.subscription or subscription
        if owner:
            # Invoices of the oldest API versions do not name the item: its price stands for it.
            lines[owner][line.item or line.price or ""].append(line)


def _served_though_void(
    account: Account, lines: Mapping[str, Mapping[str, list[Line]]], invoices: Mapping[str, list[Invoice]]
) -> dict[str, list[Line]]:
    """Lines of void invoices that nothing replaced: the bill was taken back, by a pause or by a person, and
    what it says of the items is true."""
    found: dict[str, list[Line]] = {}
    for subscription_id, history in invoices.items():
        if subscription_id not in account.subscriptions:
            continue
        billed = lines.get(subscription_id, {})
        void = (line for invoice in history if invoice.status == "void" for line in invoice.lines)
        if unreplaced := [line for line in void if not _is_replaced(line, billed)]:
            found[subscription_id] = unreplaced
    return found


def _is_replaced(line: Line, billed: Mapping[str, Iterable[Line]]) -> bool:
    others = billed.get(line.item or line.price or "", ())
    return any(other.start == line.start and other.proration == line.proration for other in others)
