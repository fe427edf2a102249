"""A hand-written account: each test states the few objects it is about."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from eqho.billing.objects import (
    Account,
    Coupon,
    Customer,
    Discount,
    Invoice,
    Item,
    Line,
    LineDiscount,
    Price,
    Product,
    Subscription,
)
from eqho.ledger.build import Ledger, build_ledger
from eqho.ledger.spans import Spans
from eqho.periods import FAR


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


BASIC = Price("price_basic", "prod_tow", "usd", Decimal(10000))
PRO = Price("price_pro", "prod_tow", "usd", Decimal(50000))
YEARLY = Price("price_yearly", "prod_tow", "usd", Decimal(120000), "year")
SEAT = Price("price_seat", "prod_tow", "usd", Decimal(1000))
FLEET = Price("price_fleet", "prod_fleet", "usd", Decimal(20000))
PRICES = {p.id: p for p in (BASIC, PRO, YEARLY, SEAT, FLEET)}


class Lines:
    """Product decides: prod_tow is TowPilot."""

    def classify(self, price_id: str, product: Product | None, customer: Customer | None) -> str:
        return {"prod_tow": "towpilot", "prod_fleet": "fleetdesk"}.get(
            product.id if product else "", "unmapped"
        )

    def excluded(self, customer: Customer) -> bool:
        return customer.email.endswith("@internal.example")


def subscription(*items: Item, status="active", id="sub_1", customer="cus_1", start="2026-01-01", **more):
    return Subscription(id, customer, status, "usd", items, created=at(start), start=at(start), **more)


def item(price=BASIC, quantity=1, id="si_1", created="2026-01-01", period=None, **more) -> Item:
    start, end = (at(period[0]), at(period[1])) if period else (None, None)
    return Item(id, price, quantity, at(created), period_start=start, period_end=end, **more)


def line(price, start, end, amount=None, quantity=1, proration=False, item="si_1", off=(), **more) -> Line:
    if amount is None:
        amount = int(price.unit_amount * quantity)
    return Line(
        id=f"il_{item}_{start}_{amount}",
        invoice=f"in_{start}",
        subscription="sub_1",
        item=item,
        price=price.id,
        product=price.product,
        quantity=Decimal(quantity),
        unit_amount=price.unit_amount,
        amount=amount,
        currency="usd",
        start=at(start),
        end=at(end),
        proration=proration,
        discounts=tuple(LineDiscount(taken, discount) for discount, taken in off),
        **more,
    )


def invoice(
    *lines: Line,
    status="paid",
    subscription="sub_1",
    customer="cus_1",
    created=None,
    voided=None,
    reason="",
    id=None,
) -> Invoice:
    when = at(created) if created else min(line.start for line in lines)
    total = sum(line.amount - sum(d.amount for d in line.discounts) for line in lines)
    paid = max(0, total) if status == "paid" else 0
    return Invoice(
        id or f"in_{when}_{status}", customer, subscription, status, "usd", when, lines,
        finalized_at=when, paid_at=when if status == "paid" else None, amount_paid=paid, amount_due=paid,
        voided_at=at(voided) if voided else None, total=total, billing_reason=reason,
    )  # fmt: skip


def months(price, *starts: str, **more) -> list[Invoice]:
    """A paid invoice from each day to the next."""
    return [invoice(line(price, a, b, **more)) for a, b in pairwise(starts)]


def coupon(percent, duration="forever", start="2026-01-01", end=None) -> Discount:
    return Discount(
        f"di_{percent}_{start}",
        Coupon(f"c{percent}", duration, Decimal(percent)),
        at(start),
        at(end) if end else None,
    )


def ledger(*subscriptions, invoices=(), prices=(), now="2026-06-15", merge_gap_days=1, **more) -> Ledger:
    account = Account(
        customers={s.customer: Customer(s.customer, s.created) for s in subscriptions},
        products={p: Product(p, p) for p in ("prod_tow", "prod_fleet")},
        prices=PRICES | {price.id: price for price in prices},
        subscriptions={s.id: s for s in subscriptions},
        invoices=tuple(invoices),
        **more,
    )
    return build_ledger(account, Lines(), at(now), merge_gap_days)


def rows(spans: Spans) -> list[tuple[str, str, float]]:
    """(start day, end day or "…", net MRR in major units), oldest first."""

    def day(instant: int) -> str:
        return "…" if instant == FAR else datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d")

    found = sorted(zip(spans.start, spans.end, spans.net_eqho, strict=True))
    return [(day(start), day(end), int(net) / 1_000_000) for start, end, net in found]


def column(spans: Spans, name: str) -> list:
    values = getattr(spans, name)
    names = spans.names.get(name)
    return [names[v] if names else v.item() for v in values]
