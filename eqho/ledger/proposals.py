"""Changes that were billed before they were made: an update whose payment never came leaves the items as
they were, and its voided bill behind.

Such a bill is believed only where what was said of its items afterwards is what it says.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from eqho.billing.objects import Invoice, Item, Line, Price, Snapshot, Subscription

Terms = frozenset[tuple[str, Decimal]]
"""Price and quantity of one item; empty where it is gone."""
_GONE: Terms = frozenset()
_UPDATES = ("subscription_update", "")
"""Billing reasons that an update may have; some sources tell none."""


class Statement(NamedTuple):
    """What something says of an item at `at`."""

    at: int
    terms: Terms


def is_proposal(invoice: Invoice, subscription: Subscription) -> bool:
    """Whether the bill is of an update that may never have been made."""
    if invoice.status == "paid" or invoice.billing_reason not in _UPDATES or not _proposed_at(invoice):
        return False
    if invoice.status == "void":
        return invoice.billing_reason != "" or any(line.proration for line in invoice.lines)
    waits = subscription.pending_update and subscription.latest_invoice in (None, invoice.id)
    return waits and invoice.status in ("open", "draft")


def proposed_lines(invoice: Invoice) -> list[Line]:
    """Without what had been pending from earlier changes: that is no less true."""
    at = _proposed_at(invoice)
    return [line for line in invoice.lines if item_of(line) and line.start == at]


def _proposed_at(invoice: Invoice) -> int:
    return max((line.start for line in invoice.lines if item_of(line) and line.start < line.end), default=0)


def was_made(
    proposal: Sequence[Line],
    believed: Mapping[str, Iterable[Line]],
    credits: Mapping[str, Iterable[Line]],
    snapshots: Sequence[Snapshot],
    subscription: Subscription,
    prices: Mapping[str, Price],
) -> bool:
    """Whether an item of the proposal was afterwards what the proposal made of it.

    `believed` are the lines of bills that stand, `credits` those of every bill, both by item: what is
    credited is what there was before.
    """
    by_item: dict[str, list[Line]] = defaultdict(list)
    for line in proposal:
        price = prices.get(line.price or "")
        if price is not None and not price.metered:
            by_item[item_of(line)].append(line)
    for item, lines in by_item.items():
        at = lines[0].start
        before, after = _terms(filter(gives_back, lines)), _terms(_charges(lines))
        if before == after:
            continue
        if _next_statement(item, at, believed, credits, snapshots, subscription) == after:
            return True
    return False


def _next_statement(
    item: str,
    at: int,
    believed: Mapping[str, Iterable[Line]],
    credits: Mapping[str, Iterable[Line]],
    snapshots: Sequence[Snapshot],
    subscription: Subscription,
) -> Terms:
    """The first that was said after the instant, today's subscription at last."""
    full = (line for line in believed.get(item, ()) if not line.proration and line.start > at)
    given_back = (line for line in credits.get(item, ()) if line.start > at)
    found = [*_by_start(full), *_by_start(given_back)]
    told = [s for s in snapshots if s.at >= at]
    if told:
        last = next(s for s in reversed(told) if s.at == told[0].at)
        found.append(Statement(last.at, _standing(item, last.subscription.items)))
    if found:
        return min(found, key=lambda statement: statement.at).terms
    return _standing(item, subscription.items)


def _by_start(lines: Iterable[Line]) -> Iterable[Statement]:
    """One period is billed once: a price in tiers takes several lines of one bill."""
    starts: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        same = starts[line.start]
        if not same or same[0].invoice == line.invoice:
            same.append(line)
    return (Statement(start, _terms(same)) for start, same in starts.items())


def _terms(lines: Iterable[Line]) -> Terms:
    quantities: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        quantities[line.price or ""] += line.quantity or 0
    return frozenset(quantities.items())


def _standing(item_id: str, items: Iterable[Item]) -> Terms:
    found = next((item for item in items if item.id == item_id), None)
    return _GONE if found is None else frozenset({(found.price.id, Decimal(found.quantity or 0))})


def item_of(line: Line) -> str:
    """Invoices of the oldest API versions do not name the item: its price stands for it."""
    return line.item or line.price or ""


def gives_back(line: Line) -> bool:
    return line.proration and (line.amount < 0 or line.credit)


def _charges(lines: Iterable[Line]) -> Iterable[Line]:
    return (line for line in lines if not gives_back(line))
