"""Products, prices and coupons: what is sold, at which terms."""

from collections.abc import Iterable, Mapping
from copy import copy
from decimal import Decimal
from typing import Self

import msgspec

from eqho.billing import wire
from eqho.billing.objects import Coupon, Interval, Price, Product, Tier
from eqho.billing.reading import Reader
from eqho.money import known_currencies
from eqho.names import readable

_INTERVALS: dict[str, Interval] = {"day": "day", "week": "week", "month": "month", "year": "year"}


def id_of(reference: str | wire.Ref | None) -> str | None:
    return reference.id if isinstance(reference, wire.Ref) else reference


def read_product(raw: wire.Product) -> Product:
    return Product(
        id=raw.id,
        name=readable(raw.name),
        active=raw.active is not False,
        metadata=raw.metadata or {},
    )


class Prices:
    """Prices by id: those `known`, and `own` ones: those listed here, and those that only appear inside a
    subscription or an invoice."""

    def __init__(
        self, listed: Iterable[wire.Price], reader: Reader, known: Mapping[str, Price] | None = None
    ) -> None:
        self.own: dict[str, Price] = {}
        self._known = known or {}
        self.asked: set[str] = set()
        """Ids that were looked up, whether or not they are known."""
        self._reader = reader
        for raw in listed:
            self._add(raw)

    def get(self, price_id: str) -> Price | None:
        self.asked.add(price_id)
        return self.own.get(price_id) or self._known.get(price_id)

    def resolve(self, named: str | wire.Price | wire.Plan) -> Price | None:
        """The listed price, which has its tiers, before the one that is included. None: not known."""
        if isinstance(named, str):
            return self.get(named)
        return self.get(named.id) or self._add(named)

    def in_currency(self, price: Price, currency: str) -> Price | None:
        """The price as it is charged in `currency`; a price may be offered in several."""
        if price.currency == currency:
            return price
        return price.options.get(currency)

    def _add(self, named: wire.Price | wire.Plan) -> Price | None:
        raw = _as_price(named) if isinstance(named, wire.Plan) else named
        price = self._read(raw)
        if price is not None:
            offered = (raw.currency_options or {}).items()
            others = {c: _in_currency(price, c, option) for c, option in offered if c != price.currency}
            price = msgspec.structs.replace(price, options=others) if others else price
            self.own[price.id] = price
        return price

    def _read(self, raw: wire.Price) -> Price | None:
        if raw.currency not in known_currencies():
            self._leave_out("unknown_currency", f"has the unknown currency {raw.currency!r}", raw.id)
            return None
        recurring = raw.recurring
        interval = _INTERVALS.get(recurring.interval) if recurring else None
        if recurring and interval is None:
            self._leave_out("unknown_interval", f"has the unknown interval {recurring.interval!r}", raw.id)
            return None
        unit_amount = _first(raw.unit_amount_decimal, raw.unit_amount)
        tiers = _tiers(raw.tiers)
        amounts = [unit_amount or Decimal(0), *(a for t in tiers for a in (t.unit_amount, t.flat_amount))]
        if not all(amount.is_finite() for amount in amounts):
            self._leave_out("unreadable_price", "has an amount that is not a number", raw.id)
            return None
        transform = raw.transform_quantity
        return Price(
            id=raw.id,
            product=id_of(raw.product) or "",
            currency=raw.currency,
            unit_amount=unit_amount,
            interval=interval,
            interval_count=recurring.interval_count if recurring else 1,
            metered=recurring is not None and recurring.usage_type == "metered",
            tiers_mode=raw.tiers_mode if tiers else None,
            tiers=tiers,
            tiered=raw.tiers_mode is not None,
            divide_by=transform.divide_by if transform else 1,
            round_up=transform.round == "up" if transform else True,
            nickname=readable(raw.nickname or ""),
        )

    def _leave_out(self, code: str, what: str, price: str) -> None:
        self._reader.leave_out(code, f"A price {what}: what is billed on it is left out.", price)


def _as_price(plan: wire.Plan) -> wire.Price:
    return wire.Price(
        id=plan.id,
        currency=plan.currency,
        product=plan.product,
        unit_amount=plan.amount,
        unit_amount_decimal=plan.amount_decimal,
        recurring=wire.Recurring(plan.interval, plan.interval_count, plan.usage_type),
        tiers_mode=plan.tiers_mode,
        tiers=plan.tiers,
        transform_quantity=plan.transform_usage,
        nickname=plan.nickname,
    )


def _in_currency(price: Price, currency: str, option: wire.CurrencyOption) -> Price:
    tiers = _tiers(option.tiers)
    return msgspec.structs.replace(
        price,
        currency=currency,
        unit_amount=_first(option.unit_amount_decimal, option.unit_amount),
        tiers=tiers,
        tiers_mode=price.tiers_mode if tiers else None,
    )


def _tiers(raw: list[wire.Tier] | None) -> tuple[Tier, ...]:
    return tuple(
        Tier(
            up_to=tier.up_to if isinstance(tier.up_to, int) else None,
            unit_amount=_first(tier.unit_amount_decimal, tier.unit_amount) or Decimal(0),
            flat_amount=_first(tier.flat_amount_decimal, tier.flat_amount) or Decimal(0),
        )
        for tier in raw or ()
    )


def _first(exact: Decimal | None, rounded: Decimal | None) -> Decimal | None:
    """`*_decimal` carries the fractions of a cent that its integer twin cannot."""
    return rounded if exact is None else exact


class Coupons:
    """Coupons by id."""

    def __init__(self, listed: Iterable[wire.Coupon], reader: Reader) -> None:
        self._reader = reader
        self.asked: set[str] = set()
        """Ids that were looked up, whether or not they are known."""
        self._listed = {raw.id: (raw, coupon) for raw in listed if (coupon := self._read(raw))}

    def told_to(self, reader: Reader) -> Self:
        """The same coupons for another reader, who is told what cannot be read."""
        same = copy(self)
        same._reader = reader
        same.asked = set()
        return same

    def unlike(self, other: Self) -> set[str]:
        """Ids of those that are not the same in both."""
        names = self._listed.keys() | other._listed.keys()
        return {name for name in names if self._listed.get(name) != other._listed.get(name)}

    def resolve(self, named: str | wire.Coupon | None) -> Coupon | None:
        """The coupon meant, None if it is only named and not known.

        An included coupon does not tell the products it applies to, so the listed one is preferred; unless
        that is a later coupon under the same id, which a customer may choose freely.
        """
        if named is None:
            return None
        found = self._found(named if isinstance(named, str) else named.id)
        if isinstance(named, str):
            return found[1] if found else None
        if found and (named.created is None or named.created == found[0].created):
            return found[1]
        return self._read(named)

    def months(self, named: str | wire.Coupon | None) -> int | None:
        """How long a repeating coupon lasts."""
        if isinstance(named, str):
            found = self._found(named)
            return found[0].duration_in_months if found else None
        return named.duration_in_months if named else None

    def _found(self, coupon_id: str) -> tuple[wire.Coupon, Coupon] | None:
        self.asked.add(coupon_id)
        return self._listed.get(coupon_id)

    def _read(self, raw: wire.Coupon) -> Coupon | None:
        percent_off = _first(raw.percent_off_precise, raw.percent_off)
        amounts_off = {c: option.amount_off for c, option in (raw.currency_options or {}).items()}
        if raw.amount_off is not None and raw.currency:
            amounts_off[raw.currency] = raw.amount_off
        if not (amounts_off if percent_off is None else _is_percentage(percent_off)):
            self._reader.leave_out(
                "unreadable_coupon",
                "A coupon says neither a percentage from 0 to 100 nor an amount with its currency: "
                "its discounts are left out.",
                raw.id,
            )
            return None
        return Coupon(
            id=raw.id,
            duration=raw.duration,
            percent_off=percent_off,
            amounts_off=amounts_off,
            products=frozenset(raw.applies_to.products) if raw.applies_to else frozenset(),
            name=readable(raw.name or ""),
        )


def _is_percentage(value: Decimal) -> bool:
    return value.is_finite() and 0 <= value <= 100
