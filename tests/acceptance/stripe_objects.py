"""Stripe's objects of the newest API shape, written down one by one.

A subscription is billed at each boundary but the last, always for the same lines: its amounts are stated by
hand, nothing is computed from prices.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from eqho.stripe_simulator.account import StripeAccount

Raw = dict[str, Any]
NOW = 1_795_348_800  # 2026-11-22T12:00:00Z

MONTHLY = ("2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01")


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def every(days: int, first: str, times: int) -> tuple[str, ...]:
    """Boundaries `days` apart, `times` periods of them."""
    start = datetime.fromisoformat(first)
    return tuple((start + timedelta(days=days * n)).date().isoformat() for n in range(times + 1))


class Billed(NamedTuple):
    """One invoice line, cents before discounts and exclusive tax."""

    amount: int
    quantity: int = 1


class Sold(NamedTuple):
    """One subscription item and its lines on every invoice; `off` cents are discounted on the first line."""

    price: Raw
    quantity: int | None
    lines: tuple[Billed, ...]
    off: int = 0
    tax: Raw | None = None
    taxed: int = 0


def sold(price: Raw, amount: int, quantity: int = 1, **more: Any) -> Sold:
    return Sold(price, quantity, (Billed(amount, quantity),), **more)


class Company:
    """Writes into a `StripeAccount`; customers are called by their names."""

    def __init__(self) -> None:
        self.account = StripeAccount(now=NOW)
        self._bills = 0

    def product(self, product_id: str, name: str, **metadata: str) -> str:
        self.account.put(
            "product",
            {
                "id": product_id, "object": "product", "active": True, "created": at("2026-01-01"),
                "default_price": None, "description": None, "images": [], "livemode": False,
                "marketing_features": [], "metadata": metadata, "name": name, "package_dimensions": None,
                "shippable": None, "statement_descriptor": None, "tax_code": None, "type": "service",
                "unit_label": None, "updated": at("2026-01-01"), "url": None,
            },
        )  # fmt: skip
        return product_id

    def price(
        self,
        price_id: str,
        product: str,
        cents: int | None,
        interval: str = "month",
        count: int = 1,
        **more: Any,
    ) -> Raw:
        """Listed at Stripe, and returned as it stands inside a subscription item."""
        usage = more.pop("usage_type", "licensed")
        recurring = {
            "interval": interval, "interval_count": count, "trial_period_days": None, "usage_type": usage,
            "meter": "mtr_1" if usage == "metered" else None,
        }  # fmt: skip
        body = {
            "id": price_id, "object": "price", "active": True, "billing_scheme": "per_unit",
            "created": at("2026-01-01"), "currency": "usd", "custom_unit_amount": None, "livemode": False,
            "lookup_key": None, "metadata": {}, "nickname": None, "product": product, "recurring": recurring,
            "tax_behavior": "unspecified", "tiers_mode": None, "transform_quantity": None,
            "type": "recurring",
            "unit_amount": cents, "unit_amount_decimal": None if cents is None else str(cents),
        } | more  # fmt: skip
        self.account.put("price", body)
        return {field: value for field, value in body.items() if field != "tiers"}

    def coupon(self, coupon_id: str, duration: str, **terms: Any) -> str:
        body = {
            "id": coupon_id, "object": "coupon", "amount_off": None, "created": at("2026-01-01"),
            "currency": None, "duration": duration, "duration_in_months": None, "livemode": False,
            "max_redemptions": None, "metadata": {}, "name": coupon_id, "percent_off": None,
            "redeem_by": None, "times_redeemed": 1, "valid": True,
        }  # fmt: skip
        self.account.put("coupon", body | terms)
        return coupon_id

    def discount(self, name: str, coupon: str, start: str, end: str | None, **owner: str) -> str:
        body = {
            "id": f"di_{name}", "object": "discount", "checkout_session": None, "customer": f"cus_{name}",
            "customer_account": None, "end": end and at(end), "invoice": None, "invoice_item": None,
            "promotion_code": None, "source": {"coupon": coupon, "type": "coupon"}, "start": at(start),
            "subscription": None, "subscription_item": None,
        }  # fmt: skip
        self.account.put("discount", body | owner, listed=False)
        return f"di_{name}"

    def customer(self, name: str, since: str = "2026-01-01", **more: Any) -> None:
        body = {
            "id": f"cus_{name}", "object": "customer", "address": None, "balance": 0, "created": at(since),
            "currency": "usd", "customer_account": None, "default_source": None, "delinquent": False,
            "description": None, "discount": None, "email": f"{name}@customers.example",
            "invoice_prefix": "A1", "livemode": False, "metadata": {}, "name": name, "phone": None,
            "preferred_locales": [], "shipping": None, "tax_exempt": "none", "test_clock": None,
        }  # fmt: skip
        self.account.put("customer", body | more)

    def buys(
        self,
        name: str,
        *items: Sold,
        on: Sequence[str] = MONTHLY,
        discount: str | None = None,
        last_bill: str = "paid",
        bills: str = "paid",
        suffix: str = "",
        **more: Any,
    ) -> Raw:
        """A subscription of a customer, who is made where it is new. `last_bill` and `bills` are the status
        of the current and the earlier invoices."""
        if self.account.stored("customer", f"cus_{name}") is None:
            self.customer(name, on[0])
        subscription = f"sub_{name}{suffix}"
        currency = items[0].price["currency"]
        data = [
            self._item(f"si_{name}{suffix}_{number}", subscription, item, on)
            for number, item in enumerate(items)
        ]
        body = {
            "id": subscription, "object": "subscription", "application": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": at(on[0]), "billing_mode": {"type": "flexible", "flexible": None},
            "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None,
            "collection_method": "charge_automatically", "created": at(on[0]), "currency": currency,
            "customer": f"cus_{name}", "customer_account": None, "days_until_due": None,
            "default_tax_rates": [], "description": None, "discounts": [discount] if discount else [],
            "ended_at": None, "latest_invoice": None, "livemode": False, "metadata": {},
            "on_behalf_of": None, "pause_collection": None, "schedule": None, "start_date": at(on[0]),
            "status": "active", "test_clock": None, "transfer_data": None, "trial_end": None,
            "trial_start": None,
            "items": {
                "object": "list", "data": data, "has_more": False,
                "url": f"/v1/subscription_items?subscription={subscription}",
            },
        } | more  # fmt: skip
        self.account.put("subscription", body)
        for start, end in pairwise(on):
            status = last_bill if end == on[-1] else bills
            self._bill(body, items, start, end, status, discount)
        return body

    def line(
        self, subscription: Raw, number: int, price: Raw, billed: Billed, start: str, end: str, **more: Any
    ) -> Raw:
        details = {
            "invoice_item": None, "proration": False, "proration_details": {"credited_items": None},
            "subscription": subscription["id"],
            "subscription_item": subscription["items"]["data"][number]["id"],
        }  # fmt: skip
        return {
            "id": f"il_{self._bills:05}_{number}_{billed.amount}", "object": "line_item",
            "amount": billed.amount, "currency": price["currency"], "description": None,
            "discount_amounts": [], "discountable": True, "discounts": [], "livemode": False, "metadata": {},
            "parent": {
                "type": "subscription_item_details", "invoice_item_details": None,
                "subscription_item_details": details,
            },
            "period": {"start": at(start), "end": at(end)}, "pretax_credit_amounts": [],
            "pricing": {
                "type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"],
                "price_details": {"price": price["id"], "product": price["product"]},
            },
            "quantity": billed.quantity, "quantity_decimal": str(billed.quantity),
            "subtotal": billed.amount, "taxes": [],
        } | more  # fmt: skip

    def invoice(self, subscription: Raw, lines: Sequence[Raw], on: str, status: str = "paid") -> None:
        self._bills += 1
        created = at(on)
        total = sum(line["amount"] for line in lines)
        final = None if status == "draft" else created
        self.account.put(
            "invoice",
            {
                "id": f"in_{self._bills:05}", "object": "invoice", "amount_due": total,
                "amount_paid": total if status == "paid" else 0, "attempt_count": 1,
                "billing_reason": "subscription_cycle", "collection_method": "charge_automatically",
                "created": created, "currency": subscription["currency"],
                "customer": subscription["customer"], "discounts": list(subscription["discounts"]),
                "livemode": False, "metadata": {}, "number": f"A1-{self._bills:05}", "status": status,
                "parent": {
                    "type": "subscription_details", "quote_details": None,
                    "subscription_details": {"metadata": {}, "subscription": subscription["id"]},
                },
                "lines": {
                    "object": "list", "data": list(lines), "has_more": False,
                    "url": f"/v1/invoices/in_{self._bills:05}/lines",
                },
                "status_transitions": {
                    "finalized_at": final, "marked_uncollectible_at": None,
                    "paid_at": final if status == "paid" else None,
                    "voided_at": final if status == "void" else None,
                },
                "total": total,
            },
        )  # fmt: skip

    def _item(self, item_id: str, subscription: str, item: Sold, on: Sequence[str]) -> Raw:
        body = {
            "id": item_id, "object": "subscription_item", "billing_thresholds": None, "created": at(on[0]),
            "current_period_start": at(on[-2]), "current_period_end": at(on[-1]), "discounts": [],
            "metadata": {}, "price": item.price, "subscription": subscription,
            "tax_rates": [item.tax] if item.tax else [],
        }  # fmt: skip
        return body if item.quantity is None else body | {"quantity": item.quantity}

    def _bill(
        self,
        subscription: Raw,
        items: Sequence[Sold],
        start: str,
        end: str,
        status: str,
        discount: str | None,
    ) -> None:
        lines = []
        for number, item in enumerate(items):
            for position, billed in enumerate(item.lines):
                line = self.line(subscription, number, item.price, billed, start, end)
                if item.off and not position:
                    line["discounts"] = [discount]
                    line["discount_amounts"] = [{"amount": item.off, "discount": discount}]
                if item.tax:
                    behavior = "inclusive" if item.tax["inclusive"] else "exclusive"
                    line["taxes"] = [
                        {"amount": item.taxed, "tax_behavior": behavior, "type": "tax_rate_details"}
                    ]
                lines.append(line)
        self.invoice(subscription, lines, start, status)


def tax_rate(percentage: int, *, inclusive: bool) -> Raw:
    return {
        "id": f"txr_{percentage}", "object": "tax_rate", "active": True, "country": None,
        "created": at("2026-01-01"), "description": None, "display_name": "VAT",
        "effective_percentage": None, "inclusive": inclusive, "jurisdiction": None, "livemode": False,
        "metadata": {}, "percentage": percentage, "state": None, "tax_type": "vat",
    }  # fmt: skip
