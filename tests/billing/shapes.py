"""One small company, written as Stripe's API says it in three of its shapes.

acacia (2024-12 and older), basil (2025-03) and endive (2025-09 clover to 2026-10). The functions take the
same facts and differ only where the API does.
"""

from typing import Any, Literal

from eqho.billing.normalise import read_account
from eqho.billing.objects import Account
from eqho.issues import Issue

Raw = dict[str, Any]
Shape = Literal["acacia", "basil", "endive"]
SHAPES: tuple[Shape, ...] = ("acacia", "basil", "endive")

JAN, FEB = 1_767_225_600, 1_769_904_000  # 2026-01-01 and 2026-02-01
MID = 1_768_435_200  # 2026-01-15

PRODUCT = {"id": "prod_tow", "object": "product", "name": "TowPilot", "active": True, "metadata": {"a": "b"}}
COUPON = {
    "id": "HALF",
    "object": "coupon",
    "created": 1_700_000_000,
    "duration": "forever",
    "percent_off": 50,
    "applies_to": {"products": ["prod_tow"]},
    "name": "Half",
}


def price(
    price_id: str = "price_tow", unit_amount: int | None = 50_000, *, usage: str = "licensed", **more: Any
) -> Raw:
    return {
        "id": price_id,
        "object": "price",
        "currency": "usd",
        "product": "prod_tow",
        "unit_amount": unit_amount,
        "unit_amount_decimal": None if unit_amount is None else str(unit_amount),
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": usage},
        "nickname": None,
        **more,
    }


def plan(price_: Raw) -> Raw:
    """The price as a plan, which older versions put beside it."""
    return {
        "id": price_["id"],
        "object": "plan",
        "currency": price_["currency"],
        "product": price_["product"],
        "amount": price_["unit_amount"],
        "amount_decimal": price_["unit_amount_decimal"],
        **price_["recurring"],
    }


TOW = price()
CALLS = price("price_calls", None, usage="metered", unit_amount_decimal="0.4")


def discount(shape: Shape, discount_id: str = "di_1", *, end: int | None = None) -> Raw:
    included = {key: value for key, value in COUPON.items() if key != "applies_to"}
    raw = {"id": discount_id, "object": "discount", "start": JAN, "end": end}
    if shape == "endive":
        return raw | {"source": {"type": "coupon", "coupon": "HALF"}}
    return raw | {"coupon": included}


def subscription(shape: Shape, **changes: Any) -> Raw:
    """Two items; the subscription's discount and its tax rate go to both, the second has its own rate."""
    period = {"current_period_start": JAN, "current_period_end": FEB}
    own = {} if shape == "acacia" else period
    dated = {"created": JAN, "object": "subscription_item"}
    inclusive = {"id": "txr_1", "object": "tax_rate", "inclusive": True, "percentage": 19.0}
    exclusive = {"id": "txr_2", "object": "tax_rate", "inclusive": False, "percentage": 7.5}
    licensed = {
        "id": "si_tow",
        "price": TOW,
        "plan": plan(TOW),
        "quantity": 3,
        "tax_rates": [],
        **dated,
        **own,
    }
    metered = {
        "id": "si_calls",
        "price": CALLS,
        "plan": plan(CALLS),
        "tax_rates": [exclusive],
        **dated,
        **own,
    }
    licensed |= {"discounts": [discount(shape, "di_item")]}
    raw: Raw = {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "currency": "usd",
        "created": JAN,
        "start_date": JAN - 86_400,
        "livemode": False,
        "items": {"object": "list", "data": [licensed, metered], "has_more": False},
        "default_tax_rates": [inclusive],
        "cancel_at": None,
        "cancel_at_period_end": True,
        "canceled_at": MID,
        "ended_at": None,
        "trial_start": JAN,
        "trial_end": MID,
        "pause_collection": {"behavior": "void", "resumes_at": FEB},
        "collection_method": "send_invoice",
        "schedule": "sub_sched_1",
        "latest_invoice": "in_1",
    }
    if shape == "acacia":
        raw |= period | {"discount": discount(shape), "plan": None, "quantity": None}
    else:
        raw |= {"discounts": [discount(shape)]}
    return raw | changes


def _line(shape: Shape, line_id: str, amount: int, price_: Raw, *, quantity: int | None, kind: str) -> Raw:
    """`kind`: "full" or "proration" of a subscription item, or "extra" for an invoice item of its own."""
    proration = kind == "proration"
    item = None if kind == "extra" else "si_tow"
    raw: Raw = {
        "id": line_id,
        "object": "line_item",
        "amount": amount,
        "currency": "usd",
        "period": {"start": MID if proration else JAN, "end": FEB},
        "quantity": quantity,
        "discounts": [],
        "discount_amounts": [],
    }
    if shape == "acacia":
        return raw | {
            "type": "subscription" if kind == "full" else "invoiceitem",
            "subscription": "sub_1",
            "subscription_item": item,
            "proration": proration,
            "price": price_,
            "plan": plan(price_),
            "tax_amounts": [{"amount": 100, "inclusive": True}, {"amount": 7, "inclusive": False}],
        }
    details = {"subscription": "sub_1", "proration": proration, "proration_details": {"credited_items": None}}
    parent: Raw = {
        "type": "invoice_item_details",
        "invoice_item_details": details,
        "subscription_item_details": None,
    }
    if item:
        parent = {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": details | {"subscription_item": item},
        }
    raw |= {
        "parent": parent,
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price_["id"], "product": price_["product"]},
            "unit_amount_decimal": price_["unit_amount_decimal"],
        },
        "taxes": [{"amount": 100, "tax_behavior": "inclusive"}, {"amount": 7, "tax_behavior": "exclusive"}],
    }
    if shape == "endive":
        raw |= {"quantity_decimal": None if quantity is None else f"{quantity}.0"}
    return raw


def invoice(shape: Shape, **changes: Any) -> Raw:
    full = _line(shape, "il_full", 150_000, TOW, quantity=3, kind="full")
    full |= {"discount_amounts": [{"amount": 75_000, "discount": "di_1"}]}
    credit = _line(shape, "il_credit", -25_000, TOW, quantity=1, kind="proration")
    extra = _line(shape, "il_extra", 4_000, CALLS, quantity=None, kind="extra")
    extra |= {"discounts": ["di_gone"], "discount_amounts": [{"amount": 10, "discount": "di_gone"}]}
    raw: Raw = {
        "id": "in_1",
        "object": "invoice",
        "customer": "cus_1",
        "currency": "usd",
        "created": JAN,
        "status": "paid",
        "livemode": False,
        "billing_reason": "subscription_cycle",
        "number": "A-1",
        "attempt_count": 1,
        "amount_due": 54_000,
        "amount_paid": 54_000,
        "total": 54_000,
        "lines": {"object": "list", "data": [full, credit, extra], "has_more": False},
        "status_transitions": {
            "finalized_at": JAN + 3_600,
            "paid_at": JAN + 3_700,
            "voided_at": None,
            "marked_uncollectible_at": None,
        },
    }
    if shape == "acacia":
        raw |= {"subscription": "sub_1", "paid": True, "discount": discount(shape), "discounts": ["di_1"]}
    else:
        details = {"subscription": "sub_1", "metadata": {}}
        parent = {"type": "subscription_details", "subscription_details": details, "quote_details": None}
        raw |= {"parent": parent, "discounts": [discount(shape)]}
    return raw | changes


def pending_item(shape: Shape, **changes: Any) -> Raw:
    raw: Raw = {
        "id": "ii_1",
        "object": "invoiceitem",
        "customer": "cus_1",
        "amount": 25_000,
        "currency": "usd",
        "date": MID,
        "period": {"start": MID, "end": FEB},
        "proration": True,
        "quantity": 1,
        "invoice": None,
        "livemode": False,
    }
    if shape == "acacia":
        raw |= {"subscription": "sub_1", "subscription_item": "si_tow", "price": TOW, "plan": plan(TOW)}
        return raw | {"unit_amount": 50_000, "unit_amount_decimal": "50000"} | changes
    details = {"subscription": "sub_1", "subscription_item": "si_tow"}
    raw |= {
        "parent": {"type": "subscription_details", "subscription_details": details},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": "price_tow", "product": "prod_tow"},
            "unit_amount_decimal": "50000",
        },
    }
    return raw | ({"quantity_decimal": "1"} if shape == "endive" else {}) | changes


def schedule(shape: Shape, **changes: Any) -> Raw:
    item: Raw = {"price": "price_tow", "plan": "price_tow", "quantity": 2}
    phase: Raw = {"start_date": JAN, "end_date": FEB, "items": [item]}
    if shape == "acacia":
        phase |= {"coupon": "HALF"}
    else:
        phase |= {"discounts": [{"coupon": "HALF", "discount": None, "promotion_code": None}]}
    raw: Raw = {
        "id": "sub_sched_1",
        "object": "subscription_schedule",
        "subscription": "sub_1",
        "status": "active",
        "phases": [phase],
    }
    return raw | changes


def customer(shape: Shape, *, discounted: bool = False, **changes: Any) -> Raw:
    raw: Raw = {
        "id": "cus_1",
        "object": "customer",
        "created": JAN,
        "name": "Ann's Towing",
        "email": "ann@example.com",
        "metadata": {"tag": "tow"},
        "livemode": False,
        "discount": discount(shape, "di_customer") if discounted else None,
    }
    return raw | changes


def company(shape: Shape, **changes: list[Raw]) -> dict[str, list[Raw]]:
    """Bodies by kind, ready for `read_account`; `changes` replace kinds."""
    return {
        "product": [PRODUCT],
        "price": [TOW, CALLS],
        "coupon": [COUPON],
        "customer": [customer(shape)],
        "subscription": [subscription(shape)],
        "subscription_schedule": [schedule(shape)],
        "invoice": [invoice(shape)],
        "invoiceitem": [pending_item(shape)],
        "credit_note": [
            {
                "id": "cn_1",
                "invoice": "in_1",
                "customer": "cus_1",
                "currency": "usd",
                "amount": 1_000,
                "created": FEB,
                "status": "issued",
            }
        ],
        "refund": [
            {
                "id": "re_1",
                "amount": 500,
                "currency": "usd",
                "created": FEB,
                "status": "succeeded",
                "charge": "ch_1",
            }
        ],
    } | changes


def subscribed(raw: Raw, **kinds: list[Raw]) -> tuple[Account, list[Issue]]:
    return read_account({"price": [TOW], "coupon": [COUPON], "subscription": [raw], **kinds})


def with_items(*items: Raw, **changes: Any) -> Raw:
    dated = [{"created": JAN, "tax_rates": [], "discounts": [], **item} for item in items]
    changes = {"discounts": [], "default_tax_rates": [], **changes}
    return subscription("endive", items={"data": dated, "has_more": False}, **changes)
