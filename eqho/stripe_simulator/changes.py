"""Changes of a running subscription: prices, quantities, items, with Stripe's prorations."""

from collections.abc import Mapping

from eqho.stripe_simulator import entries
from eqho.stripe_simulator.engine import SimulationError
from eqho.stripe_simulator.state import Entry, Item, Proration, Subscription
from eqho.stripe_simulator.subscriptions import Subscriptions
from eqho.stripe_simulator.terms import Price


class Changes(Subscriptions):
    def items_of(self, subscription_id: str) -> list[str]:
        return [item.id for item in self._subscriptions[subscription_id].items]

    def first_item(self, subscription_id: str) -> tuple[str, int | None]:
        """Price and quantity of the first item."""
        item = self._subscriptions[subscription_id].items[0]
        return item.price.id, item.quantity

    def change_price(
        self,
        subscription_id: str,
        price: str,
        *,
        quantity: int | None = None,
        item: str | None = None,
        proration: Proration = "create_prorations",
    ) -> None:
        """Of one item, the first by default. Another interval starts a new cycle and is billed at once."""
        target = self._item(self._living(subscription_id), item)
        wanted = target.quantity if quantity is None else quantity
        self.change(subscription_id, {target.id: (price, wanted)}, proration=proration)

    def change_quantity(
        self,
        subscription_id: str,
        quantity: int,
        *,
        item: str | None = None,
        proration: Proration = "create_prorations",
    ) -> None:
        target = self._item(self._living(subscription_id), item)
        self.change(subscription_id, {target.id: (target.price.id, quantity)}, proration=proration)

    def change(
        self,
        subscription_id: str,
        wanted: Mapping[str, tuple[str, int | None]],
        *,
        proration: Proration = "create_prorations",
    ) -> None:
        """Several items at once: item → (price, quantity)."""
        sub = self._living(subscription_id)
        changed = [item for item in sub.items if item.id in wanted]
        new = {i.id: (self._priced(wanted[i.id][0], sub), wanted[i.id][1]) for i in changed}
        restarts = _restarts(sub, new)
        credited = sub.items if restarts else changed
        charged = self._remaining(sub, credited, -1) if proration != "none" else []
        for item in changed:
            item.price, item.quantity = new[item.id]
        if restarts and sub.status in ("active", "past_due"):
            self._new_cycle(sub, charged)
            return
        if proration != "none":
            charged += self._remaining(sub, changed, 1)
        self._book(sub, charged, proration)

    def add_item(
        self,
        subscription_id: str,
        price: str,
        quantity: int | None = 1,
        *,
        proration: Proration = "create_prorations",
    ) -> str:
        sub = self._living(subscription_id)
        item = Item(self._ids.new("si"), self._priced(price, sub), quantity, self.now)
        if _interval(item.price) != _interval(sub.items[0].price) or item.price.currency != sub.currency:
            raise SimulationError("All prices of a subscription share one currency and one interval.")
        sub.items.append(item)
        self._book(sub, self._remaining(sub, [item], 1) if proration != "none" else [], proration)
        return item.id

    def remove_item(
        self, subscription_id: str, item: str, *, proration: Proration = "create_prorations"
    ) -> None:
        sub = self._living(subscription_id)
        target = self._item(sub, item)
        if len(sub.items) == 1:
            raise SimulationError(f"{item} is the last item of {subscription_id}: cancel the subscription.")
        charged = self._remaining(sub, [target], -1) if proration != "none" else []
        sub.items.remove(target)
        self._book(sub, charged, proration)

    def _remaining(self, sub: Subscription, items: list[Item], sign: int) -> list[Entry]:
        """Credit (−1) or charge (+1) of the rest of the period for the items as they stand.

        Nothing is prorated on trial, and a credit of nothing is not written.
        """
        if sub.status not in ("active", "past_due"):
            return []
        share = entries.share_of_period(sub, self.now)
        charged: list[Entry] = []
        for item in items:
            if item.quantity is None or (sign < 0 and not item.price.amount(item.quantity)):
                continue
            charged += entries.proration(
                sub, item, item.price, item.quantity, self.now, sub.period_end, share, sign
            )
        return charged

    def _book(self, sub: Subscription, charged: list[Entry], proration: Proration) -> None:
        """Leave the prorations pending for the next invoice, or invoice them at once."""
        for entry in charged:
            self._pend(entry)
        if charged and proration == "always_invoice":
            taken = self._take_pending(sub.customer, sub, sub.currency)
            bill = self._invoice(sub.customer, sub, "subscription_update", taken)
            self._publish(sub)
            self._finalise(bill)
        else:
            self._publish(sub)

    def _new_cycle(self, sub: Subscription, credits_: list[Entry]) -> None:
        for entry in credits_:
            self._pend(entry)
        charged = self._take_pending(sub.customer, sub, sub.currency) + self._arrears(sub)
        sub.anchor = self.now
        sub.cycle = 0
        self._begin_period(sub)
        for item in sub.items:
            charged += entries.full_period(sub, item, sub.period_start, sub.period_end)
        bill = self._invoice(sub.customer, sub, "subscription_update", charged)
        self._publish(sub)
        self._finalise(bill)

    def _item(self, sub: Subscription, item_id: str | None) -> Item:
        for item in sub.items:
            if item_id in (None, item.id):
                return item
        raise SimulationError(f"{sub.id} has no item {item_id}.")


def _interval(price: Price) -> tuple[str | None, int]:
    return price.interval, price.count


def _restarts(sub: Subscription, new: Mapping[str, tuple[Price, int | None]]) -> bool:
    """Another interval, or the step from free to paid, starts a new billing cycle."""
    after = [new.get(item.id, (item.price, item.quantity)) for item in sub.items]
    intervals = {_interval(price) for price, _ in after}
    if len(intervals) != 1:
        raise SimulationError(
            "All prices of a subscription share one interval: change all its items at once."
        )
    if intervals != {_interval(sub.items[0].price)}:
        return True
    was_free = not any(item.price.amount(item.quantity or 0) for item in sub.items)
    return was_free and any(price.amount(quantity or 0) for price, quantity in after)
