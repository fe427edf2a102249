"""Trials, and trials given to somebody who was already served: those are free periods."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from eqho.billing.objects import Invoice, Line, Price, Subscription
from eqho.ledger.records import Records
from eqho.ledger.statements import is_licensed
from eqho.periods import FAR

AT_ONCE = 60
"""Seconds that what is done in one step may take."""


class Window(NamedTuple):
    start: int
    end: int


class Trials(NamedTuple):
    """`first`: before anything was paid. `lapsed`: after free time that ended without a way to pay. `served`:
    from when on a line of nothing is no trial; FAR where all are."""

    first: Window | None
    free: tuple[Window, ...] = ()
    lapsed: tuple[Window, ...] = ()
    served: int = FAR

    def frees(self, at: int) -> bool:
        return any(window.start <= at < window.end for window in self.free)


def trials_of(records: Records, prices: Mapping[str, Price]) -> Trials:
    subscription = records.subscription
    stated = _stated(subscription)
    if stated is None:
        # Of a subscription that only its bills know, nobody knows whether it had a trial.
        return Trials(None, served=0 if subscription.items else FAR)
    charged = sorted(_charged(records, prices))
    served = _served_since(records, charged, stated, prices)
    # The windows of events replace those of bills, today's those of events: a trial may end early.
    windows = {line.start: line.end for line in _of_nothing(records, prices)}
    for snapshot in records.snapshots:
        if told := _stated(snapshot.subscription):
            _put(windows, told)
    _put(windows, stated)
    free: list[Window] = []
    first: Window | None = None
    for start, end in sorted(windows.items()):
        billed = next((at for at in charged if at > start), end)
        window = Window(start, min(end, billed))
        if window.end <= start:  # taken back in the same second
            continue
        if start > served:
            free.append(window)
        else:
            first = first or window
    return Trials(first, tuple(free), tuple(_lapsed(free, records, prices)), served)


def _lapsed(free: Iterable[Window], records: Records, prices: Mapping[str, Price]) -> Iterator[Window]:
    """Where no period begins as free time ends, on whatever bill, the subscription was paused."""
    if not records.subscription.pauses_after_trial:
        return
    begun = sorted(line.start for invoice in records.invoices for line in _whole(invoice, prices))
    over = records.subscription.status in ("paused", "canceled")
    for window in free:
        again = next((start for start in begun if start >= window.end - AT_ONCE), FAR if over else None)
        if again is not None and again - window.end > AT_ONCE:
            yield Window(window.end, again)


def _whole(invoice: Invoice, prices: Mapping[str, Price]) -> Iterator[Line]:
    return (line for line in invoice.lines if not line.proration and is_licensed(line, prices))


def _stated(subscription: Subscription) -> Window | None:
    start, end = subscription.trial_start, subscription.trial_end
    return None if start is None or end is None else Window(start, end)


def _put(windows: dict[int, int], told: Window) -> None:
    for start in [start for start in windows if abs(start - told.start) <= AT_ONCE]:
        del windows[start]
    windows[told.start] = told.end


def _served_since(records: Records, charged: list[int], stated: Window, prices: Mapping[str, Price]) -> int:
    """From when on the customer was served and had not refused to pay for it."""
    subscription = records.subscription
    begun = min(subscription.created, *charged) if charged else subscription.created
    paid = sorted(_starts(prices, (i for i in records.invoices if _is_paid(i, subscription))))
    if paid:
        return paid[0]
    tried = any(line.start - begun <= AT_ONCE for line in _of_nothing(records, prices))
    refused = any(start < stated.start for start in charged)
    return FAR if tried or refused or stated.start - begun <= AT_ONCE else begun


def _is_paid(invoice: Invoice, subscription: Subscription) -> bool:
    sent = subscription.collection_method == "send_invoice" and invoice.status == "open"
    return invoice.total > 0 and (invoice.status == "paid" or sent)


def _charged(records: Records, prices: Mapping[str, Price]) -> Iterator[int]:
    return _starts(prices, (i for i in records.invoices if i.status in ("open", "paid", "uncollectible")))


def _starts(prices: Mapping[str, Price], invoices: Iterable[Invoice]) -> Iterator[int]:
    for invoice in invoices:
        for line in invoice.lines:
            if line.amount > 0 and is_licensed(line, prices):
                yield line.start


def _of_nothing(records: Records, prices: Mapping[str, Price]) -> Iterator[Line]:
    """Lines of whole periods for which nothing was asked, of items that cost something."""
    asked = (i for i in records.invoices if i.status not in ("draft", "void"))
    for line in (line for invoice in asked for line in invoice.lines):
        if line.proration or line.amount or line.discounts or not is_licensed(line, prices):
            continue
        price = prices[line.price or ""]
        if price.unit_amount or price.tiered:
            yield line
