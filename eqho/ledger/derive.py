"""From the objects of one customer to a part of the ledger, and until when time changes nothing of it."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from eqho.billing.billed_tiers import Billings
from eqho.billing.objects import Account, Invoice, LineDiscount
from eqho.billing.one_customer import Shared, read_customer
from eqho.billing.reading import LeftOut, Tally
from eqho.billing.wire import Body
from eqho.ledger.cash import AT_ONCE as SETTLED_AT_ONCE
from eqho.ledger.parts import Part, parts_of
from eqho.ledger.sightings import LATE, SOON
from eqho.ledger.trials import AT_ONCE
from eqho.periods import FAR

_MARGINS = sorted({0, 1, *(sign * n for n in (AT_ONCE, LATE, SOON, SETTLED_AT_ONCE) for sign in (1, -1))})
"""Seconds from an instant that an object names at which what is derived may change with time."""
_NO_NUMBERS = frozenset((str, bool, Decimal, type(None)))


class Aside(NamedTuple):
    """What comes of the objects beside the part: that was derived at `at`, and is the same at every instant
    before `until`, unless a price or coupon that was `asked` for is another. `named`: the first instant after
    `at` that an object names. The others are what this customer adds to what is known of all."""

    at: int
    until: int
    named: int
    asked: frozenset[str]
    nicknames: Mapping[str, str]
    billings: Billings
    tally: Tally
    left_out: frozenset[LeftOut]


class Derivation(NamedTuple):
    """`parts`: one, or none where nothing is said."""

    parts: list[Part]
    aside: Aside


def derive(bodies: Mapping[str, Iterable[Body]], shared: Shared, now: int) -> Derivation:
    """Pure: the same objects give the same part. `bodies` as `read_customer` takes them.

    Time comes into a part by comparing `now` with the instants that objects name, and where nothing dates a
    change, as its date: such a part is what it is at this very instant only.
    """
    read = read_customer(bodies, shared)
    parts = parts_of(read.account, now)
    later = list(_instants(read.account, now - max(_MARGINS) - 1))
    dated_now = any(at == now for part in parts for at in _told(part))
    turns = (at + margin for at in later for margin in _MARGINS if at + margin > now)
    aside = Aside(
        now,
        now + 1 if dated_now else min(turns, default=FAR),
        min((at for at in later if at > now), default=FAR),
        read.asked,
        {price.id: price.nickname for price in read.own.values() if price.nickname},
        read.billings,
        read.tally,
        read.left_out,
    )
    return Derivation(parts, aside)


def _told(part: Part) -> Iterator[int]:
    """The instants that a part tells and that may be today's."""
    for span in part.spans:
        yield from (span.start, span.end, span.requested)
    for fact, _ in part.rest.facts:
        yield from (fact.created, fact.ended or 0, fact.ending or 0, fact.trial_over or 0)
    for change in part.rest.undated:
        yield from (change.since, change.seen)


def _instants(account: Account, after: int) -> Iterator[int]:
    """Those `after` an instant: most of what is stored is long over."""
    yield from _of_invoices(account.invoices, after)
    told: tuple[Any, ...] = (
        *account.subscriptions.values(),
        *account.schedules.values(),
        *account.pending,
        *account.credit_notes,
        *account.refunds,
        *account.disputes,
        *account.snapshots,
        *account.sightings.changes,
    )
    for each in told:
        yield from (at for at in _numbers(each) if at > after)
    since = account.sightings.since
    if since is not None and since > after:
        yield since


def _of_invoices(invoices: Iterable[Invoice], after: int) -> Iterator[int]:
    """Most objects are invoices: their instants by name."""
    for each in invoices:
        for moment in (
            each.created,
            each.finalized_at,
            each.paid_at,
            each.voided_at,
            each.uncollectible_at,
            each.due_date,
        ):
            if moment is not None and moment > after:
                yield moment
        for line in each.lines:
            if line.start > after:
                yield line.start
            if line.end > after:
                yield line.end
            for off in line.discounts:
                yield from (at for at in _of_discount(off) if at > after)


def _of_discount(off: LineDiscount) -> Iterator[int]:
    if off.discount is not None:
        yield off.discount.start
        if off.discount.end is not None:
            yield off.discount.end


def _numbers(value: Any) -> Iterator[int]:
    """Every whole number in a struct: one that is no instant only makes the build a little more careful."""
    kind = type(value)
    if kind in _NO_NUMBERS:
        return
    if kind is int:
        yield value
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _numbers(getattr(value, field))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from _numbers(inner)
