"""How each kind of object is listed at Stripe, what a key needs to read it, and what is lost without."""

from collections.abc import Mapping
from typing import Any, NamedTuple

API_VERSION = "2026-10-28.endive"


class Kind(NamedTuple):
    """`expand` is relative to the object: in a list one level of Stripe's four is taken by `data`."""

    path: str
    permission: str
    lost: str
    expand: tuple[str, ...] = ()
    filters: Mapping[str, Any] = {}

    @property
    def list_expand(self) -> list[str]:
        return [f"data.{field}" for field in self.expand]


STRIPE_KINDS: Mapping[str, Kind] = {
    "product": Kind("products", "Products", "product lines (everything counts as unmapped)"),
    "price": Kind("prices", "Prices", "MRR and everything derived from it", ("tiers", "currency_options")),
    "coupon": Kind("coupons", "Coupons", "discounts limited to some products", ("applies_to",)),
    "customer": Kind(
        "customers",
        "Customers",
        "customer names, tags and exclusions",
        ("discount.source.coupon",),
    ),
    "subscription": Kind(
        "subscriptions",
        "Subscriptions",
        "MRR and everything derived from it",
        ("discounts.source.coupon", "items.data.discounts"),
        {"status": "all"},
    ),
    "subscription_schedule": Kind(
        "subscription_schedules", "Subscriptions", "changes made by subscription schedules"
    ),
    "invoice": Kind(
        "invoices",
        "Invoices",
        "history before today, movements, retention and cohorts",
        ("discounts.source.coupon", "lines.data.discounts"),
    ),
    "invoiceitem": Kind(
        "invoiceitems",
        "Invoice items",
        "the dates of changes made since the last invoice",
        ("discounts",),
        {"pending": "true"},
    ),
    "credit_note": Kind("credit_notes", "Credit notes", "credit notes in cash"),
    "refund": Kind("refunds", "Charges and Refunds", "refunds in cash"),
    "dispute": Kind("disputes", "Disputes", "disputes in cash"),
    "event": Kind(
        "events",
        "Events",
        "exact instants of changes, and refreshes that read only what changed",
    ),
}

# Without these there is no number to show.
REQUIRED_KINDS = frozenset({"subscription", "price"})
