"""Accounts of plain, valid objects for the sync: as many as a test wants, created where it wants."""

from typing import Any

from eqho.stripe_simulator.account import StripeAccount

Raw = dict[str, Any]
NOW = 1_795_348_800  # 2026-11-22T12:00:00Z
DAY = 86_400


def product(number: int = 1, created: int = NOW - 900 * DAY) -> Raw:
    return {
        "id": f"prod_{number}", "object": "product", "name": f"TowPilot {number}", "active": True,
        "created": created, "livemode": False, "metadata": {},
    }  # fmt: skip


def price(number: int = 1, amount: int = 10_000, created: int = NOW - 900 * DAY, **more: Any) -> Raw:
    return {
        "id": f"price_{number}", "object": "price", "product": "prod_1", "currency": "usd", "active": True,
        "billing_scheme": "per_unit", "created": created, "livemode": False, "metadata": {}, "nickname": None,
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": None},
        "tiers_mode": None, "transform_quantity": None, "type": "recurring", "unit_amount": amount,
        "unit_amount_decimal": str(amount), **more,
    }  # fmt: skip


def customer(number: int, created: int) -> Raw:
    return {
        "id": f"cus_{number:06}", "object": "customer", "name": f"Customer {number}", "created": created,
        "email": f"customer{number}@example.com", "livemode": False, "metadata": {}, "discount": None,
    }  # fmt: skip


def subscription(number: int, created: int, items: int = 1, **more: Any) -> Raw:
    data = [
        {
            "id": f"si_{number:06}_{item}", "object": "subscription_item", "created": created,
            "discounts": [], "metadata": {}, "price": price(), "quantity": 1, "tax_rates": [],
            "subscription": f"sub_{number:06}",
            "current_period_start": created, "current_period_end": created + 30 * DAY,
        }
        for item in range(items)
    ]  # fmt: skip
    return {
        "id": f"sub_{number:06}", "object": "subscription", "customer": f"cus_{number:06}",
        "status": "active", "created": created, "start_date": created, "currency": "usd",
        "discounts": [], "livemode": False,
        "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None, "ended_at": None,
        "collection_method": "charge_automatically", "metadata": {}, "pause_collection": None,
        "items": {"object": "list", "data": data, "has_more": False,
                  "url": f"/v1/subscription_items?subscription=sub_{number:06}"},
        **more,
    }  # fmt: skip


def invoice(number: int, of: int, created: int, lines: int = 1, **more: Any) -> Raw:
    """Of subscription `of`, for its only item at $100."""
    data = [
        {
            "id": f"il_{number:06}_{line}", "object": "line_item", "amount": 10_000, "currency": "usd",
            "discount_amounts": [], "discounts": [], "invoice": f"in_{number:06}", "livemode": False,
            "parent": {"type": "subscription_item_details", "invoice_item_details": None,
                       "subscription_item_details": {"subscription": f"sub_{of:06}", "proration": False,
                                                     "subscription_item": f"si_{of:06}_0",
                                                     "invoice_item": None}},
            "period": {"start": created, "end": created + 30 * DAY}, "quantity": 1, "taxes": [],
            "pricing": {"type": "price_details", "unit_amount_decimal": "10000",
                        "price_details": {"price": "price_1", "product": "prod_1"}},
        }
        for line in range(lines)
    ]  # fmt: skip
    return {
        "id": f"in_{number:06}", "object": "invoice", "customer": f"cus_{of:06}", "created": created,
        "currency": "usd", "status": "paid", "livemode": False, "discounts": [], "total": 10_000,
        "lines": {"object": "list", "data": data, "has_more": False,
                  "url": f"/v1/invoices/in_{number:06}/lines"},
        **more,
    }  # fmt: skip


def pending_item(number: int, of: int, created: int) -> Raw:
    return {
        "id": f"ii_{number:06}", "object": "invoiceitem", "customer": f"cus_{of:06}", "date": created,
        "amount": 500, "currency": "usd", "discounts": [], "invoice": None, "livemode": False,
        "proration": True, "quantity": 1, "period": {"start": created, "end": created + 30 * DAY},
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": f"sub_{of:06}"}},
        "pricing": {"type": "price_details", "unit_amount_decimal": "500",
                    "price_details": {"price": "price_1", "product": "prod_1"}},
    }  # fmt: skip


def plain_account(
    customers: int, invoices_each: int = 1, now: int = NOW, years: float = 2.0
) -> StripeAccount:
    """One subscription per customer; customers come faster every year, invoices monthly before `now`."""
    account = StripeAccount(now=now)
    began = now - int(years * 365 * DAY)
    account.put("product", product(created=began - DAY))
    account.put("price", price(created=began - DAY))
    invoices = []
    for number in range(customers):
        created = began + int((now - 3_600 - began) * ((number + 1) / customers) ** 0.5)
        account.put("customer", customer(number, created))
        account.put("subscription", subscription(number, created))
        step = max(1, (now - 3_600 - created) // max(1, invoices_each))
        invoices += [(created + month * step, number) for month in range(invoices_each)]
    for number, (created, of) in enumerate(sorted(invoices)):
        account.put("invoice", invoice(number, of, created))
    return account


def change(account: StripeAccount, kind: str, body: Raw, event: str, at: int | None = None) -> None:
    """Put `body` and record the event that tells of it."""
    if event.endswith(".deleted") and kind != "subscription":
        account.remove(kind, body["id"])
    else:
        account.put(kind, body)
    number = account.count("event") + 1
    account.record(f"evt_{number:06}", event, body, account.now if at is None else at)
