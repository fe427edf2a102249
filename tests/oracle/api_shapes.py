"""Objects of the newest API shape re-expressed in the older columns of STRIPE.md's table."""

from collections.abc import Callable
from typing import Any, Literal

Raw = dict[str, Any]
Version = Literal["acacia", "basil"]
Find = Callable[[str, str], Raw | None]


def downgrade(kind: str, body: Raw, version: Version, find: Find) -> Raw:
    """`body` as the API version of that name would show it; the input is not changed.

    Older shapes embed what newer ones name by id: `find(kind, id)` supplies it (`StripeAccount.retrieve`).
    """
    if kind == "event":
        subject, previous = body["data"]["object"], body["data"].get("previous_attributes")
        data = {**body["data"], "object": downgrade(subject["object"], subject, version, find)}
        if previous is not None:
            before = downgrade(subject["object"], _overlaid(subject, previous), version, find)
            data["previous_attributes"] = {k: v for k, v in before.items() if data["object"].get(k) != v}
        return {**body, "data": data}
    return _Downgrade(version, find).apply(kind, body)


def _overlaid(body: Raw, previous: Raw) -> Raw:
    """What `body` was before, by what its event says of it."""
    nested = {
        name: _overlaid(body[name], value)
        for name, value in previous.items()
        if isinstance(value, dict) and isinstance(body.get(name), dict)
    }
    return {**body, **previous, **nested}


class _Downgrade:
    def __init__(self, version: Version, find: Find) -> None:
        self._acacia = version == "acacia"
        self._find = find

    def apply(self, kind: str, body: Raw) -> Raw:
        convert = {
            "customer": self._customer,
            "credit_note": self._credit_note,
            "discount": self._discount,
            "invoice": self._invoice,
            "invoiceitem": self._invoiceitem,
            "line_item": self._line,
            "price": self._price,
            "subscription": self._subscription,
            "subscription_schedule": self._schedule,
        }.get(kind)
        return dict(body) if convert is None else convert(body)

    def _discount(self, body: Raw) -> Raw:
        older = {name: value for name, value in body.items() if name not in ("source", "customer_account")}
        coupon = body["source"]["coupon"]
        if isinstance(coupon, str):
            coupon = self._find("coupon", coupon)
        if coupon is not None:
            coupon = {name: value for name, value in coupon.items() if name != "applies_to"}
        return {**older, "coupon": coupon}

    def _discounts(self, values: list[Any]) -> list[Any]:
        return [self._discount(value) if isinstance(value, dict) else value for value in values]

    def _embedded_discount(self, values: list[Any]) -> Raw | None:
        """The one `discount` object of the older shape: the first, when there are several."""
        if not values:
            return None
        first = values[0] if isinstance(values[0], dict) else self._find("discount", values[0])
        return None if first is None else self._discount(first)

    def _customer(self, body: Raw) -> Raw:
        if body.get("discount") is None:
            return dict(body)
        return {**body, "discount": self._discount(body["discount"])}

    def _price(self, body: Raw) -> Raw:
        recurring = body["recurring"]
        if recurring is None or not self._acacia:
            return dict(body)
        return {**body, "recurring": {**recurring, "aggregate_usage": None}}

    def _plan(self, price: Raw) -> Raw | None:
        recurring = price["recurring"]
        if recurring is None:
            return None
        plan = {
            "id": price["id"],
            "object": "plan",
            "active": price["active"],
            "aggregate_usage": None,
            "amount": price["unit_amount"],
            "amount_decimal": price["unit_amount_decimal"],
            "billing_scheme": price["billing_scheme"],
            "created": price["created"],
            "currency": price["currency"],
            "interval": recurring["interval"],
            "interval_count": recurring["interval_count"],
            "livemode": price["livemode"],
            "metadata": price["metadata"],
            "meter": recurring["meter"],
            "nickname": price["nickname"],
            "product": price["product"],
            "tiers_mode": price["tiers_mode"],
            "transform_usage": price["transform_quantity"],
            "trial_period_days": None,
            "usage_type": recurring["usage_type"],
        }
        return {**plan, "tiers": price["tiers"]} if "tiers" in price else plan

    def _subscription(self, body: Raw) -> Raw:
        items = [self._item(item) for item in body["items"]["data"]]
        older = {**body, "items": {**body["items"], "data": items}}
        older["discounts"] = self._discounts(body["discounts"])
        older.pop("billing_schedules", None)
        older.pop("customer_account", None)
        if not self._acacia:
            return older
        older.pop("billing_mode", None)
        older["discount"] = self._embedded_discount(body["discounts"])
        periods = body["items"]["data"]
        older["current_period_start"] = min(item["current_period_start"] for item in periods)
        older["current_period_end"] = max(item["current_period_end"] for item in periods)
        single = items[0] if len(items) == 1 else None
        older["plan"] = single["plan"] if single else None
        older["quantity"] = single.get("quantity") if single else None
        return older

    def _item(self, item: Raw) -> Raw:
        older = {**item, "price": self._price(item["price"]), "plan": self._plan(item["price"])}
        older["discounts"] = self._discounts(item["discounts"])
        if self._acacia:
            older.pop("current_period_start")
            older.pop("current_period_end")
        return older

    def _invoice(self, body: Raw) -> Raw:
        lines = [self._line(line) for line in body["lines"]["data"]]
        older = {**body, "lines": {**body["lines"], "data": lines}}
        older["discounts"] = self._discounts(body["discounts"])
        older.pop("amount_paid_off_stripe")
        if not self._acacia:
            return older
        parent = older.pop("parent")
        details = parent["subscription_details"] if parent else None
        older["subscription"] = details["subscription"] if details else None
        older["subscription_details"] = {"metadata": details["metadata"]} if details else None
        older["paid"] = body["status"] == "paid"
        older["discount"] = self._embedded_discount(body["discounts"])
        older["charge"] = None
        older["total_tax_amounts"] = [_tax_amount(tax) for tax in older.pop("total_taxes")]
        older["tax"] = sum(tax["amount"] for tax in body["total_taxes"]) or None
        return older

    def _line(self, line: Raw) -> Raw:
        older = {name: value for name, value in line.items() if name not in ("quantity_decimal", "subtotal")}
        older["discounts"] = self._discounts(line["discounts"])
        details, field = _details(line["parent"])
        if not self._acacia:
            older["parent"] = {**line["parent"], field: {**details, "proration_details": None}}
            return older
        older["type"] = "invoiceitem" if details["invoice_item"] else "subscription"
        older["subscription"] = details["subscription"]
        older["subscription_item"] = details.get("subscription_item")
        older["invoice_item"] = details["invoice_item"]
        older["proration"] = details["proration"]
        older["proration_details"] = details["proration_details"]
        older["tax_amounts"] = [_tax_amount(tax) for tax in older.pop("taxes")]
        older["tax_rates"] = []
        del older["parent"]
        older["unit_amount_excluding_tax"] = _unit(line)
        return self._priced(older)

    def _invoiceitem(self, body: Raw) -> Raw:
        older = {
            name: value for name, value in body.items() if name not in ("quantity_decimal", "net_amount")
        }
        older["discounts"] = self._discounts(body["discounts"])
        older.pop("proration_details")
        if not self._acacia:
            return older
        parent = older.pop("parent")
        details = parent["subscription_details"] if parent else {}
        older["subscription"] = details.get("subscription")
        older["subscription_item"] = details.get("subscription_item")
        unit = _unit(body)
        older["unit_amount"] = int(unit) if unit is not None and "." not in unit else None
        older["unit_amount_decimal"] = unit
        return self._priced(older)

    def _priced(self, older: Raw) -> Raw:
        """`pricing` with ids becomes whole `price` and `plan` objects."""
        pricing = older.pop("pricing")
        price = self._find("price", pricing["price_details"]["price"]) if pricing else None
        older["price"] = None if price is None else self._price(price)
        older["plan"] = None if price is None else self._plan(price)
        return older

    def _schedule(self, body: Raw) -> Raw:
        if not self._acacia:
            return dict(body)
        phases = []
        for phase in body["phases"]:
            items = [{**item, "plan": item["price"]} for item in phase["items"]]
            phases.append({**phase, "items": items, "coupon": None})
        return {name: v for name, v in {**body, "phases": phases}.items() if name != "billing_mode"}

    def _credit_note(self, body: Raw) -> Raw:
        if not self._acacia:
            return dict(body)
        older = {name: value for name, value in body.items() if name not in ("refunds", "total_taxes")}
        older["refund"] = body["refunds"][0]["refund"] if body["refunds"] else None
        older["tax_amounts"] = [_tax_amount(tax) for tax in body["total_taxes"]]
        return older


def _details(parent: Raw) -> tuple[Raw, str]:
    field = parent["type"]
    return parent[field], field


def _unit(body: Raw) -> str | None:
    return body["pricing"]["unit_amount_decimal"] if body["pricing"] else None


def _tax_amount(tax: Raw) -> Raw:
    return {
        "amount": tax["amount"],
        "inclusive": tax["tax_behavior"] == "inclusive",
        "tax_rate": tax["tax_rate_details"]["tax_rate"],
        "taxability_reason": tax["taxability_reason"],
        "taxable_amount": tax["taxable_amount"],
    }
