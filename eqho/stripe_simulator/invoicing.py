"""Invoices: made of entries and pending items, finalised, voided, reissued, credited, refunded."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from eqho.stripe_simulator import entries, render_invoices
from eqho.stripe_simulator.calendar import DAY
from eqho.stripe_simulator.engine import SimulationError
from eqho.stripe_simulator.shop import Shop
from eqho.stripe_simulator.state import Customer, Entry, Invoice, Raw, Subscription

_DAYS_UNTIL_DUE = 30


class Invoicing(Shop, ABC):
    def charge_once(
        self,
        customer_id: str,
        amount: int,
        description: str,
        *,
        currency: str = "usd",
        subscription: str | None = None,
        price: str | None = None,
    ) -> str:
        """A pending one-time charge for the next invoice of the subscription, or of the customer."""
        sold = self._prices[price] if price else None
        entry = Entry(
            description=description,
            amount=amount,
            currency=currency,
            start=self.now,
            end=self.now,
            price=sold,
            quantity=1,
            unit=sold.unit if sold else None,
            subscription=self._subscriptions[subscription] if subscription else None,
            customer=self._customers[customer_id],
        )
        return self._pend(entry)

    def bill_now(self, customer_id: str, *, currency: str = "usd") -> str:
        """A manual invoice of the customer's pending charges, outside any subscription."""
        customer = self._customers[customer_id]
        taken = self._take_pending(customer, None, currency)
        if not taken:
            raise SimulationError(f"{customer_id} has no pending invoice items.")
        bill = self._invoice(customer, None, "manual", taken)
        self._finalise(bill)
        return bill.id

    def void(self, invoice_id: str) -> None:
        bill = self._invoices[invoice_id]
        if bill.status not in ("draft", "open", "uncollectible"):
            raise SimulationError(f"{invoice_id} is {bill.status}: only an unpaid invoice can be voided.")
        bill.status = "void"
        bill.voided_at = self.now
        bill.auto_advance = False
        bill.next_attempt = None
        self._publish_invoice(bill, "voided")

    def reissue(self, invoice_id: str) -> str:
        """A revision: a new invoice with the same lines takes the place of an open one, which is voided."""
        old = self._invoices[invoice_id]
        if old.status != "open":
            raise SimulationError(f"{invoice_id} is {old.status}: only an open invoice can be revised.")
        bill = Invoice(
            id=self._ids.new("in"),
            customer=old.customer,
            subscription=old.subscription,
            currency=old.currency,
            created=self.now,
            reason="manual",
            collection=old.collection,
            period_start=old.period_start,
            period_end=old.period_end,
            lines=[],
            discounts=old.discounts,
            subtotal=old.subtotal,
            discounted=old.discounted,
            taxes=old.taxes,
            total=old.total,
            revises=old.id,
        )
        bill.lines = [{**line, "id": self._ids.new("il"), "invoice": bill.id} for line in old.lines]
        self._register(bill)
        old.revised_by = bill.id
        self.void(old.id)
        if old.subscription is not None:
            old.subscription.latest_invoice = bill.id
            self._publish(old.subscription)
        self._finalise(bill)
        return bill.id

    def credit(self, invoice_id: str, amount: int) -> str:
        """A credit note: it lowers what is due, or refunds what was paid."""
        bill = self._invoices[invoice_id]
        refund = None
        if bill.status == "paid":
            bill.credited_after_payment += amount
            refund = self.refund(invoice_id, amount)
        elif bill.status == "open" and amount <= bill.amount_due:
            bill.credited_before_payment += amount
            bill.amount_due -= amount
        else:
            raise SimulationError(f"{invoice_id} is {bill.status}: {amount} cannot be credited on it.")
        note_id = self._ids.new("cn")
        serial = 1 + sum(1 for _ in self.account.every("credit_note", invoice=bill.id))
        note = render_invoices.credit_note(note_id, bill, amount, self.now, serial, refund)
        self._emit("credit_note.created", note)
        self._publish_invoice(bill, "updated")
        return note_id

    def refund(self, invoice_id: str, amount: int) -> str:
        bill = self._invoices[invoice_id]
        if bill.payment_intent is None or amount > bill.amount_paid:
            raise SimulationError(f"{invoice_id} was not paid {amount}: it cannot be refunded.")
        refund_id = self._ids.new("re")
        self._emit("refund.created", render_invoices.refund(refund_id, bill, amount, self.now))
        return refund_id

    def dispute(self, invoice_id: str, *, status: str = "needs_response") -> str:
        """The customer's bank takes back all that was paid; a `warning_…` is an inquiry and takes nothing."""
        bill = self._invoices[invoice_id]
        if bill.payment_intent is None or not bill.amount_paid:
            raise SimulationError(f"{invoice_id} was not paid: there is nothing to dispute.")
        dispute_id = self._ids.new("dp")
        self._emit("charge.dispute.created", render_invoices.dispute(dispute_id, bill, status, self.now))
        return dispute_id

    def latest_invoice(self, subscription_id: str) -> str:
        latest = self._subscriptions[subscription_id].latest_invoice
        if latest is None:
            raise SimulationError(f"{subscription_id} has no invoice yet.")
        return latest

    def _pend(self, entry: Entry) -> str:
        entry.id = self._ids.new("ii")
        entry.date = self.now
        if entry.customer is None:
            raise SimulationError("An invoice item belongs to a customer.")
        self._pending[entry.customer.id].append(entry)
        self._emit("invoiceitem.created", render_invoices.invoiceitem(entry, None))
        return entry.id

    def _take_pending(self, customer: Customer, sub: Subscription | None, currency: str) -> list[Entry]:
        """The pending items of the subscription and those of the customer that belong to none."""
        waiting = self._pending[customer.id]
        taken = [
            e for e in waiting if e.currency == currency and (e.subscription is None or e.subscription is sub)
        ]
        self._pending[customer.id] = [e for e in waiting if e not in taken]
        return taken

    def _invoice(
        self,
        customer: Customer,
        sub: Subscription | None,
        reason: str,
        charged: Sequence[Entry],
        *,
        period: tuple[int, int] | None = None,
    ) -> Invoice:
        """A draft."""
        shared = sub.effective_discounts if sub else []
        entries.discount(charged, shared)
        invoice_id = self._ids.new("in")
        lines, taxes = self._lines(charged, invoice_id)
        taken: dict[str, int] = {}
        for entry in charged:
            for amount, off in entry.discounts:
                taken[off.id] = taken.get(off.id, 0) + amount
        subtotal = sum(entry.amount for entry in charged)
        exclusive = sum(t["amount"] for t in taxes if t["tax_behavior"] == "exclusive")
        start, end = period or (self.now, self.now)
        bill = Invoice(
            id=invoice_id,
            customer=customer,
            subscription=sub,
            currency=sub.currency if sub else charged[0].currency,
            created=self.now,
            reason=reason,
            collection=sub.collection if sub else "charge_automatically",
            period_start=start,
            period_end=end,
            lines=lines,
            discounts=[off.id for off in shared],
            subtotal=subtotal,
            discounted=[{"amount": amount, "discount": off} for off, amount in taken.items()],
            taxes=taxes,
            total=subtotal - sum(taken.values()) + exclusive,
        )
        bill.amount_due = max(0, bill.total)
        self._register(bill)
        if sub:
            sub.latest_invoice = bill.id
            self._use_up_once(sub, set(taken))
        return bill

    def _lines(self, charged: Sequence[Entry], invoice_id: str) -> tuple[list[Raw], list[Raw]]:
        lines = []
        taxes: dict[str, Raw] = {}
        for entry in charged:
            line_id = self._ids.new("il")
            line_taxes = []
            for rate, amount, taxable in entries.taxed(entry):
                line_taxes.append(render_invoices.tax(rate, amount, taxable))
                total = taxes.setdefault(rate.id, render_invoices.tax(rate, 0, 0))
                total["amount"] += amount
                total["taxable_amount"] += taxable
            lines.append(render_invoices.line(entry, line_id, invoice_id, line_taxes))
            if entry.id is not None:
                self.account.put("invoiceitem", render_invoices.invoiceitem(entry, invoice_id))
            _remember(entry, invoice_id, line_id)
        return lines, list(taxes.values())

    def _use_up_once(self, sub: Subscription, used: set[str]) -> None:
        for discounts in (sub.discounts, *(item.discounts for item in sub.items)):
            for off in [d for d in discounts if d.coupon.duration == "once" and d.id in used]:
                discounts.remove(off)
                self._discount_gone(off)
        held = sub.customer.discount
        if held is not None and held.coupon.duration == "once" and held.id in used:
            sub.customer.discount = None
            self._discount_gone(held)
            self._publish_customer(sub.customer)

    def _register(self, bill: Invoice) -> None:
        self._invoices[bill.id] = bill
        if bill.subscription is not None:
            self._invoices_of[bill.subscription.id].append(bill)
        self._publish_invoice(bill, "created")

    def _finalise(self, bill: Invoice) -> None:
        """Number it, settle it with the customer's balance, and ask for the payment of the rest."""
        if bill.status != "draft":
            return
        customer = bill.customer
        customer.invoices += 1
        bill.number = f"{customer.prefix}-{customer.invoices:04d}"
        bill.status = "open"
        bill.finalized_at = self.now
        bill.starting_balance = customer.balance
        balance = min(0, customer.balance + bill.total)
        bill.amount_due = max(0, bill.total + min(0, customer.balance))
        bill.ending_balance = balance
        if balance != customer.balance:
            customer.balance = balance
            self._publish_customer(customer)
        if bill.collection == "send_invoice":
            bill.due_date = self.now + _DAYS_UNTIL_DUE * DAY
        self._publish_invoice(bill, "finalized")
        self._collect(bill)

    def _settle(self, bill: Invoice) -> None:
        bill.status = "paid"
        bill.paid_at = self.now
        bill.amount_paid = bill.amount_due
        bill.auto_advance = False
        bill.next_attempt = None
        if bill.amount_paid:
            bill.payment_intent = self._ids.new("pi")
        self._publish_invoice(bill, "paid")

    def _write_off(self, bill: Invoice) -> None:
        bill.status = "uncollectible"
        bill.uncollectible_at = self.now
        bill.auto_advance = False
        bill.next_attempt = None
        self._publish_invoice(bill, "marked_uncollectible")

    @abstractmethod
    def _collect(self, bill: Invoice) -> None:
        """How an open invoice is paid: see Payments."""

    def _publish_invoice(self, bill: Invoice, change: str) -> None:
        self._emit(f"invoice.{change}", render_invoices.invoice(bill))


def _remember(entry: Entry, invoice_id: str, line_id: str) -> None:
    """Which lines charged an item for its running period: a later credit names them."""
    item, sub = entry.item, entry.subscription
    if item is None or sub is None or entry.amount <= 0 or entry.end != sub.period_end:
        return
    if item.billed is None or item.billed[0] != invoice_id:
        item.billed = (invoice_id, [])
    item.billed[1].append(line_id)
