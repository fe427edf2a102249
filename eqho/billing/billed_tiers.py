"""Prices whose tiers no source tells: what a quantity costs is what it was billed at.

Stripe lets nobody change a price's tiers, so one quantity of one price costs the same in every full period.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping
from decimal import Decimal

from msgspec.structs import replace

from eqho.billing.objects import Invoice, Item, Line, Price, Snapshot, Subscription
from eqho.billing.reading import Reader

Billed = Mapping[tuple[str, str], Mapping[Decimal, int]]
"""By price and currency: minor units of a full period before discounts, by quantity."""

_LEFT_OUT = (
    "A price's tiers are not known and no invoice bills it at this quantity: the item is left out, the rest "
    "of its subscription stays."
)


class BilledTiers:
    """Completes what was read from what `invoices` bill. `prices` are changed in place."""

    def __init__(
        self, prices: MutableMapping[str, Price], invoices: Iterable[Invoice | None], reader: Reader
    ) -> None:
        self._reader = reader
        self._prices = prices
        unknown = {price.id for price in prices.values() if _is_unknown(price)}
        billed = _billed((i for i in invoices if i is not None), unknown) if unknown else {}
        for name in unknown:
            prices[name] = _with_billed(prices[name], billed)

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
        price = self._prices[item.price.id].in_currency(item.price.currency)
        if Decimal(item.quantity or 0) not in price.billed:
            self._reader.leave_out("price_without_amount", _LEFT_OUT, price.id)
            return None
        return replace(item, price=price)


def _is_unknown(price: Price) -> bool:
    """In one of its currencies: Stripe tells the tiers of another than its own on request only."""
    return price.of_unknown_tiers or any(option.of_unknown_tiers for option in price.options.values())


def _with_billed(price: Price, billed: Billed) -> Price:
    others = {
        currency: replace(option, billed=billed.get((price.id, currency), {}))
        for currency, option in price.options.items()
    }
    return replace(price, billed=billed.get((price.id, price.currency), {}), options=others)


def _billed(invoices: Iterable[Invoice], prices: set[str]) -> Billed:
    """Each tier has a line of its own. A line of nothing is a trial's, or says what units beyond cost."""
    found: dict[tuple[str, str], dict[Decimal, int]] = defaultdict(dict)
    for invoice in sorted(invoices, key=lambda i: i.created):
        together: dict[tuple[str, str | None, int, int], list[Line]] = defaultdict(list)
        for line in invoice.lines:
            if line.price in prices and not line.proration:
                together[line.price or "", line.item, line.start, line.end].append(line)
        for (price, _, _, _), lines in together.items():
            amount = sum(line.amount for line in lines)
            if amount:
                quantity = sum((line.quantity or Decimal(0) for line in lines), Decimal(0))
                found[price, invoice.currency][quantity] = amount
    return found
