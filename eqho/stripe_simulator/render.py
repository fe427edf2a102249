"""Catalogue, customers, subscriptions and schedules as Stripe's JSON of the newest API shape."""

from decimal import Decimal
from typing import Any

from eqho.stripe_simulator.state import Customer, Item, Phase, Raw, Schedule, Subscription
from eqho.stripe_simulator.terms import Coupon, Discount, Price, Product, TaxRate, Tier

_AUTOMATIC_TAX = {"disabled_reason": None, "enabled": False, "liability": None}
_PENDING_UPDATE = dict.fromkeys(
    ("billing_cycle_anchor", "expires_at", "subscription_items", "trial_end", "trial_from_plan")
)
_NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def decimal_text(value: Decimal) -> str:
    """`Decimal("4.50")` → `4.5`, never with an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole(value: Decimal) -> int | None:
    return int(value) if value == value.to_integral_value() else None


def number(value: Decimal) -> int | float:
    """A percentage the way JSON carries it."""
    return int(value) if value == value.to_integral_value() else float(value)


def product(product: Product) -> Raw:
    return {
        "id": product.id,
        "object": "product",
        "active": True,
        "created": product.created,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": dict(product.metadata),
        "name": product.name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": product.created,
        "url": None,
    }


def price(price: Price, *, tiers: bool = False) -> Raw:
    """With `tiers` whole: they and other currencies are hidden where a price is embedded, as Stripe does."""
    price = price.base or price
    body: dict[str, Any] = {
        "id": price.id,
        "object": "price",
        "active": price.active,
        "billing_scheme": "per_unit" if price.unit is not None else "tiered",
        "created": price.created,
        "currency": price.currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": price.nickname,
        "product": price.product.id,
        "recurring": _recurring(price),
        "tax_behavior": "unspecified",
        "tiers_mode": price.tiers_mode,
        "transform_quantity": None if price.divide_by == 1 else {"divide_by": price.divide_by, "round": "up"},
        "type": "recurring" if price.interval else "one_time",
        "unit_amount": None if price.unit is None else whole(price.unit),
        "unit_amount_decimal": None if price.unit is None else decimal_text(price.unit),
    }
    if tiers and price.tiers:
        body["tiers"] = [_tier(tier) for tier in price.tiers]
    if tiers and price.options:
        body["currency_options"] = {each.currency: _option(each) for each in (price, *price.options)}
    return body


def _option(price: Price) -> Raw:
    assert price.unit is not None
    return {
        "custom_unit_amount": None,
        "tax_behavior": "unspecified",
        "unit_amount": whole(price.unit),
        "unit_amount_decimal": decimal_text(price.unit),
    }


def _recurring(price: Price) -> Raw | None:
    if price.interval is None:
        return None
    return {
        "interval": price.interval,
        "interval_count": price.count,
        "meter": f"mtr_{price.id[-14:]}" if price.metered else None,
        "trial_period_days": None,
        "usage_type": "metered" if price.metered else "licensed",
    }


def _tier(tier: Tier) -> Raw:
    return {
        "flat_amount": tier.flat or None,
        "flat_amount_decimal": str(tier.flat) if tier.flat else None,
        "unit_amount": whole(tier.unit),
        "unit_amount_decimal": decimal_text(tier.unit),
        "up_to": tier.up_to,
    }


def coupon(coupon: Coupon) -> Raw:
    body: dict[str, Any] = {
        "id": coupon.id,
        "object": "coupon",
        "amount_off": coupon.amount,
        "created": coupon.created,
        "currency": coupon.currency,
        "duration": coupon.duration,
        "duration_in_months": coupon.months,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": coupon.name,
        "percent_off": None if coupon.percent is None else number(coupon.percent),
        "redeem_by": None,
        "times_redeemed": coupon.redeemed,
        "valid": True,
    }
    if coupon.products:
        body["applies_to"] = {"products": sorted(coupon.products)}
    return body


def discount(discount: Discount) -> Raw:
    return {
        "id": discount.id,
        "object": "discount",
        "checkout_session": None,
        "customer": discount.customer,
        "customer_account": None,
        "end": discount.end,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": discount.coupon.id, "type": "coupon"},
        "start": discount.start,
        "subscription": discount.subscription,
        "subscription_item": discount.item,
    }


def tax_rate(rate: TaxRate) -> Raw:
    return {
        "id": rate.id,
        "object": "tax_rate",
        "active": True,
        "country": None,
        "created": rate.created,
        "description": None,
        "display_name": "VAT" if rate.inclusive else "Sales tax",
        "effective_percentage": None,
        "inclusive": rate.inclusive,
        "jurisdiction": None,
        "livemode": False,
        "metadata": {},
        "percentage": number(rate.percent),
        "rate_type": "percentage",
        "state": None,
        "tax_type": "vat" if rate.inclusive else "sales_tax",
    }


def customer(customer: Customer) -> Raw:
    return {
        "id": customer.id,
        "object": "customer",
        "address": dict(_NO_ADDRESS),
        "balance": customer.balance,
        "created": customer.created,
        "currency": customer.currency,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None if customer.discount is None else discount(customer.discount),
        "email": customer.email,
        "invoice_prefix": customer.prefix,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": dict(customer.metadata),
        "name": customer.name,
        "next_invoice_sequence": customer.invoices + 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def subscription(sub: Subscription) -> Raw:
    pause = sub.pause
    return {
        "id": sub.id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": dict(_AUTOMATIC_TAX),
        "billing_cycle_anchor": sub.anchor,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"type": sub.billing_mode, "flexible": None},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": sub.period_end if sub.cancel_at_period_end else None,
        "cancel_at_period_end": sub.cancel_at_period_end,
        "canceled_at": sub.canceled_at,
        "cancellation_details": {"comment": None, "feedback": None, "reason": sub.reason},
        "collection_method": sub.collection,
        "created": sub.created,
        "currency": sub.currency,
        "customer": sub.customer.id,
        "customer_account": None,
        "days_until_due": 30 if sub.collection == "send_invoice" else None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [tax_rate(rate) for rate in sub.taxes],
        "description": None,
        "discounts": [d.id for d in sub.discounts],
        "ended_at": sub.ended_at,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {
            "object": "list",
            "data": [subscription_item(sub, item) for item in sub.items],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={sub.id}",
        },
        "latest_invoice": sub.latest_invoice,
        "livemode": False,
        "metadata": dict(sub.metadata),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None
        if pause is None
        else {"behavior": pause.behavior, "resumes_at": pause.resumes_at},
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None if sub.proposal is None else _PENDING_UPDATE,
        "schedule": sub.schedule,
        "start_date": sub.start,
        "status": sub.status,
        "test_clock": None,
        "transfer_data": None,
        "trial_end": sub.trial_end,
        "trial_settings": {"end_behavior": {"missing_payment_method": sub.trial_end_behavior}},
        "trial_start": sub.trial_start,
    }


def subscription_item(sub: Subscription, item: Item) -> Raw:
    body: dict[str, Any] = {
        "id": item.id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": item.created,
        "current_period_end": sub.period_end,
        "current_period_start": sub.period_start,
        "discounts": [d.id for d in item.discounts],
        "metadata": {},
        "price": price(item.price),
        "subscription": sub.id,
        "tax_rates": [tax_rate(rate) for rate in item.taxes],
    }
    if item.quantity is not None:
        body["quantity"] = item.quantity
    return body


def schedule(schedule: Schedule) -> Raw:
    current = None if schedule.current is None else schedule.phases[schedule.current]
    active = schedule.status == "active"
    return {
        "id": schedule.id,
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": {"type": "classic", "flexible": None},
        "canceled_at": None,
        "completed_at": schedule.completed_at,
        "created": schedule.created,
        "current_phase": {"end_date": current.end, "start_date": current.start}
        if current is not None and active
        else None,
        "customer": schedule.customer.id,
        "customer_account": None,
        "default_settings": {
            "application_fee_percent": None,
            "billing_cycle_anchor": "automatic",
            "collection_method": "charge_automatically",
            "default_payment_method": None,
            "description": None,
            "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}},
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": schedule.end_behavior,
        "livemode": False,
        "metadata": {},
        "phases": [_phase(phase) for phase in schedule.phases],
        "released_at": schedule.released_at,
        "released_subscription": schedule.subscription if schedule.status == "released" else None,
        "status": schedule.status,
        "subscription": None if schedule.status == "released" else schedule.subscription,
        "test_clock": None,
    }


def _phase(phase: Phase) -> Raw:
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_cycle_anchor": None,
        "collection_method": None,
        "currency": phase.items[0][0].currency,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [{"coupon": None, "discount": d.id, "promotion_code": None} for d in phase.discounts],
        "end_date": phase.end,
        "invoice_settings": None,
        "items": [
            {
                "billing_thresholds": None,
                "discounts": [],
                "metadata": {},
                "price": price.id,
                "quantity": quantity,
                "tax_rates": [],
            }
            for price, quantity in phase.items
        ],
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": phase.start,
        "transfer_data": None,
        "trial_end": None,
    }
