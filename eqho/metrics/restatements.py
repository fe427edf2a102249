"""A frozen month beside what the ledger says of the same instant today, and the customers that explain it."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import msgspec
import numpy as np

from eqho.ledger.spans import Evidence, State
from eqho.metrics.customers import name_of
from eqho.metrics.definitions import VERSION
from eqho.metrics.panel import CountedSpans
from eqho.metrics.query import Document, Scene
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


def balances_of(scene: Scene) -> dict[str, int]:
    """MRR units by customer at the scene's instant, those above 0."""
    paying = np.flatnonzero(scene.balance)
    return {scene.book.names[code]: int(scene.balance[code]) for code in paying}


def packed(balances: Mapping[str, int]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(balances))


def restatements(scene: Scene, frozen: Iterable[FrozenMonth]) -> list[Document]:
    """Rows {month, product, metric, frozen, today, difference, causes, definition_changed} of the months
    whose MRR or number of customers is no longer what was frozen; months as they are given.

    `metric` is mrr (major units) or customers. `causes` are the customers that differ, largest first:
    {customer, name, frozen, today, evidence, invoice, why}.
    """
    return [row for month in frozen if month.at <= scene.at for row in _rows(scene, month)]


def _rows(scene: Scene, month: FrozenMonth) -> Iterator[Document]:
    balance = scene.book.scope.balance(month.at)
    mrr, customers = int(balance.sum()), int(np.count_nonzero(balance))
    if (mrr, customers) == (month.mrr, month.customers):
        return
    causes = _causes(scene, month)
    shared = {"month": month.month, "product": scene.product}
    changed = {"definition_changed": month.definition != VERSION}
    if mrr != month.mrr:
        then, today = scene.money(month.mrr), scene.money(mrr)
        difference = {"frozen": then, "today": today, "difference": scene.money(mrr - month.mrr)}
        yield {**shared, "metric": "mrr", **difference, "causes": causes, **changed}
    if customers != month.customers:
        difference = {
            "frozen": month.customers,
            "today": customers,
            "difference": customers - month.customers,
        }
        crossed = [cause for cause in causes if not (cause["frozen"] and cause["today"])]
        yield {**shared, "metric": "customers", **difference, "causes": crossed, **changed}


def _causes(scene: Scene, month: FrozenMonth) -> list[Document]:
    frozen, names = month.balances, scene.book.names
    balance = scene.book.scope.balance(month.at)
    today = {names[code]: int(balance[code]) for code in np.flatnonzero(balance)}
    differing = [c for c in frozen.keys() | today.keys() if frozen.get(c, 0) != today.get(c, 0)]
    differing.sort(key=lambda c: (-abs(today.get(c, 0) - frozen.get(c, 0)), c))
    codes = {name: code for code, name in enumerate(names)}
    then = replace(scene, at=month.at)
    return [
        {
            "customer": customer,
            "name": name_of(scene.ledger, customer),
            "frozen": scene.money(frozen.get(customer, 0)),
            "today": scene.money(today.get(customer, 0)),
            **_reason(then, codes.get(customer, -1), month.at, counted=customer in today),
        }
        for customer in differing
    ]


def _reason(scene: Scene, code: int, at: int, *, counted: bool) -> Document:
    """{evidence, invoice, why} of what the ledger says of one customer at an instant."""
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


def _told(why: str) -> Document:
    return {"evidence": None, "invoice": None, "why": why}


def _told_by(scene: Scene, spans: CountedSpans, row: int, fact: str) -> Document:
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
    return {
        "evidence": evidence.name.lower(),
        "invoice": invoice,
        "why": sentence[0].upper() + sentence[1:],
    }


def _begun(all_spans: CountedSpans, spans: CountedSpans, row: int) -> int:
    """Since when the row's item has been what it is: a stretch goes on under weaker evidence."""
    same = (all_spans.item == spans.item[row]) & (all_spans.state == spans.state[row])
    same &= all_spans.mrr == spans.mrr[row]
    before = dict(zip(all_spans.end[same].tolist(), all_spans.start[same].tolist(), strict=True))
    begun = int(spans.start[row])
    while begun in before:
        begun = before[begun]
    return begun
