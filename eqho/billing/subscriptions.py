"""Subscriptions with their items, and schedules with their phases."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from eqho.billing import wire
from eqho.billing.catalogue import Prices, id_of
from eqho.billing.discounts import Discounts
from eqho.billing.objects import Discount, Item, Phase, PhaseItem, Price, Schedule, Subscription
from eqho.billing.reading import CUT_OFF, Reader
from eqho.money import known_currencies


class Subscriptions:
    """Reads subscriptions and schedules against one catalogue.

    `of_customers` are the discounts that customers carry or carried once, by customer and id.
    """

    def __init__(
        self,
        prices: Prices,
        discounts: Discounts,
        of_customers: Mapping[str, Mapping[str, Discount]],
        reader: Reader,
    ) -> None:
        self._prices = prices
        self._discounts = discounts
        self._of_customers = of_customers
        self._reader = reader

    def subscription(self, raw: wire.Subscription) -> Subscription | None:
        if raw.items.has_more:
            self._reader.leave_out("truncated_list", CUT_OFF, raw.id)
        currency = raw.currency or next((c for i in raw.items.data if (c := self._price_currency(i))), "")
        if currency not in known_currencies():
            self._reader.leave_out(
                "unknown_currency",
                f"A subscription has the unknown currency {currency!r} and is left out.",
                raw.id,
            )
            return None
        items = tuple(item for each in raw.items.data if (item := self._item(each, raw, currency)))
        customer = id_of(raw.customer) or ""
        discounts = self._discounts.of(raw.discounts, raw.discount)
        if not discounts and not any(item.discounts for item in items):
            discounts = tuple(self._of_customers.get(customer, {}).values())
        pause = raw.pause_collection
        return Subscription(
            id=raw.id,
            customer=customer,
            status=raw.status,
            currency=currency,
            items=items,
            created=raw.created,
            start=raw.created if raw.start_date is None else raw.start_date,
            discounts=discounts,
            trial_start=raw.trial_start,
            trial_end=raw.trial_end,
            cancel_at=raw.cancel_at,
            cancel_at_period_end=raw.cancel_at_period_end is True,
            canceled_at=raw.canceled_at,
            ended_at=raw.ended_at,
            pause=pause.behavior if pause else None,
            pause_resumes_at=pause.resumes_at if pause else None,
            collection_method=raw.collection_method or "charge_automatically",
            schedule=id_of(raw.schedule),
            latest_invoice=id_of(raw.latest_invoice),
            pending_update=raw.pending_update is not None,
            pauses_after_trial=_pauses_after_trial(raw),
        )

    def _price_currency(self, item: wire.SubscriptionItem) -> str | None:
        named = item.price or item.plan
        price = self._prices.resolve(named) if named else None
        return price.currency if price else None

    def _item(self, raw: wire.SubscriptionItem, owner: wire.Subscription, currency: str) -> Item | None:
        price = self._item_price(raw, currency)
        if price is None:
            return None
        return Item(
            id=raw.id,
            price=price,
            quantity=_quantity(raw.quantity, price),
            created=owner.created if raw.created is None else raw.created,
            discounts=self._discounts.of(raw.discounts),
            period_start=raw.current_period_start or owner.current_period_start,
            period_end=raw.current_period_end or owner.current_period_end,
            inclusive_tax_percent=_inclusive_percent(raw.tax_rates or owner.default_tax_rates or []),
        )

    def _item_price(self, raw: wire.SubscriptionItem, currency: str) -> Price | None:
        """None, and reported, where the item cannot be valued."""
        named = raw.price or raw.plan
        price = self._prices.resolve(named) if named else None
        charged = self._prices.in_currency(price, currency) if price else None
        fault = _fault(price, charged)
        if fault:
            subject = raw.id if not named else named if isinstance(named, str) else named.id
            self._leave_out_item(*fault, subject)
        return None if fault else charged

    def _leave_out_item(self, code: str, what: str, subject: str) -> None:
        message = f"{what}: the item is left out, the rest of its subscription stays."
        self._reader.leave_out(code, message, subject)

    def schedule(self, raw: wire.SubscriptionSchedule) -> Schedule:
        """A schedule that was released or canceled says nothing from that instant on."""
        stopped = raw.released_at or raw.canceled_at
        return Schedule(
            id=raw.id,
            subscription=id_of(raw.subscription) or raw.released_subscription,
            phases=tuple(
                self._phase(
                    phase, phase.end_date if stopped is None else min(phase.end_date, stopped), raw.id
                )
                for phase in raw.phases
                if stopped is None or phase.start_date < stopped
            ),
            status=raw.status,
        )

    def _phase(self, raw: wire.Phase, end: int, schedule: str) -> Phase:
        start = raw.start_date
        return Phase(
            start=start,
            end=end,
            items=tuple(self._phase_items(raw.items, start, schedule)),
            discounts=self._discounts.planned(raw.discounts or (), raw.coupon, start),
        )

    def _phase_items(self, raws: list[wire.PhaseItem], start: int, schedule: str) -> Iterator[PhaseItem]:
        for raw in raws:
            price_id = id_of(raw.price) or id_of(raw.plan)
            if price_id is None:
                self._leave_out_item(
                    "missing_price", "An item of a schedule's phase names no price", schedule
                )
                continue
            yield PhaseItem(
                price=price_id,
                quantity=_quantity(raw.quantity, self._prices.get(price_id)),
                discounts=self._discounts.planned(raw.discounts or (), None, start),
            )


def _fault(price: Price | None, charged: Price | None) -> tuple[str, str] | None:
    """(code, what is wrong) with an item's price; `charged` is that price in the subscription's currency."""
    if price is None:
        return (
            "missing_price",
            "A subscription item's price is neither listed nor included in it",
        )
    if charged is None:
        return "missing_currency_option", "A price is not known in the currency its subscription is billed in"
    if charged.interval is None:
        return "one_time_price", "A subscription item has a one-time price"
    valued = charged.unit_amount is not None or charged.tiers or charged.metered
    if not valued and not charged.of_unknown_tiers:
        return "price_without_amount", "A price has neither an amount nor tiers"
    return None


def _quantity(stated: int | None, price: Price | None) -> int | None:
    """Usage has no quantity; anything else that states none is one."""
    if stated is None and not (price and price.metered):
        return 1
    return stated


def _inclusive_percent(rates: list[wire.TaxRate]) -> Decimal:
    return sum(
        (
            rate.percentage if rate.effective_percentage is None else rate.effective_percentage
            for rate in rates
            if rate.inclusive
        ),
        Decimal(0),
    )


def _pauses_after_trial(raw: wire.Subscription) -> bool:
    behavior = raw.trial_settings.end_behavior if raw.trial_settings else None
    return behavior is not None and behavior.missing_payment_method == "pause"
