"""Stripe's JSON of invoices, cash and events as it arrives; see `wire` for the rest and the conventions."""

from decimal import Decimal
from typing import Literal

from eqho.billing import wire

Status = Literal["draft", "open", "paid", "uncollectible", "void"]


class Period(wire.Wire):
    start: int
    end: int


class PriceDetails(wire.Wire):
    price: str | wire.Ref | None = None
    product: str | None = None


class Pricing(wire.Wire):
    price_details: PriceDetails | None = None
    unit_amount_decimal: Decimal | None = None


class DiscountAmount(wire.Wire):
    amount: int
    discount: str | wire.Discount


class Tax(wire.Wire):
    amount: int
    tax_behavior: str | None = None


class TaxAmount(wire.Wire):
    amount: int
    inclusive: bool


class ProrationDetails(wire.Wire):
    """`credited_items`: the lines whose unused time is given back."""

    credited_items: wire.Raw | None = None


class LineDetails(wire.Wire):
    subscription: str | None = None
    subscription_item: str | None = None
    proration: bool | None = None
    proration_details: ProrationDetails | None = None


class LineParent(wire.Wire):
    type: str
    subscription_item_details: LineDetails | None = None
    invoice_item_details: LineDetails | None = None


class Line(wire.Wire):
    """`price`, `plan`, `proration`, `proration_details`, `subscription_item` up to acacia; `parent`,
    `pricing` from basil on."""

    id: str
    amount: int
    period: Period
    parent: LineParent | None = None
    pricing: Pricing | None = None
    price: str | wire.Price | None = None
    plan: str | wire.Plan | None = None
    subscription: str | wire.Ref | None = None
    subscription_item: str | None = None
    proration: bool | None = None
    proration_details: ProrationDetails | None = None
    quantity: int | None = None
    quantity_decimal: Decimal | None = None
    discounts: list[str | wire.Discount] | None = None
    discount_amounts: list[DiscountAmount] | None = None
    taxes: list[Tax] | None = None
    tax_amounts: list[TaxAmount] | None = None


class Lines(wire.Wire):
    data: list[Line]
    has_more: bool | None = None


class StatusTransitions(wire.Wire):
    finalized_at: int | None = None
    paid_at: int | None = None
    voided_at: int | None = None
    marked_uncollectible_at: int | None = None


class SubscriptionDetails(wire.Wire):
    subscription: str | wire.Ref | None = None
    subscription_item: str | None = None


class BillingParent(wire.Wire):
    """`parent` of an invoice and of an invoice item."""

    subscription_details: SubscriptionDetails | None = None


class Invoice(wire.Whole):
    customer: str | wire.Ref
    currency: str
    created: int
    lines: Lines
    status: Status | None = None
    paid: bool | None = None
    parent: BillingParent | None = None
    subscription: str | wire.Ref | None = None
    discount: wire.Discount | None = None
    discounts: list[str | wire.Discount] | None = None
    status_transitions: StatusTransitions | None = None
    billing_reason: str | None = None
    number: str | None = None
    attempt_count: int | None = None
    due_date: int | None = None
    amount_due: int | None = None
    amount_paid: int | None = None
    total: int | None = None


class InvoiceItem(wire.Whole):
    """`invoice` is set once the item is no longer pending."""

    amount: int
    currency: str
    period: Period
    invoice: str | wire.Ref | None = None
    parent: BillingParent | None = None
    pricing: Pricing | None = None
    price: str | wire.Price | None = None
    plan: str | wire.Plan | None = None
    subscription: str | wire.Ref | None = None
    subscription_item: str | None = None
    proration: bool | None = None
    quantity: int | None = None
    quantity_decimal: Decimal | None = None
    unit_amount_decimal: Decimal | None = None


class CreditNote(wire.Whole):
    invoice: str | wire.Ref
    customer: str | wire.Ref
    currency: str
    amount: int
    created: int
    status: str


class Refund(wire.Whole):
    amount: int
    currency: str
    created: int
    status: str | None = None
    charge: str | wire.Ref | None = None


class Dispute(wire.Whole):
    amount: int
    currency: str
    created: int
    status: str


class EventData(wire.Wire):
    object: wire.Raw
    previous_attributes: wire.Raw | None = None


class Event(wire.Whole):
    """`data.object` has the shape of the version in which the event was made."""

    type: str
    created: int
    data: EventData
