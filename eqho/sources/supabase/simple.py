"""Rows of the simple tables as Stripe objects: one subscription a row, with the item its columns tell of.

A row that `supabase_push` wrote carries Stripe's own object under `metadata.stripe`, which says more.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from eqho.sources.base import Raw

MONTHS = {"day": Decimal(12) / 365, "week": Decimal(12) / 52, "month": Decimal(1), "year": Decimal(12)}
"""By interval: how many months it counts, as MRR counts them."""


def simple_object(kind: str, row: Raw) -> Raw | None:
    told = _metadata(row).get("stripe")
    if isinstance(told, dict) and isinstance(told.get("id"), str):
        return told
    return _customer(row) if kind == "customer" else _subscription(row)


def _customer(row: Raw) -> Raw:
    metadata = _metadata(row)
    return {
        "id": row["stripe_customer_id"],
        "object": "customer",
        "created": _created(row),
        "name": row.get("name"),
        "email": row.get("email"),
        "metadata": {key: value for key, value in metadata.items() if isinstance(value, str)},
    }


def _subscription(row: Raw) -> Raw:
    name, created = row["stripe_subscription_id"], _created(row)
    start, end = _instant(row.get("current_period_start")), _instant(row.get("current_period_end"))
    status = row.get("status")
    item = {
        "id": f"si_{name}",
        "object": "subscription_item",
        "created": created,
        "quantity": _quantity(row),
        "price": _price(row),
        "current_period_start": start,
        "current_period_end": end,
    }
    return {
        "id": name,
        "object": "subscription",
        "customer": row["stripe_customer_id"],
        "status": status,
        "currency": _currency(row),
        "created": created,
        "start_date": created,
        "cancel_at_period_end": row.get("cancel_at_period_end") is True,
        # No column says when: the period that was running is the last that was served.
        "ended_at": (end or created) if status == "canceled" else None,
        "items": {"object": "list", "data": [item], "has_more": False},
    }


def _price(row: Raw) -> Raw:
    interval, count = _interval(row)
    return {
        "id": row.get("price_id") or f"price_{row['stripe_subscription_id']}",
        "object": "price",
        "billing_scheme": "per_unit",
        "currency": _currency(row),
        "product": {
            "id": row.get("product_id") or "unknown",
            "object": "product",
            "name": row.get("product_name") or row.get("product_id") or "unknown",
            "created": 0,
            "metadata": {"product_line": str(row["product_category"])} if row.get("product_category") else {},
        },
        "recurring": {"interval": interval, "interval_count": count, "usage_type": "licensed"},
        "type": "recurring",
        "unit_amount_decimal": str(_unit_amount(row, interval, count)),
    }


def _unit_amount(row: Raw, interval: str, count: int) -> Decimal:
    """`amount_cents` is of one unit, unless `amount_monthly` (cents, or the same in major units) shows that
    it is of all of them."""
    amount, quantity = Decimal(str(row.get("amount_cents") or 0)), _quantity(row)
    monthly = row.get("amount_monthly")
    if quantity > 1 and monthly is not None:
        whole = amount / (MONTHS[interval] * count)
        told = Decimal(str(monthly))
        if min(abs(told - whole), abs(told * 100 - whole)) <= 1:
            return amount / quantity
    return amount


def _interval(row: Raw) -> tuple[str, int]:
    """`month`, `monthly`, `3 months` or `quarter`."""
    words = str(row.get("billing_interval") or "month").lower().split()
    count = int(words[0]) if words[0].isdigit() else 1
    word = words[-1].rstrip("s")
    if word.startswith("quarter"):
        return "month", 3 * count
    named = {"annual": "year", "annually": "year", "yearly": "year", "daily": "day"}.get(word, word)
    return next((interval for interval in MONTHS if named.startswith(interval)), "month"), count


def _quantity(row: Raw) -> int:
    quantity = _metadata(row).get("quantity")
    text = str(quantity)
    return int(text) if text.isdigit() else 1


def _currency(row: Raw) -> str:
    return str(row.get("currency") or "usd").lower()


def _created(row: Raw) -> int:
    metadata = _metadata(row)
    for value in (metadata.get("stripe_created"), row.get("stripe_created"), row.get("created_at")):
        if (instant := _instant(value)) is not None:
            return instant
    return _instant(row.get("current_period_start")) or 0


def _instant(value: Any) -> int | None:
    """Seconds, or a date and time with or without an offset (UTC)."""
    if isinstance(value, int | float):
        return int(value)
    if not isinstance(value, str) or not value:
        return None
    if value.isdigit():
        return int(value)
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())


def _metadata(row: Raw) -> Raw:
    metadata = row.get("metadata")
    return metadata if isinstance(metadata, dict) else {}
