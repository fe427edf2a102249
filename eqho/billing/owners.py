"""Whose an object is: what is derived of a customer rests on that one's objects and on what is shared."""

from collections.abc import Mapping
from typing import Any

SHARED_KINDS = frozenset(("product", "price", "coupon"))
UNTOLD_KINDS = frozenset(("refund", "dispute"))
"""They name a charge, and nothing that the ledger reads names that."""
TELLING_EVENTS = ("customer.subscription.", "customer.discount.", "eqho.sighting")
"""Beginnings of the types of those events that the ledger reads: most of the others are of invoices."""


def owner_of(kind: str, body: Mapping[str, Any]) -> str:
    """The customer's id; "" of what is shared, of what does not tell, and where nothing is said."""
    if kind in SHARED_KINDS or kind in UNTOLD_KINDS:
        return ""
    named = body.get("id") if kind == "customer" else body.get("customer")
    if isinstance(named, Mapping):
        named = named.get("id")
    return named if isinstance(named, str) else ""


def owner_of_event(event: Mapping[str, Any]) -> str | None:
    """The same of the object that the event is about; None of an event that the ledger does not read."""
    kind, data = event.get("type"), event.get("data")
    if not isinstance(kind, str) or not kind.startswith(TELLING_EVENTS):
        return None
    body = data.get("object") if isinstance(data, Mapping) else None
    return owner_of("", body) if isinstance(body, Mapping) else ""
