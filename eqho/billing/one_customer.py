"""The objects of one customer, read by themselves, beside what all customers have in common.

What a customer's objects say is a function of the two and of nothing else: an unlisted price, or a discount
that is only named, is known by what else the same customer has.
"""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from eqho.billing.billed_tiers import Billings, billings, complete, unknown_tiers
from eqho.billing.catalogue import Coupons, Prices
from eqho.billing.normalise import Common, assemble, of_mode, read_goods
from eqho.billing.objects import Account, Price, Product, Sightings
from eqho.billing.reading import LeftOut, Reader, Tally, opened
from eqho.billing.sighted import BEGAN
from eqho.billing.wire import Body, Raw


class Shared(NamedTuple):
    """What all customers have in common. `listed` prices may be named even where they are not `prices`, for
    they are of the other mode; `since` is when the sync began to see all; `schedules` that do not say whose
    they are, by subscription; `unowned` are subscriptions that do not."""

    products: Mapping[str, Product]
    prices: Mapping[str, Price]
    listed: Mapping[str, Price]
    coupons: Coupons
    schedules: Mapping[str, list[Raw]]
    unowned: frozenset[str]
    since: int | None
    common: Common
    unknown: frozenset[str]
    tally: Tally
    left_out: frozenset[LeftOut]


class OneCustomer(NamedTuple):
    """`own` prices are listed nowhere; `asked` are the ids of prices and coupons that it rests on."""

    account: Account
    own: Mapping[str, Price]
    asked: frozenset[str]
    billings: Billings
    tally: Tally
    left_out: frozenset[LeftOut]


def read_shared(bodies: Mapping[str, Iterable[Body]], common: Common | None = None) -> Shared:
    """`bodies` are by kind what is no customer's. `common`: what all the customers together tell; None where
    that is not known yet."""
    reader = Reader()
    goods = read_goods(bodies, reader)
    tally = reader.tally
    common = common or Common(tally.fewer_live, {})
    minority = reader.minority(common.fewer_live)
    complete(goods.prices.own, common.billed)
    began = (event for event in map(opened, bodies.get("event", ())) if event.get("type") == BEGAN)
    schedules: dict[str, list[Raw]] = {}
    for body in map(opened, bodies.get("subscription_schedule", ())):
        schedules.setdefault(_subscription_of(body), []).append(body)
    return Shared(
        products=of_mode("product", goods.products, minority),
        prices=of_mode("price", goods.prices.own.values(), minority),
        listed=goods.prices.own,
        coupons=goods.coupons,
        schedules=schedules,
        unowned=frozenset(str(opened(body).get("id")) for body in bodies.get("subscription", ())),
        since=max((int(event["created"]) for event in began), default=None),
        common=common,
        unknown=frozenset(unknown_tiers(goods.prices.own)),
        tally=tally,
        left_out=reader.left_out,
    )


def read_customer(bodies: Mapping[str, Iterable[Body]], shared: Shared) -> OneCustomer:
    """`bodies` by kind, each in order of id; events oldest first. They may be gone through twice."""
    reader = Reader()
    prices = Prices((), reader, shared.listed)
    if shared.schedules:
        names = [str(opened(body).get("id")) for body in bodies.get("subscription", ())]
        stray = [body for name in names for body in shared.schedules.get(name, ())]
        bodies = {**bodies, "subscription_schedule": [*bodies.get("subscription_schedule", ()), *stray]}
    coupons = shared.coupons.told_to(reader)
    account = assemble(bodies, reader, prices, coupons, shared.common)
    account = replace(
        account,
        products=shared.products,
        prices=ChainMap(prices.own, dict(shared.prices)) if prices.own else shared.prices,
        sightings=Sightings(account.sightings.changes, shared.since),
        unread_subscriptions=account.unread_subscriptions | shared.unowned,
    )
    unknown = shared.unknown | unknown_tiers(prices.own)
    billed = billings(account.invoices, unknown)
    asked = frozenset(prices.asked | coupons.asked)
    return OneCustomer(account, prices.own, asked, billed, reader.tally, reader.left_out)


def unlike(before: Shared, now: Shared) -> set[str] | None:
    """Ids of the prices and coupons that are not the same in both: who asked for none of them says the same
    under both. None where everybody may say something else. Products only give names and lines."""

    def others(shared: Shared) -> tuple[object, ...]:
        return shared.common.fewer_live, shared.schedules, shared.unowned, shared.since

    if others(before) != others(now):
        return None
    found = before.coupons.unlike(now.coupons)
    for old, new in ((before.listed, now.listed), (before.prices, now.prices)):
        found |= {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    billed = before.common.billed, now.common.billed
    keys = billed[0].keys() | billed[1].keys()
    return found | {key[0] for key in keys if billed[0].get(key) != billed[1].get(key)}


def _subscription_of(schedule: Raw) -> str:
    named = schedule.get("subscription") or schedule.get("released_subscription")
    return str(named.get("id") if isinstance(named, Mapping) else named)
