"""How Stripe shows an object: hidden fields, nested lists cut at ten, ids expanded on request."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec

Raw = dict[str, Any]
Lookup = Callable[[str, str], Raw | None]

NESTED_LIMIT = 10

# Fields that are absent unless they are asked for.
_HIDDEN = {"price": ("tiers", "currency_options"), "coupon": ("applies_to",)}
_NESTED = {"subscription": "items", "invoice": "lines", "credit_note": "lines"}
_KIND_OF_FIELD = {
    "coupon": "coupon",
    "customer": "customer",
    "discount": "discount",
    "discounts": "discount",
    "invoice": "invoice",
    "latest_invoice": "invoice",
    "price": "price",
    "product": "product",
    "schedule": "subscription_schedule",
    "subscription": "subscription",
}

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


def copy_of(body: Raw) -> Raw:
    """A deep copy through JSON, which is also proof that the object is JSON."""
    return cast("Raw", _decoder.decode(_encoder.encode(body)))


def present(kind: str, body: Raw, paths: Sequence[Sequence[str]], *, complete: bool) -> None:
    """Take out of `body` what Stripe would not show."""
    if kind == "event":
        subject = body["data"]["object"]
        present(subject["object"], subject, paths, complete=complete)
        return
    for hidden in _HIDDEN.get(kind, ()):
        if [hidden] not in [list(path) for path in paths]:
            body.pop(hidden, None)
    options = body.get("currency_options") if kind == "price" else None
    for currency, option in (options or {}).items():
        if ["currency_options", currency, "tiers"] not in [list(path) for path in paths]:
            option.pop("tiers", None)
    nested = _NESTED.get(kind)
    if nested and not complete and nested in body:
        rest = body[nested]
        rest["has_more"] = len(rest["data"]) > NESTED_LIMIT
        rest["data"] = rest["data"][:NESTED_LIMIT]


def expand_path(body: Any, path: Sequence[str], lookup: Lookup) -> None:
    """Replace the ids at the end of `path` by their objects; ids on the way are expanded too."""
    if isinstance(body, list):
        for entry in body:
            expand_path(entry, path, lookup)
        return
    if not path or not isinstance(body, dict) or path[0] not in body:
        return
    field, rest = path[0], path[1:]
    body[field] = _expanded(field, body[field], lookup)
    expand_path(body[field], rest, lookup)


def _expanded(field: str, value: Any, lookup: Lookup) -> Any:
    kind = _KIND_OF_FIELD.get(field)
    if kind is None:
        return value
    if isinstance(value, str):
        return lookup(kind, value) or value
    if isinstance(value, list):
        return [_expanded(field, entry, lookup) for entry in value]
    return value
