"""Invoices, their lines, pending invoice items, credit notes, refunds and disputes as Stripe's JSON."""

from collections.abc import Sequence
from typing import Any

from eqho.stripe_simulator.render import decimal_text
from eqho.stripe_simulator.state import Entry, Invoice, Raw
from eqho.stripe_simulator.terms import TaxRate

_NO_PRORATION_DETAILS: Raw = {"credited_items": None}


def tax(rate: TaxRate, amount: int, taxable: int) -> Raw:
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if rate.inclusive else "exclusive",
        "tax_rate_details": {"tax_rate": rate.id},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }


def line(entry: Entry, line_id: str, invoice_id: str, taxes: Sequence[Raw]) -> Raw:
    return {
        "id": line_id,
        "object": "line_item",
        "amount": entry.amount,
        "currency": entry.currency,
        "description": entry.description,
        "discount_amounts": [{"amount": amount, "discount": d.id} for amount, d in entry.discounts],
        "discountable": entry.discountable,
        "discounts": [d.id for _, d in entry.discounts],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": _line_parent(entry),
        "period": {"end": entry.end, "start": entry.start},
        "pretax_credit_amounts": [],
        "pricing": _pricing(entry),
        "quantity": entry.quantity,
        "quantity_decimal": None if entry.quantity is None else str(entry.quantity),
        "subscription": None if entry.subscription is None else entry.subscription.id,
        "subtotal": entry.amount,
        "taxes": list(taxes),
    }


def invoiceitem(entry: Entry, invoice_id: str | None) -> Raw:
    """A pending invoice item, or one that went onto `invoice_id`."""
    if entry.customer is None:
        raise ValueError("An invoice item belongs to a customer.")
    return {
        "id": entry.id,
        "object": "invoiceitem",
        "amount": entry.amount,
        "currency": entry.currency,
        "customer": entry.customer.id,
        "customer_account": None,
        "date": entry.date,
        "description": entry.description,
        "discountable": entry.discountable,
        "discounts": [d.id for _, d in entry.discounts],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "net_amount": entry.amount - sum(amount for amount, _ in entry.discounts),
        "parent": None
        if entry.subscription is None
        else {
            "subscription_details": {
                "subscription": entry.subscription.id,
                "subscription_item": None if entry.item is None else entry.item.id,
            },
            "type": "subscription_details",
        },
        "period": {"end": entry.end, "start": entry.start},
        "pricing": _pricing(entry),
        "proration": entry.proration,
        "proration_details": {"discount_amounts": []} if entry.proration else None,
        "quantity": 1 if entry.quantity is None else entry.quantity,
        "quantity_decimal": "1" if entry.quantity is None else str(entry.quantity),
        "tax_rates": [],
        "test_clock": None,
    }


def _line_parent(entry: Entry) -> Raw:
    subscription = None if entry.subscription is None else entry.subscription.id
    common: dict[str, Any] = {
        "invoice_item": entry.id,
        "proration": entry.proration,
        "proration_details": _NO_PRORATION_DETAILS
        if entry.credited is None
        else {
            "credited_items": {"invoice": entry.credited[0], "invoice_line_items": list(entry.credited[1])}
        },
        "subscription": subscription,
    }
    if entry.item is None:
        return {
            "invoice_item_details": common,
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    return {
        "invoice_item_details": None,
        "subscription_item_details": {**common, "subscription_item": entry.item.id},
        "type": "subscription_item_details",
    }


def _pricing(entry: Entry) -> Raw | None:
    if entry.price is None:
        return None
    return {
        "price_details": {"price": entry.price.id, "product": entry.price.product.id},
        "type": "price_details",
        "unit_amount_decimal": None if entry.unit is None else decimal_text(entry.unit),
    }


def invoice(bill: Invoice) -> Raw:
    sub = bill.subscription
    draft = bill.status == "draft"
    return {
        "id": bill.id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Eqho",
        "account_tax_ids": None,
        "amount_due": bill.amount_due,
        "amount_overpaid": 0,
        "amount_paid": bill.amount_paid,
        "amount_paid_off_stripe": 0,
        "amount_remaining": max(0, bill.amount_due - bill.amount_paid),
        "amount_shipping": 0,
        "application": None,
        "attempt_count": bill.attempts,
        "attempted": bill.attempts > 0,
        "auto_advance": bill.auto_advance,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "status": None},
        "automatically_finalizes_at": bill.created + 3_600 if draft and bill.auto_advance else None,
        "billing_reason": bill.reason,
        "collection_method": bill.collection,
        "created": bill.created,
        "currency": bill.currency,
        "custom_fields": None,
        "customer": bill.customer.id,
        "customer_account": None,
        "customer_email": bill.customer.email,
        "customer_name": bill.customer.name,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": list(bill.discounts),
        "due_date": bill.due_date,
        "effective_at": bill.finalized_at,
        "ending_balance": bill.ending_balance,
        "footer": None,
        "from_invoice": None if bill.revises is None else {"action": "revision", "invoice": bill.revises},
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": bill.revised_by,
        "lines": {
            "object": "list",
            "data": bill.lines,
            "has_more": False,
            "url": f"/v1/invoices/{bill.id}/lines",
        },
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": bill.next_attempt,
        "number": bill.number,
        "on_behalf_of": None,
        "parent": None
        if sub is None
        else {
            "quote_details": None,
            "subscription_details": {"metadata": dict(sub.metadata), "subscription": sub.id},
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": bill.period_end,
        "period_start": bill.period_start,
        "post_payment_credit_notes_amount": bill.credited_after_payment,
        "pre_payment_credit_notes_amount": bill.credited_before_payment,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": bill.starting_balance,
        "statement_descriptor": None,
        "status": bill.status,
        "status_transitions": {
            "finalized_at": bill.finalized_at,
            "marked_uncollectible_at": bill.uncollectible_at,
            "paid_at": bill.paid_at,
            "voided_at": bill.voided_at,
        },
        "subtotal": bill.subtotal,
        "subtotal_excluding_tax": bill.subtotal - sum(_inclusive(bill.taxes)),
        "test_clock": None,
        "total": bill.total,
        "total_discount_amounts": bill.discounted,
        "total_excluding_tax": bill.total - sum(t["amount"] for t in bill.taxes),
        "total_pretax_credit_amounts": [],
        "total_taxes": bill.taxes,
        "webhooks_delivered_at": None if draft else bill.created,
    }


def _inclusive(taxes: Sequence[Raw]) -> list[int]:
    return [t["amount"] for t in taxes if t["tax_behavior"] == "inclusive"]


def credit_note(
    note_id: str, bill: Invoice, amount: int, created: int, serial: int, refund_id: str | None
) -> Raw:
    """A credit of `amount` on one custom line; after payment it names its refund."""
    paid = bill.status == "paid"
    return {
        "id": note_id,
        "object": "credit_note",
        "amount": amount,
        "amount_shipping": 0,
        "created": created,
        "currency": bill.currency,
        "customer": bill.customer.id,
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": created,
        "invoice": bill.id,
        "lines": {
            "object": "list",
            "data": [_credit_line(note_id, amount)],
            "has_more": False,
            "url": f"/v1/credit_notes/{note_id}/lines",
        },
        "livemode": False,
        "memo": None,
        "metadata": {},
        "number": f"{bill.number}-CN-{serial:02d}",
        "out_of_band_amount": None,
        "pdf": "",
        "post_payment_amount": amount if paid else 0,
        "pre_payment_amount": 0 if paid else amount,
        "pretax_credit_amounts": [],
        "reason": "order_change",
        "refunds": []
        if refund_id is None
        else [
            {"amount_refunded": amount, "payment_record_refund": None, "refund": refund_id, "type": "refund"}
        ],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
        "total_taxes": [],
        "type": "post_payment" if paid else "pre_payment",
        "voided_at": None,
    }


def _credit_line(note_id: str, amount: int) -> Raw:
    return {
        "id": f"cnli_{note_id[3:]}",
        "object": "credit_note_line_item",
        "amount": amount,
        "description": "Goodwill credit",
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": 1,
        "tax_rates": [],
        "taxes": [],
        "type": "custom_line_item",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def refund(refund_id: str, bill: Invoice, amount: int, created: int) -> Raw:
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": f"ch_{str(bill.payment_intent)[3:]}",
        "created": created,
        "currency": bill.currency,
        "customer": bill.customer.id,
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": bill.payment_intent,
        "payment_method": None,
        "reason": "requested_by_customer",
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(dispute_id: str, bill: Invoice, status: str, created: int) -> Raw:
    return {
        "id": dispute_id,
        "object": "dispute",
        "amount": bill.amount_paid,
        "balance_transactions": [],
        "charge": f"ch_{str(bill.payment_intent)[3:]}",
        "created": created,
        "currency": bill.currency,
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": None,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "metadata": {},
        "payment_intent": bill.payment_intent,
        "reason": "fraudulent",
        "status": status,
    }
