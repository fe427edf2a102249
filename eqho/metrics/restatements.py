"""A frozen month beside what the ledger says of the same instant today, and the customers that explain it."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from eqho.ledger.spans import Evidence, State
from eqho.metrics.customers import name_of
from eqho.metrics.definitions import VERSION
from eqho.metrics.panel import CountedSpans
from eqho.metrics.query import Scene
from eqho.metrics.rows import Waiting
from eqho.periods import FAR, day_of

_EVIDENCE = {
    Evidence.EVENT: "a stored event",
    Evidence.SCHEDULE: "a subscription schedule",
    Evidence.PRORATION: "a proration line",
    Evidence.INVOICE: "an invoice line",
    Evidence.TODAY: "today's state carried back",
    Evidence.SIGHTING: "the first sync that saw it",
}


class FrozenMonth(msgspec.Struct, frozen=True):
    """What a closed month (`YYYY-MM`) said when it was frozen, for its last instant `at`. `mrr` in MRR units;
    `packed` holds it by customer."""

    month: str
    at: int
    mrr: int
    customers: int
    definition: str
    packed: bytes

    @property
    def balances(self) -> dict[str, int]:
        """MRR units by customer, those above 0."""
        return msgspec.msgpack.decode(zlib.decompress(self.packed), type=dict[str, int])


class RestatementCause(msgspec.Struct, frozen=True):
    """A customer that differs, MRR then and now; what the ledger says of it today, and by which evidence."""

    customer: str
    name: str
    frozen: float
    today: float
    evidence: str | None
    invoice: str | None
    why: str


class Restatement(msgspec.Struct, frozen=True):
    """A closed month (`YYYY-MM`) whose MRR (major units) or number of customers is no longer what was frozen.
    `causes` are the customers that differ, largest first."""

    month: str
    product: str
    metric: Literal["mrr", "customers"]
    frozen: int | float
    today: int | float
    difference: int | float
    causes: list[RestatementCause]
    definition_changed: bool


class Restatements(msgspec.Struct, frozen=True):
    rows: list[Restatement]
    undefined: Waiting = msgspec.UNSET


def balances_of(scene: Scene) -> dict[str, int]:
    """MRR units by customer at the scene's instant, those above 0."""
    paying = np.flatnonzero(scene.balance)
    return {scene.book.names[code]: int(scene.balance[code]) for code in paying}


def packed(balances: Mapping[str, int]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(balances))


def restatements(scene: Scene, frozen: Iterable[FrozenMonth]) -> list[Restatement]:
    """Of the months that are told otherwise today; months as they are given."""
    return [row for month in frozen if month.at <= scene.at for row in _rows(scene, month)]


def _rows(scene: Scene, month: FrozenMonth) -> Iterator[Restatement]:
    balance = scene.book.scope.balance(month.at)
    mrr, customers = int(balance.sum()), int(np.count_nonzero(balance))
    if (mrr, customers) == (month.mrr, month.customers):
        return
    causes = _causes(scene, month)
    changed = month.definition != VERSION
    if mrr != month.mrr:
        yield Restatement(
            month=month.month,
            product=scene.product,
            metric="mrr",
            frozen=scene.money(month.mrr),
            today=scene.money(mrr),
            difference=scene.money(mrr - month.mrr),
            causes=causes,
            definition_changed=changed,
        )
    if customers != month.customers:
        yield Restatement(
            month=month.month,
            product=scene.product,
            metric="customers",
            frozen=month.customers,
            today=customers,
            difference=customers - month.customers,
            causes=[cause for cause in causes if not (cause.frozen and cause.today)],
            definition_changed=changed,
        )


def _causes(scene: Scene, month: FrozenMonth) -> list[RestatementCause]:
    frozen, names = month.balances, scene.book.names
    balance = scene.book.scope.balance(month.at)
    today = {names[code]: int(balance[code]) for code in np.flatnonzero(balance)}
    differing = [c for c in frozen.keys() | today.keys() if frozen.get(c, 0) != today.get(c, 0)]
    differing.sort(key=lambda c: (-abs(today.get(c, 0) - frozen.get(c, 0)), c))
    codes = {name: code for code, name in enumerate(names)}
    then = replace(scene, at=month.at)
    return [
        RestatementCause(
            customer,
            name_of(scene.ledger, customer),
            scene.money(frozen.get(customer, 0)),
            scene.money(today.get(customer, 0)),
            *_reason(then, codes.get(customer, -1), month.at, counted=customer in today),
        )
        for customer in differing
    ]


class _Reason(NamedTuple):
    evidence: str | None
    invoice: str | None
    why: str


def _reason(scene: Scene, code: int, at: int, *, counted: bool) -> _Reason:
    """What the ledger says of one customer at an instant."""
    spans = scene.counted
    theirs = spans.where(spans.customer == code)
    there = theirs.where((theirs.start <= at) & (at < theirs.end))
    in_scope = scene.spans.where(scene.spans.customer == code)
    here = in_scope.where((in_scope.start <= at) & (at < in_scope.end))
    cancelling = in_scope.cancelling(at)
    if not len(theirs):
        return _told("Its subscriptions are no longer in the data, or it is left out as internal.")
    if counted:
        return _told_by(scene, here, int(np.argmax(here.mrr)), "worth this since {start}")
    if (given := here.state == State.FREE_PERIOD).any():
        return _told_by(scene, here, int(np.argmax(given)), "given a free period since {start}")
    if (paused := here.state == State.PAUSED).any():
        return _told_by(scene, here, int(np.argmax(paused)), "paused since {start}")
    if len(cancelling):
        return _told_by(scene, cancelling, 0, "its end was requested on {requested}")
    if len(here):
        return _told_by(scene, here, 0, "free since {start}")
    if len(there):
        lines = sorted({spans.names["line"][line] for line in there.line})
        currencies = sorted({spans.names["currency"][currency].upper() for currency in there.currency})
        return _told(f"It is counted under {', '.join(lines)} in {', '.join(currencies)} now.")
    over = theirs.where(theirs.end <= at)
    if len(over):
        return _told_by(scene, over, int(np.argmax(over.end)), "ended on {end}")
    return _told_by(scene, theirs, int(np.argmin(theirs.start)), "begins only on {start}")


def _told(why: str) -> _Reason:
    return _Reason(None, None, why)


def _told_by(scene: Scene, spans: CountedSpans, row: int, fact: str) -> _Reason:
    evidence = Evidence(int(spans.evidence[row]))
    invoice = spans.names["invoice"][spans.invoice[row]] or None
    instants = {"start": _begun(scene.spans, spans, row)} | {
        name: int(getattr(spans, name)[row]) for name in ("end", "requested")
    }
    days = {
        name: day_of(instant, scene.zone).isoformat() for name, instant in instants.items() if instant < FAR
    }
    source = _EVIDENCE[evidence] + (f" of {invoice}" if invoice else "")
    sentence = f"{fact.format(**days)}, by {source}."
    return _Reason(evidence.name.lower(), invoice, sentence[0].upper() + sentence[1:])


def _begun(all_spans: CountedSpans, spans: CountedSpans, row: int) -> int:
    """Since when the row's item has been what it is: a stretch goes on under weaker evidence."""
    same = (all_spans.item == spans.item[row]) & (all_spans.state == spans.state[row])
    same &= all_spans.mrr == spans.mrr[row]
    before = dict(zip(all_spans.end[same].tolist(), all_spans.start[same].tolist(), strict=True))
    begun = int(spans.start[row])
    while begun in before:
        begun = before[begun]
    return begun
