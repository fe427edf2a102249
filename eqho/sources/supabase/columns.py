"""Rows of the older engine, which keeps columns only, as the Stripe objects they were made from."""

from typing import Any

from eqho.sources.base import Raw

_BOOKKEEPING = ("updated_at", "last_synced_at", "_account_id")


def stripe_object(kind: str, row: Raw) -> Raw | None:
    """None for what is only kept as deleted. A column that is null says nothing."""
    if row.get("deleted") is True or row.get("status") == "deleted":
        return None
    body = {name: value for name, value in row.items() if value is not None and name not in _BOOKKEEPING}
    body["object"] = kind
    if kind == "invoice":
        body.setdefault("lines", {"object": "list", "data": [], "has_more": False})
        body["subscription"] = body.get("subscription") or _subscription_of(body["lines"])
    if kind == "subscription":
        body.setdefault("items", {"object": "list", "data": [], "has_more": False})
    return body


def _subscription_of(lines: Any) -> str | None:
    """Newer API versions name the subscription on the parent, for which the table has no column."""
    for line in (lines or {}).get("data") or ():
        parent = line.get("parent") or {}
        for details in (parent.get("subscription_item_details"), parent.get("invoice_item_details"), line):
            if details and isinstance(details.get("subscription"), str):
                return str(details["subscription"])
    return None
