"""Prices whose tiers no source tells: what a quantity costs is what it was billed at.

Stripe lets nobody change a price's tiers, so one quantity of one price costs the same in every full period.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from decimal import Decimal

from msgspec.structs import replace

from eqho.billing.catalogue import Prices
from eqho.billing.objects import Invoice, Item, Line, Price, Snapshot, Subscription
from eqho.billing.reading import Reader

Billed = Mapping[tuple[str, str], Mapping[Decimal, int]]
"""By price and currency: minor units of a full period before discounts, by quantity."""
Billings = Mapping[tuple[str, str, Decimal], tuple[int, str, int]]
"""By price, currency and quantity: when and on which invoice it was billed last, and the minor units."""

_LEFT_OUT = (
    "A price's tiers are not known and no invoice bills it at this quantity: the item is left out, the rest "
    "of its subscription stays."
)


class BilledTiers:
    """Completes what was read. Of `prices` the own ones are changed in place; those that were known before
    know what is billed."""

    def __init__(self, prices: Prices, billed: Billed, reader: Reader) -> None:
        self._reader = reader
        self._prices = prices
        complete(prices.own, billed)

    def subscription(self, read: Subscription | None) -> Subscription | None:
        """Without the items that nothing values, which are reported."""
        if read is None or not any(item.price.of_unknown_tiers for item in read.items):
            return read
        return replace(read, items=tuple(item for each in read.items if (item := self._item(each))))

    def snapshot(self, read: Snapshot) -> Snapshot:
        subscription = self.subscription(read.subscription)
        assert subscription is not None
        return read if subscription is read.subscription else replace(read, subscription=subscription)

    def _item(self, item: Item) -> Item | None:
        if not item.price.of_unknown_tiers:
            return item
        known = self._prices.get(item.price.id)
        price = item.price if known is None else known.in_currency(item.price.currency)
        if Decimal(item.quantity or 0) not in price.billed:
            self._reader.leave_out("price_without_amount", _LEFT_OUT, price.id)
            return None
        return replace(item, price=price)


def complete(prices: MutableMapping[str, Price], billed: Billed) -> None:
    """Tell the prices of unknown tiers what is billed."""
    for name in unknown_tiers(prices):
        prices[name] = _with_billed(prices[name], billed)


def unknown_tiers(prices: Mapping[str, Price]) -> set[str]:
    """In one of their currencies: Stripe tells the tiers of another than a price's own on request only."""
    return {
        price.id
        for price in prices.values()
        if price.of_unknown_tiers or any(option.of_unknown_tiers for option in price.options.values())
    }


def billings(invoices: Iterable[Invoice | None], prices: Collection[str]) -> Billings:
    """Each tier has a line of its own. A line of nothing is a trial's, or says what units beyond cost."""
    found: dict[tuple[str, str, Decimal], tuple[int, str, int]] = {}
    for invoice in invoices if prices else ():
        if invoice is None:
            continue
        together: dict[tuple[str, str | None, int, int], list[Line]] = defaultdict(list)
        for line in invoice.lines:
            if line.price in prices and not line.proration:
                together[line.price or "", line.item, line.start, line.end].append(line)
        for (price, _, _, _), lines in together.items():
            amount = sum(line.amount for line in lines)
            quantity = sum((line.quantity or Decimal(0) for line in lines), Decimal(0))
            key = price, invoice.currency, quantity
            if amount and found.get(key, (0, "", 0))[:2] <= (invoice.created, invoice.id):
                found[key] = invoice.created, invoice.id, amount
    return found


def latest(several: Iterable[Billings]) -> Billings:
    """Of all of them, what was billed last."""
    found: dict[tuple[str, str, Decimal], tuple[int, str, int]] = {}
    for each in several:
        for key, told in each.items():
            found[key] = max(found.get(key, told), told)
    return found


def by_price(several: Billings) -> Billed:
    found: dict[tuple[str, str], dict[Decimal, int]] = defaultdict(dict)
    for (price, currency, quantity), (_, _, amount) in several.items():
        found[price, currency][quantity] = amount
    return found


def _with_billed(price: Price, billed: Billed) -> Price:
    others = {
        currency: replace(option, billed=billed.get((price.id, currency), {}))
        for currency, option in price.options.items()
    }
    return replace(price, billed=billed.get((price.id, price.currency), {}), options=others)
