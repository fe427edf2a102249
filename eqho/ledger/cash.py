"""Money that moved or did not: what invoices, credit notes, refunds and disputes say, as columns."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from eqho.billing.objects import Account, Invoice
from eqho.ledger.columns import Number, Small, arrays_of
from eqho.ledger.spans import Ints
from eqho.periods import FAR


class Flow(IntEnum):
    PAID = 0
    CREDITED = 1
    REFUNDED = 2
    FAILED = 3
    """An invoice whose payment was tried in vain."""
    RECOVERED = 4
    """A failed invoice that was paid later."""
    OUTSTANDING = 5
    """What an invoice asked for when it was finalized; it counts at the instant it was due."""
    SETTLED = 6
    """The same amount, known from when the invoice was paid, voided or given up."""
    DISPUTED = 7
    """What a customer's bank took back when a payment was disputed, whatever came of it later."""


NO_MONEY = ("warning_", "prevented")
"""How the status of a dispute begins whose money never moved: an inquiry, or one that was headed off."""
AT_ONCE = 3_600
"""An invoice settled within so many seconds was never outstanding: Stripe charges a card within the hour."""


class CashFlow(NamedTuple):
    """The part of one document that falls to one product line. `amount` in minor units.

    `at` is the instant it counts at, `known` the one from which it was known: a recovery counts where the
    invoice failed. `line` "" is a refund or a dispute, which name no invoice. Rows of one document share its
    number.
    """

    flow: Small
    document: Number
    line: str
    currency: str
    amount: int
    at: int
    known: int


@dataclass(frozen=True)
class Cash:
    """Columns of `CashFlow`, one array each. Text columns are int32 codes into `names[column]`."""

    flow: npt.NDArray[np.int8]
    document: npt.NDArray[np.int32]
    line: npt.NDArray[np.int32]
    currency: npt.NDArray[np.int32]
    amount: Ints
    at: Ints
    known: Ints
    names: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def of(cls, rows: Iterable[CashFlow]) -> Self:
        arrays, names = arrays_of(CashFlow, rows)
        return cls(**arrays, names=names)


class LineLookup(Protocol):
    def __call__(self, price: str, product: str, customer: str) -> str: ...


def cash_of(account: Account, excluded: set[str], line_of: LineLookup) -> Cash:
    """`excluded` customers are left out, but for refunds and disputes, which do not tell whose they are."""
    return Cash.of(_flows(account, excluded, line_of))


def _flows(account: Account, excluded: set[str], line_of: LineLookup) -> Iterator[CashFlow]:
    shares: dict[str, dict[str, int]] = {}
    credited = {note.invoice for note in account.credit_notes}
    document = 0
    for invoice in account.invoices:
        if invoice.customer in excluded or invoice.status == "draft":
            continue
        flows = list(_of_invoice(invoice))
        if not flows and invoice.id not in credited:
            continue
        weights = _weights(invoice, line_of)
        if invoice.id in credited:
            shares[invoice.id] = weights
        for flow, amount, at, known in flows:
            for line, part in split(amount, weights):
                yield CashFlow(flow, document, line, invoice.currency, part, at, known)
        document += 1
    for note in account.credit_notes:
        if note.status == "void" or note.customer in excluded:
            continue
        weights = shares.get(note.invoice) or {line_of("", "", note.customer): 1}
        for line, part in split(note.amount, weights):
            yield CashFlow(Flow.CREDITED, document, line, note.currency, part, note.created, note.created)
        document += 1
    for refund in account.refunds:
        if refund.status in ("failed", "canceled"):
            continue
        at = refund.created
        yield CashFlow(Flow.REFUNDED, document, "", refund.currency, refund.amount, at, at)
        document += 1
    for dispute in account.disputes:
        if dispute.status.startswith(NO_MONEY):
            continue
        at = dispute.created
        yield CashFlow(Flow.DISPUTED, document, "", dispute.currency, dispute.amount, at, at)
        document += 1


def _of_invoice(invoice: Invoice) -> Iterator[tuple[Flow, int, int, int]]:
    """(flow, amount, at, known). An invoice paid at the first attempt has one attempt."""
    due = invoice.finalized_at or invoice.created
    paid_at = invoice.paid_at or due
    if invoice.amount_paid > 0:
        yield Flow.PAID, invoice.amount_paid, paid_at, paid_at
    paid = invoice.status == "paid"
    if invoice.attempt_count > (1 if paid else 0):
        yield Flow.FAILED, invoice.amount_due, due, due
        if paid:
            yield Flow.RECOVERED, invoice.amount_paid, due, paid_at
    yield from _outstanding(invoice, due)


def _outstanding(invoice: Invoice, finalized: int) -> Iterator[tuple[Flow, int, int, int]]:
    """What was waited for until it was settled; part payments have no date: never waited for."""
    settled = {
        "open": FAR,
        "paid": invoice.paid_at,
        "void": invoice.voided_at,
        "uncollectible": invoice.uncollectible_at,
    }.get(invoice.status)
    waited_for = invoice.amount_due - (invoice.amount_paid if invoice.status != "paid" else 0)
    if settled is None or waited_for <= 0 or settled <= finalized + AT_ONCE:
        return
    due = invoice.due_date or finalized
    yield Flow.OUTSTANDING, waited_for, due, finalized
    if settled < FAR:
        yield Flow.SETTLED, waited_for, due, settled


def _weights(invoice: Invoice, line_of: LineLookup) -> dict[str, int]:
    """What the invoice bills per product line, in minor units after discounts."""
    weights: dict[str, int] = {}
    for line in invoice.lines:
        net = line.amount - sum(discount.amount for discount in line.discounts)
        owner = line_of(line.price or "", line.product or "", invoice.customer)
        weights[owner] = weights.get(owner, 0) + net
    return weights or {line_of("", "", invoice.customer): 1}


def split(amount: int, weights: Mapping[str, int]) -> list[tuple[str, int]]:
    """`amount` over the lines in proportion to their weights, exactly; lines of no positive weight get
    nothing, and where there is no other the first one gets it all."""
    positive = [(line, weight) for line, weight in weights.items() if weight > 0]
    if len(positive) < 2:
        return [(positive[0][0] if positive else next(iter(weights)), amount)]
    total, passed, given, parts = sum(weight for _, weight in positive), 0, 0, []
    for line, weight in positive:
        passed += weight
        upto = amount * passed // total
        parts.append((line, upto - given))
        given = upto
    return parts
