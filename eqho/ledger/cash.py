"""Money that moved or did not: what invoices, credit notes, refunds and disputes say, as columns."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Self, TypeVar

import numpy as np
import numpy.typing as npt

from eqho.billing.objects import Account, Invoice
from eqho.ledger.columns import Number, Small, arrays_of
from eqho.ledger.spans import Ints
from eqho.periods import FAR

T = TypeVar("T")


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


# A member of an enum costs a look at its class: these are looked at with every bill.
_PAID, _FAILED, _RECOVERED = int(Flow.PAID), int(Flow.FAILED), int(Flow.RECOVERED)
_OUTSTANDING, _SETTLED = int(Flow.OUTSTANDING), int(Flow.SETTLED)


class CashFlow(NamedTuple):
    """What falls to one product line. `amount` in minor units.

    `at` is the instant it counts at, `known` the one from which it was known: a recovery counts where the
    invoice failed. `line` "" is a refund or a dispute, which name no invoice. Rows of one document share its
    number; a sum over many documents (`ledger.cash_sums`) has none, -1, and the quarter of an hour as `at`.
    """

    flow: Small
    document: Number
    line: str
    currency: str
    amount: int
    at: int
    known: int


class Posting(NamedTuple):
    """The part of one document that falls to one product line. `document` numbers those of one customer.
    Otherwise as `CashFlow`."""

    customer: str
    document: Number
    flow: Small
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


class Bill(NamedTuple):
    """What one document says of money, before it falls to product lines. `document` numbers those of one
    customer. Otherwise as `CashFlow`."""

    customer: str
    document: Number
    flow: Small
    currency: str
    amount: int
    at: int
    known: int


class Share(NamedTuple):
    """What a document bills for one price: `net` minor units after discounts. Refunds, disputes have none."""

    customer: str
    document: Number
    price: str
    product: str
    net: int


BillRow = tuple[str, int, int, str, int, int, int]
ShareRow = tuple[str, int, str, str, int]
"""Rows of `Bill` and of `Share`, of which there are as many as invoices: plain tuples are made in a third of
the time, and the garbage collector lets go of them."""


Sales = dict[tuple[str, str], int]
"""By price and product, in minor units after discounts."""
Flows = list[tuple[int, int, int, int]]
"""What one document says: flow, amount, at, known."""


class Papers(NamedTuple):
    """The documents of one customer of which something is known that moves money, numbered from 0."""

    bills: list[BillRow]
    shares: list[ShareRow]

    def file(self, customer: str, currency: str, flows: Flows, sales: Sales) -> None:
        """One more document, which says something of money."""
        number = self.bills[-1][1] + 1 if self.bills else 0
        for flow, amount, at, known in flows:
            self.bills.append((customer, number, flow, currency, amount, at, known))
        for (price, product), net in sales.items():
            self.shares.append((customer, number, price, product, net))


def papers_of(account: Account) -> dict[str, Papers]:
    """By customer, invoices and credit notes; under "" refunds and disputes, which do not tell whose they
    are."""
    found: dict[str, Papers] = defaultdict(lambda: Papers([], []))
    billed: dict[str, Sales] = {}
    credited = {note.invoice for note in account.credit_notes}
    for invoice in account.invoices:
        if invoice.status == "draft":
            continue
        flows = _of_invoice(invoice)
        if invoice.id in credited:
            billed[invoice.id] = _sales(invoice)
        if flows:
            customer = invoice.customer
            found[customer].file(customer, invoice.currency, flows, _sales(invoice))
    for note in account.credit_notes:
        if note.status != "void":
            credit = (int(Flow.CREDITED), note.amount, note.created, note.created)
            sales = billed.get(note.invoice) or {("", ""): 1}
            found[note.customer].file(note.customer, note.currency, [credit], sales)
    for refund in account.refunds:
        if refund.status not in ("failed", "canceled"):
            back = (int(Flow.REFUNDED), refund.amount, refund.created, refund.created)
            found[""].file("", refund.currency, [back], {})
    for dispute in account.disputes:
        if not dispute.status.startswith(NO_MONEY):
            taken = (int(Flow.DISPUTED), dispute.amount, dispute.created, dispute.created)
            found[""].file("", dispute.currency, [taken], {})
    return found


def _of_invoice(invoice: Invoice) -> Flows:
    """An invoice paid at the first attempt has one attempt."""
    flows: Flows = []
    due = invoice.finalized_at or invoice.created
    paid_at = invoice.paid_at or due
    if invoice.amount_paid > 0:
        flows.append((_PAID, invoice.amount_paid, paid_at, paid_at))
    paid = invoice.status == "paid"
    if invoice.attempt_count > (1 if paid else 0):
        flows.append((_FAILED, invoice.amount_due, due, due))
        if paid:
            flows.append((_RECOVERED, invoice.amount_paid, due, paid_at))
    settled = _settled(invoice)
    if settled is not None and settled > due + AT_ONCE:
        # Part payments have no date: what they paid was never waited for.
        waited_for = invoice.amount_due - (0 if paid else invoice.amount_paid)
        if waited_for > 0:
            counts = invoice.due_date or due
            flows.append((_OUTSTANDING, waited_for, counts, due))
            if settled < FAR:
                flows.append((_SETTLED, waited_for, counts, settled))
    return flows


def _settled(invoice: Invoice) -> int | None:
    """When what it asks for was paid, taken back or given up; None where nobody tells."""
    match invoice.status:
        case "paid":
            return invoice.paid_at
        case "open":
            return FAR
        case "void":
            return invoice.voided_at
        case "uncollectible":
            return invoice.uncollectible_at
    return None


def _sales(invoice: Invoice) -> Sales:
    sales: Sales = {}
    for line in invoice.lines:
        net = line.amount
        if line.discounts:
            net -= sum([discount.amount for discount in line.discounts])
        sold = line.price or "", line.product or ""
        sales[sold] = sales.get(sold, 0) + net
    return sales or {("", ""): 1}


def split(amount: int, weights: Mapping[T, int]) -> list[tuple[T, int]]:
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
