"""From one account's raw Stripe objects, in whatever API version each came, to typed structs.

What cannot be read is left out and reported; one bad element never loses its object, one bad object never
the account.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from msgspec.structs import replace

from eqho.billing import wire, wire_invoices
from eqho.billing.billed_tiers import Billed, BilledTiers, billings, by_price, unknown_tiers
from eqho.billing.catalogue import Coupons, Prices, id_of, read_product
from eqho.billing.discounts import Discounts
from eqho.billing.event_order import in_order
from eqho.billing.invoices import Invoices
from eqho.billing.objects import (
    Account,
    CreditNote,
    Customer,
    Discount,
    Dispute,
    Product,
    Refund,
    Sightings,
    Snapshot,
)
from eqho.billing.reading import Decoded, Reader, Whole
from eqho.billing.sighted import DISCOUNT_GONE, Sighted
from eqho.billing.subscriptions import Subscriptions
from eqho.billing.wire import Body
from eqho.issues import Issue
from eqho.money import known_currencies
from eqho.names import readable


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


Object = TypeVar("Object", bound=_Identified)


def read_account(bodies: Mapping[str, Iterable[Body]]) -> tuple[Account, list[Issue]]:
    """`bodies` by kind, as Stripe's `object` field names them; any kind may be missing.

    Discounts, prices and coupons are resolved across objects, so all kinds are read together. An object
    that comes twice counts once, as it came last. `event` is read too where it is given: events of
    subscriptions become snapshots. A sequence of them may come in any order; an iterator, which may be longer
    than memory is large, gives them oldest first.
    """
    reader = Reader()
    goods = read_goods(bodies, reader)
    account = assemble(bodies, reader, goods.prices, goods.coupons)
    minority = reader.minority()
    products = of_mode("product", goods.products, minority)
    prices = of_mode("price", goods.prices.own.values(), minority)
    return replace(account, products=products, prices=prices), reader.issues()


class Common(NamedTuple):
    """`fewer_live`: whether the objects of live mode are fewer than those of test mode. `billed` at prices
    whose tiers nobody tells."""

    fewer_live: bool
    billed: Billed


class Goods(NamedTuple):
    products: list[Product]
    prices: Prices
    coupons: Coupons


def read_goods(bodies: Mapping[str, Iterable[Body]], reader: Reader) -> Goods:
    """What is sold, at which terms: what all customers have in common."""
    return Goods(
        [read_product(raw) for raw in reader.read("product", bodies.get("product", ()), wire.Product)],
        Prices(reader.read("price", bodies.get("price", ()), wire.Price), reader),
        Coupons(reader.read("coupon", bodies.get("coupon", ()), wire.Coupon), reader),
    )


def assemble(
    bodies: Mapping[str, Iterable[Body]],
    reader: Reader,
    prices: Prices,
    coupons: Coupons,
    common: Common | None = None,
) -> Account:
    """All other kinds of `bodies`, read with known prices and coupons; without products and prices. `common`:
    what all customers together tell; None where these are all."""

    def raws(kind: str, struct: type[Whole]) -> Iterator[Whole]:
        return reader.read(kind, bodies.get(kind, ()), struct)

    discounts = Discounts(coupons, reader)
    events = raws("event", wire_invoices.Event)
    if isinstance(bodies.get("event"), Sequence):
        events = iter(sorted(events, key=lambda event: event.created))
    sighted = Sighted()
    told_discounts, told_subscriptions = _told(in_order(sighted.taken_from(events, reader)), reader)
    customers: list[Customer] = []
    of_customers: dict[str, dict[str, Discount]] = {}
    for each in raws("customer", wire.Customer):
        customers.append(_customer(each))
        if each.discount and (discount := discounts.read(each.discount)):
            of_customers[each.id] = {discount.id: discount}
    _read_discount_events(told_discounts, discounts, of_customers)
    subscriptions = Subscriptions(prices, discounts, of_customers, reader)
    invoices = Invoices(prices, discounts, reader)
    stated = list(raws("subscription", wire.Subscription))
    current = [subscriptions.subscription(raw) for raw in stated]
    schedules = [subscriptions.schedule(r) for r in raws("subscription_schedule", wire.SubscriptionSchedule)]
    billed = [invoices.invoice(raw) for raw in raws("invoice", wire_invoices.Invoice)]
    pending = [invoices.pending(raw) for raw in raws("invoiceitem", wire_invoices.InvoiceItem)]
    credit_notes = [_credit_note(raw, reader) for raw in raws("credit_note", wire_invoices.CreditNote)]
    refunds = [_refund(raw, reader) for raw in raws("refund", wire_invoices.Refund)]
    disputes = [_dispute(raw, reader) for raw in raws("dispute", wire_invoices.Dispute)]
    snapshots = _snapshots(told_subscriptions, subscriptions)
    changes = sighted.changes(subscriptions)
    known = by_price(billings(billed, unknown_tiers(prices.own))) if common is None else common.billed
    tiers = BilledTiers(prices, known, reader)
    current = [tiers.subscription(read) for read in current]
    snapshots = [(event, tiers.snapshot(snapshot)) for event, snapshot in snapshots]
    changes = tuple(map(tiers.snapshot, changes))
    minority = reader.minority(None if common is None else common.fewer_live)
    listed = of_mode("subscription", current, minority)
    named = {raw.id for raw in stated} | {name for kind, name in reader.unread if kind == "subscription"}
    return Account(
        customers=of_mode("customer", customers, minority),
        products={},
        prices={},
        subscriptions=listed,
        invoices=tuple(of_mode("invoice", billed, minority).values()),
        pending=tuple(of_mode("invoiceitem", pending, minority).values()),
        schedules=of_mode("subscription_schedule", schedules, minority),
        credit_notes=tuple(of_mode("credit_note", credit_notes, minority).values()),
        refunds=tuple(of_mode("refund", refunds, minority).values()),
        disputes=tuple(of_mode("dispute", disputes, minority).values()),
        snapshots=tuple(snapshot for key, snapshot in snapshots if ("event", key) not in minority),
        sightings=Sightings(changes, sighted.since),
        unread_subscriptions=frozenset(named - listed.keys()),
    )


def of_mode(
    kind: str, objects: Iterable[Object | None], minority: frozenset[tuple[str, str]]
) -> dict[str, Object]:
    """By id, without those of the minority."""
    return {o.id: o for o in objects if o is not None and (kind, o.id) not in minority}


def _customer(raw: wire.Customer) -> Customer:
    return Customer(
        id=raw.id,
        created=raw.created,
        name=readable(raw.name or ""),
        email=readable(raw.email or ""),
        metadata=raw.metadata or {},
        deleted=raw.deleted is True,
    )


def _credit_note(raw: wire_invoices.CreditNote, reader: Reader) -> CreditNote | None:
    if not _has_known_currency(raw, "A credit note", reader):
        return None
    return CreditNote(
        id=raw.id,
        invoice=id_of(raw.invoice) or "",
        customer=id_of(raw.customer) or "",
        currency=raw.currency,
        amount=raw.amount,
        created=raw.created,
        status=raw.status,
    )


def _refund(raw: wire_invoices.Refund, reader: Reader) -> Refund | None:
    if not _has_known_currency(raw, "A refund", reader):
        return None
    return Refund(
        id=raw.id,
        amount=raw.amount,
        currency=raw.currency,
        created=raw.created,
        status=raw.status or "",
        charge=id_of(raw.charge),
    )


def _dispute(raw: wire_invoices.Dispute, reader: Reader) -> Dispute | None:
    if not _has_known_currency(raw, "A dispute", reader):
        return None
    return Dispute(raw.id, raw.amount, raw.currency, raw.created, raw.status)


def _has_known_currency(
    raw: wire_invoices.CreditNote | wire_invoices.Refund | wire_invoices.Dispute, what: str, reader: Reader
) -> bool:
    known = raw.currency in known_currencies()
    if not known:
        message = f"{what} has the unknown currency {raw.currency!r} and is left out."
        reader.leave_out("unknown_currency", message, raw.id)
    return known


class _Told(NamedTuple, Generic[Decoded]):
    """What an event says. Its body is left behind: those of all events together are too large to be held."""

    event: str
    deletes: bool
    at: int
    object: Decoded


def _told(
    events: Iterable[wire_invoices.Event], reader: Reader
) -> tuple[list[_Told[wire.Discount]], list[_Told[wire.Subscription]]]:
    discounts: list[_Told[wire.Discount]] = []
    subscriptions: list[_Told[wire.Subscription]] = []
    for event in events:
        deletes = event.type.endswith(".deleted") or event.type == DISCOUNT_GONE
        body = event.data.object
        match event.type.split(".")[:2]:
            case ["customer", "discount"] | ["eqho", "sighting_of_no_discount"]:
                if discount := reader.decode("discount", body, wire.Discount):
                    discounts.append(_Told(event.id, deletes, event.created, discount))
            case ["customer", "subscription"]:
                if stated := reader.decode("subscription", body, wire.Subscription):
                    subscriptions.append(_Told(event.id, deletes, event.created, stated))
    return discounts, subscriptions


def _read_discount_events(
    told: Iterable[_Told[wire.Discount]],
    discounts: Discounts,
    of_customers: dict[str, dict[str, Discount]],
) -> None:
    """Snapshots name discounts by id, which these events explain. Those of a customer (by id, then by
    discount) are completed by the ones that were taken off or replaced since, each until then."""
    for each in told:
        raw = each.object
        discount = discounts.read(raw)
        if discount is None or raw.subscription or raw.subscription_item:
            continue
        theirs = of_customers.setdefault(id_of(raw.customer) or "", {})
        theirs.setdefault(discount.id, discount)
        for known in theirs.values():
            gone = known.start < discount.start or (known.id == discount.id and each.deletes)
            if gone and (known.end is None or known.end > each.at):
                theirs[known.id] = replace(known, end=each.at)


def _snapshots(
    told: Iterable[_Told[wire.Subscription]], subscriptions: Subscriptions
) -> list[tuple[str, Snapshot]]:
    """(event id, snapshot), oldest first."""
    found: list[tuple[str, Snapshot]] = []
    for each in told:
        subscription = subscriptions.subscription(each.object)
        if subscription is not None:
            found.append((each.event, Snapshot(each.at, subscription)))
    return found
