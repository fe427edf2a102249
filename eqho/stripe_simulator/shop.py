"""Catalogue and customers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from eqho.stripe_simulator import render
from eqho.stripe_simulator.calendar import Interval
from eqho.stripe_simulator.engine import Core
from eqho.stripe_simulator.state import Customer
from eqho.stripe_simulator.terms import Coupon, Duration, Price, Product, TaxRate, Tier


class Shop(Core):
    """Creates return the id of the new object. Amounts are minor units."""

    def create_product(self, name: str, metadata: Mapping[str, str] | None = None) -> str:
        product = Product(self._ids.new("prod"), name, self.now, dict(metadata or {}))
        self._products[product.id] = product
        self._emit("product.created", render.product(product))
        return product.id

    def create_price(
        self,
        product: str,
        unit: int | str | None,
        *,
        currency: str = "usd",
        interval: Interval | None = "month",
        count: int = 1,
        metered: bool = False,
        tiers: Sequence[tuple[int | None, int | str, int]] = (),
        tiers_mode: Literal["graduated", "volume"] | None = None,
        divide_by: int = 1,
        nickname: str | None = None,
        listed: bool = True,
        options: Mapping[str, int | str] | None = None,
    ) -> str:
        """`tiers` are (up to, unit, flat). Packages of `divide_by` round up. Not `listed`: inline.

        `options` are units in other currencies; who pays in one subscribes to `<id>@<currency>`."""
        price = Price(
            id=self._ids.new("price"),
            product=self._products[product],
            created=self.now,
            currency=currency,
            unit=None if unit is None else Decimal(unit),
            interval=interval,
            count=count,
            metered=metered,
            tiers_mode=tiers_mode,
            tiers=tuple(Tier(up_to, Decimal(amount), flat) for up_to, amount, flat in tiers),
            divide_by=divide_by,
            nickname=nickname,
            active=listed,
            listed=listed,
        )
        self._prices[price.id] = price
        price.options = tuple(
            replace(price, currency=other, unit=Decimal(amount), base=price)
            for other, amount in (options or {}).items()
        )
        for option in price.options:
            self._prices[f"{price.id}@{option.currency}"] = option
        self._emit("price.created", render.price(price, tiers=True), listed=listed)
        return price.id

    def archive_price(self, price_id: str) -> None:
        """No longer for sale; subscriptions on it go on."""
        price = self._prices[price_id]
        price.active = False
        self._emit("price.updated", render.price(price, tiers=True), {"active": True}, listed=price.listed)

    def create_coupon(
        self,
        coupon_id: str,
        *,
        percent: int | str | None = None,
        amount: int | None = None,
        currency: str | None = None,
        duration: Duration = "forever",
        months: int | None = None,
        products: Sequence[str] = (),
    ) -> str:
        coupon = Coupon(
            id=coupon_id,
            created=self.now,
            name=coupon_id.title(),
            percent=None if percent is None else Decimal(percent),
            amount=amount,
            currency=currency,
            duration=duration,
            months=months,
            products=frozenset(products),
        )
        self._coupons[coupon.id] = coupon
        self._emit("coupon.created", render.coupon(coupon))
        return coupon.id

    def delete_coupon(self, coupon_id: str) -> None:
        """Nobody can use it any more; the discounts that came of it go on."""
        self._emit("coupon.deleted", render.coupon(self._coupons[coupon_id]))
        self.account.remove("coupon", coupon_id)

    def create_tax_rate(self, percent: int | str, *, inclusive: bool) -> str:
        rate = TaxRate(self._ids.new("txr"), self.now, Decimal(percent), inclusive)
        self._taxes[rate.id] = rate
        return rate.id

    def create_customer(self, name: str, email: str, metadata: Mapping[str, str] | None = None) -> str:
        customer_id = self._ids.new("cus")
        prefix = customer_id[-8:].upper()
        customer = Customer(customer_id, self.now, name, email, prefix, metadata=dict(metadata or {}))
        self._customers[customer.id] = customer
        self._publish_customer(customer, "created")
        return customer.id
