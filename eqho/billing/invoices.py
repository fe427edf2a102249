"""Invoices with their lines, and pending invoice items as lines without an invoice."""

from collections.abc import Mapping
from decimal import Decimal

from eqho.billing import wire, wire_invoices
from eqho.billing.catalogue import Prices, id_of
from eqho.billing.discounts import Discounts
from eqho.billing.objects import Discount, Invoice, Line, LineDiscount
from eqho.billing.reading import CUT_OFF, Reader
from eqho.money import known_currencies

_NEVER = wire_invoices.StatusTransitions()


class Invoices:
    """Reads invoices and pending items against one catalogue."""

    def __init__(self, prices: Prices, discounts: Discounts, reader: Reader) -> None:
        self._prices = prices
        self._discounts = discounts
        self._reader = reader

    def invoice(self, raw: wire_invoices.Invoice) -> Invoice | None:
        if raw.currency not in known_currencies():
            self._unknown_currency("An invoice", raw.currency, raw.id)
            return None
        if raw.lines.has_more:
            self._reader.leave_out("truncated_list", CUT_OFF, raw.id)
        subscription = _subscription(raw.subscription, raw.parent)
        discounts = self._discounts.included(raw.discounts, raw.discount)
        moments = raw.status_transitions or _NEVER
        return Invoice(
            id=raw.id,
            customer=id_of(raw.customer) or "",
            subscription=subscription,
            status=raw.status or ("paid" if raw.paid else "open"),
            currency=raw.currency,
            created=raw.created,
            lines=tuple([self._line(line, raw, subscription, discounts) for line in raw.lines.data]),
            billing_reason=raw.billing_reason or "",
            number=raw.number or "",
            finalized_at=moments.finalized_at,
            paid_at=moments.paid_at,
            voided_at=moments.voided_at,
            uncollectible_at=moments.marked_uncollectible_at,
            attempt_count=raw.attempt_count or 0,
            due_date=raw.due_date,
            amount_due=raw.amount_due or 0,
            amount_paid=raw.amount_paid or 0,
            total=(raw.amount_due if raw.total is None else raw.total) or 0,
        )

    def _line(
        self,
        raw: wire_invoices.Line,
        invoice: wire_invoices.Invoice,
        billed: str | None,
        discounts: Mapping[str, Discount],
    ) -> Line:
        """`billed` is the subscription of the invoice, `discounts` those that it includes."""
        item, proration = raw.subscription_item, raw.proration
        subscription = id_of(raw.subscription) if raw.subscription else None
        parent, prorated = raw.parent, raw.proration_details
        if parent is not None:
            of_item = parent.type == "subscription_item_details"
            details = parent.subscription_item_details if of_item else parent.invoice_item_details
            if details is not None:
                item, proration, prorated = (
                    details.subscription_item,
                    details.proration,
                    details.proration_details,
                )
                subscription = details.subscription or subscription
        price, product, unit_amount = self._sold(raw)
        return Line(
            id=raw.id,
            invoice=invoice.id,
            subscription=subscription or (billed if item else None),
            item=item,
            price=price,
            product=product,
            quantity=_quantity(raw),
            unit_amount=unit_amount,
            amount=raw.amount,
            currency=invoice.currency,
            start=raw.period.start,
            end=raw.period.end,
            proration=proration is True,
            discounts=self._line_discounts(raw, discounts) if raw.discount_amounts else (),
            inclusive_tax=_inclusive_tax(raw) if raw.taxes or raw.tax_amounts else 0,
            credit=proration is True and (raw.amount < 0 or _gives_back(prorated)),
        )

    def pending(self, raw: wire_invoices.InvoiceItem) -> Line | None:
        """None for an item that an invoice has taken up since."""
        if raw.invoice is not None:
            return None
        if raw.currency not in known_currencies():
            self._unknown_currency("A pending invoice item", raw.currency, raw.id)
            return None
        price, product, unit_amount = self._sold(raw)
        details = raw.parent.subscription_details if raw.parent else None
        return Line(
            id=raw.id,
            invoice=None,
            subscription=_subscription(raw.subscription, raw.parent),
            item=raw.subscription_item or (details.subscription_item if details else None),
            price=price,
            product=product,
            quantity=_quantity(raw),
            unit_amount=raw.unit_amount_decimal if unit_amount is None else unit_amount,
            amount=raw.amount,
            currency=raw.currency,
            start=raw.period.start,
            end=raw.period.end,
            proration=raw.proration is True,
            credit=raw.proration is True and raw.amount < 0,
        )

    def _sold(
        self, raw: wire_invoices.Line | wire_invoices.InvoiceItem
    ) -> tuple[str | None, str | None, Decimal | None]:
        """Price id, product id and unit amount, from `pricing` or from the older `price` and `plan`."""
        pricing = raw.pricing
        unit_amount = pricing.unit_amount_decimal if pricing else None
        if pricing is not None and pricing.price_details is not None:
            price_id, product = id_of(pricing.price_details.price), pricing.price_details.product
            price = self._prices.get(price_id) if price_id else None
        else:
            named = raw.price or raw.plan
            if not named:
                return None, None, unit_amount
            price_id, product = (named, None) if isinstance(named, str) else (named.id, id_of(named.product))
            price = self._prices.resolve(named)
            unit_amount = price.unit_amount if price else None
        return price_id, product or (price.product if price else None), unit_amount

    def _line_discounts(
        self, raw: wire_invoices.Line, of_invoice: Mapping[str, Discount]
    ) -> tuple[LineDiscount, ...]:
        """Of a line that costs nothing none is said: a trial's carries the discount of later lines at 0."""
        of_line = self._discounts.included(raw.discounts)
        found: list[LineDiscount] = []
        for part in raw.discount_amounts or ():
            if part.amount == 0 and raw.amount == 0:
                continue
            if isinstance(part.discount, wire.Discount):
                discount = self._discounts.read(part.discount)
            else:
                name = part.discount
                discount = of_line.get(name) or of_invoice.get(name) or self._discounts.named(name)
                if discount is None:
                    self._reader.leave_out(
                        "unknown_line_discount",
                        "The coupon of a discount on an invoice line is not known, so nobody can tell "
                        "whether it lasts: expand the discounts of invoices.",
                        name,
                    )
            found.append(LineDiscount(part.amount, discount))
        return tuple(found)

    def _unknown_currency(self, what: str, currency: str, subject: str) -> None:
        message = f"{what} has the unknown currency {currency!r} and is left out."
        self._reader.leave_out("unknown_currency", message, subject)


def _gives_back(prorated: wire_invoices.ProrationDetails | None) -> bool:
    return prorated is not None and prorated.credited_items is not None


def _subscription(named: str | wire.Ref | None, parent: wire_invoices.BillingParent | None) -> str | None:
    if named is None and parent is not None and parent.subscription_details is not None:
        named = parent.subscription_details.subscription
    return id_of(named)


def _quantity(raw: wire_invoices.Line | wire_invoices.InvoiceItem) -> Decimal | None:
    if raw.quantity_decimal is not None:
        return raw.quantity_decimal
    return None if raw.quantity is None else Decimal(raw.quantity)


def _inclusive_tax(raw: wire_invoices.Line) -> int:
    if raw.taxes:
        return sum([tax.amount for tax in raw.taxes if tax.tax_behavior == "inclusive"])
    return sum([tax.amount for tax in raw.tax_amounts or () if tax.inclusive])
