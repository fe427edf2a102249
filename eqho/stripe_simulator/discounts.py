"""Discounts put on and taken off subscriptions, items and customers."""

from functools import partial

from eqho.stripe_simulator import render
from eqho.stripe_simulator.calendar import shift
from eqho.stripe_simulator.engine import FIRST, SimulationError
from eqho.stripe_simulator.payments import Payments
from eqho.stripe_simulator.state import ENDED, Customer, Item, Subscription
from eqho.stripe_simulator.terms import Discount


class Discounts(Payments):
    def apply_discount(self, subscription_id: str, coupon: str, *, item: str | None = None) -> str:
        """From now on, on the subscription or on one of its items. Returns the id of the discount."""
        sub = self._subscriptions[subscription_id]
        target = next((i for i in sub.items if i.id == item), None)
        discount = self._add_discount(sub, coupon, target)
        self._publish(sub)
        return discount.id

    def remove_discount(self, subscription_id: str, discount_id: str) -> None:
        sub = self._subscriptions[subscription_id]
        if not self._take_off(sub, discount_id):
            raise SimulationError(f"{discount_id} is not at work on {subscription_id}.")
        self._publish(sub)

    def discount_customer(self, customer_id: str, coupon: str) -> str:
        """On every subscription of the customer that has no discount of its own."""
        customer = self._customers[customer_id]
        customer.discount = self._new_discount(coupon, customer)
        self._publish_customer(customer)
        self._observe_all(customer)
        if customer.discount.end is not None:
            self._at(customer.discount.end, partial(self._expire_for, customer, customer.discount), FIRST)
        return customer.discount.id

    def _new_discount(
        self, coupon_id: str, customer: Customer, subscription: str | None = None, item: str | None = None
    ) -> Discount:
        coupon = self._coupons[coupon_id]
        coupon.redeemed += 1
        self.account.put("coupon", render.coupon(coupon))
        discount = Discount(
            id=self._ids.new("di"),
            coupon=coupon,
            customer=customer.id,
            start=self.now,
            end=shift(self.now, "month", coupon.months) if coupon.months else None,
            subscription=subscription,
            item=item,
        )
        self._emit("customer.discount.created", render.discount(discount), listed=False)
        return discount

    def _add_discount(self, sub: Subscription, coupon_id: str, item: Item | None) -> Discount:
        discount = self._new_discount(coupon_id, sub.customer, sub.id, item.id if item else None)
        (sub.discounts if item is None else item.discounts).append(discount)
        if discount.end is not None:
            self._at(discount.end, partial(self._expire_on, sub, discount), FIRST)
        return discount

    def _take_off(self, sub: Subscription, discount_id: str) -> bool:
        for discounts in (sub.discounts, *(item.discounts for item in sub.items)):
            for discount in discounts:
                if discount.id == discount_id:
                    discounts.remove(discount)
                    self._discount_gone(discount)
                    return True
        return False

    def _expire_on(self, sub: Subscription, discount: Discount) -> None:
        if sub.status not in ENDED and self._take_off(sub, discount.id):
            self._publish(sub)

    def _expire_for(self, customer: Customer, discount: Discount) -> None:
        if customer.discount is discount and not customer.deleted:
            customer.discount = None
            self._discount_gone(discount)
            self._publish_customer(customer)
            self._observe_all(customer)

    def _observe_all(self, customer: Customer) -> None:
        for sub in self._subscriptions.values():
            if sub.customer is customer:
                self._observe(sub, self.now)
