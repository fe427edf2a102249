"""A large account in our own words: plain, deterministic, made in seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from eqho.billing.objects import Account, Customer, Invoice, Item, Line, Price, Product, Subscription
from eqho.periods import add_months

NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
_PLANS = {
    "prod_tow": ("TowPilot", 39_900),
    "prod_fleet": ("FleetDesk", 14_900),
    "prod_call": ("RoadCall", 5_900),
}
_QUANTITIES = (1, 2, 3, 5, 8)
_CHANGE_EVERY = 10
"""Months after which a subscription goes on with another quantity."""


def account(subscriptions: int, invoices_each: int) -> Account:
    """Monthly subscriptions, four of every five customers with one and the fifth with two; one line a month
    on an invoice of its own, the last of them for the running month."""
    customers = max(1, subscriptions * 5 // 6)
    months = _months(invoices_each)
    prices = {
        f"price_{key}": Price(f"price_{key}", key, "usd", Decimal(cents))
        for key, (_, cents) in _PLANS.items()
    }
    known = list(prices.values())
    found: dict[str, Subscription] = {}
    invoices: list[Invoice] = []
    for number in range(subscriptions):
        price, customer = known[number % len(known)], f"cus_{number % customers}"
        item = Item(f"si_{number}", price, _quantity(number, invoices_each - 1), months[0],
                    period_start=months[-2], period_end=months[-1])  # fmt: skip
        found[f"sub_{number}"] = Subscription(
            f"sub_{number}", customer, "active", "usd", (item,), created=months[0], start=months[0]
        )
        invoices.extend(_invoices(number, customer, price, months))
    return Account(
        customers={
            f"cus_{n}": Customer(f"cus_{n}", months[0], name=f"Customer {n}") for n in range(customers)
        },
        products={key: Product(key, name) for key, (name, _) in _PLANS.items()},
        prices=prices,
        subscriptions=found,
        invoices=tuple(invoices),
    )


def _months(count: int) -> list[int]:
    """The starts of `count` months up to the running one, and the end of that."""
    first = datetime.fromtimestamp(NOW, UTC).date().replace(day=1)
    days = [add_months(first, back) for back in range(1 - count, 2)]
    return [int(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp()) for day in days]


def _quantity(number: int, month: int) -> int:
    return _QUANTITIES[(number + month // _CHANGE_EVERY) % len(_QUANTITIES)]


def _invoices(number: int, customer: str, price: Price, months: list[int]) -> Iterator[Invoice]:
    assert price.unit_amount is not None
    for month, start in enumerate(months[:-1]):
        name, quantity = f"in_{number}_{month}", _quantity(number, month)
        line = Line(
            id=f"il_{number}_{month}",
            invoice=name,
            subscription=f"sub_{number}",
            item=f"si_{number}",
            price=price.id,
            product=price.product,
            quantity=Decimal(quantity),
            unit_amount=price.unit_amount,
            amount=int(price.unit_amount) * quantity,
            currency="usd",
            start=start,
            end=months[month + 1],
            proration=False,
        )
        yield Invoice(name, customer, f"sub_{number}", "paid", "usd", start, (line,))
