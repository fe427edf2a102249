"""`python -m eqho.sources.supabase_push`: the mirror that the dashboard pulled, into the simple tables.

`docs/supabase.sql` makes them. SUPABASE_KEY must be one that may write here; the dashboard itself only reads.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from eqho.settings import SettingsError, load_settings, reveal
from eqho.sources.base import Raw, SourceError
from eqho.sources.supabase.reader import Reader
from eqho.sources.supabase.simple import MONTHS
from eqho.store import open_store
from eqho.store.base import Store, StoreError

BATCH_ROWS = 500
STATE = "supabase_push"


class NothingToPush(Exception):
    """The store holds no complete mirror of Stripe. The message says what to do."""


class Pushed(NamedTuple):
    customers: int
    subscriptions: int


def push(store: Store, reader: Reader, clock: Callable[[], datetime]) -> Pushed:
    """Upserts every customer and subscription of the mirror; how many rows were sent.

    Killed anywhere, the next push of the same mirror goes on behind the last batch that arrived.
    """
    mirror = store.get_state("mirror") or {}
    if "last_success" not in mirror:
        raise NothingToPush("Nothing has been read from Stripe yet: start the dashboard with its key first.")
    if mirror.get("source") == "supabase":
        raise NothingToPush("What is stored was read from Supabase: there is nothing to push back.")
    catalogue = _Catalogue(store)
    now = clock().isoformat()
    state = store.get_state(STATE) or {}
    if state.get("mirror") != mirror["last_success"] or state.get("done"):
        state = {"mirror": mirror["last_success"], "table": "", "after": "", "done": False}
    sent: list[int] = []
    for table, key, rows in (
        (
            "stripe_customers",
            "stripe_customer_id",
            (catalogue.customer(body, now) for body in store.objects("customer")),
        ),
        (
            "stripe_subscriptions",
            "stripe_subscription_id",
            (catalogue.subscription(body, now) for body in store.objects("subscription")),
        ),
    ):
        # Customers come first, by name too.
        left = rows if state["table"] < table else (r for r in rows if r[key] > state["after"])
        count = 0
        for batch in _batches([] if state["table"] > table else left):
            reader.upsert("public", table, batch, key)
            count += len(batch)
            state |= {"table": table, "after": batch[-1][key]}
            store.put_state(STATE, state)
        sent.append(count)
    store.put_state(STATE, state | {"done": True})
    return Pushed(*sent)


class _Catalogue:
    """Prices with their products, and coupons: the simple tables have no table for them."""

    def __init__(self, store: Store) -> None:
        products = {body["id"]: body for body in store.objects("product", with_deleted=True)}
        self._prices = {
            body["id"]: {**body, "product": products.get(body.get("product"), body.get("product"))}
            for body in store.objects("price", with_deleted=True)
        }
        self._coupons = {body["id"]: body for body in store.objects("coupon", with_deleted=True)}

    def customer(self, body: Raw, now: str) -> Raw:
        return {
            "stripe_customer_id": body["id"],
            "name": body.get("name"),
            "email": body.get("email"),
            "metadata": {"stripe_created": body.get("created"), "stripe": self._with_coupons(body)},
            "last_synced_at": now,
        }

    def subscription(self, body: Raw, now: str) -> Raw:
        """The columns tell of the first item; `metadata.stripe` is the whole object."""
        items = [self._with_price(item) for item in body["items"]["data"]]
        first: Raw = items[0] if items else {}
        price = first.get("price") or {}
        product = price.get("product")
        product = product if isinstance(product, Mapping) else {"id": product}
        recurring = price.get("recurring") or {}
        start = first.get("current_period_start") or body.get("current_period_start")
        end = first.get("current_period_end") or body.get("current_period_end")
        amount = price.get("unit_amount_decimal") or price.get("unit_amount")
        quantity = first.get("quantity")
        stripe = self._with_coupons({**body, "items": {**body["items"], "data": items}})
        return {
            "stripe_subscription_id": body["id"],
            "stripe_customer_id": _id(body.get("customer")),
            "status": body["status"],
            "current_period_start": _timestamp(start),
            "current_period_end": _timestamp(end),
            "cancel_at_period_end": body.get("cancel_at_period_end") is True,
            "price_id": price.get("id"),
            "product_id": product.get("id"),
            "product_name": product.get("name"),
            "amount_cents": None if amount is None else str(amount),
            "amount_monthly": _monthly(amount, quantity, recurring),
            "currency": body.get("currency") or price.get("currency"),
            "billing_interval": _interval(recurring),
            "product_category": (product.get("metadata") or {}).get("product_line"),
            "metadata": {"quantity": quantity, "stripe_created": body.get("created"), "stripe": stripe},
            "last_synced_at": now,
        }

    def _with_price(self, item: Raw) -> Raw:
        named = item.get("price") or item.get("plan")
        return self._with_coupons({**item, "price": self._prices.get(_id(named) or "", named)})

    def _with_coupons(self, body: Raw) -> Raw:
        told = dict(body)
        if isinstance(body.get("discount"), Mapping):
            told["discount"] = self._discount(body["discount"])
        if body.get("discounts"):
            told["discounts"] = [self._discount(discount) for discount in body["discounts"]]
        return told

    def _discount(self, discount: Any) -> Any:
        """`coupon` up to basil, `source.coupon` from clover on."""
        if not isinstance(discount, Mapping):
            return discount
        source = discount.get("source") or {}
        if named := source.get("coupon"):
            return {**discount, "source": {**source, "coupon": self._coupons.get(_id(named) or "", named)}}
        named = discount.get("coupon")
        return {**discount, "coupon": self._coupons.get(_id(named) or "", named)}


def _monthly(amount: object, quantity: int | None, recurring: Mapping[str, object]) -> str | None:
    """Cents a month of all units, before discounts."""
    interval = recurring.get("interval")
    if amount is None or quantity is None or interval not in MONTHS:
        return None
    months = MONTHS[str(interval)] * int(str(recurring.get("interval_count") or 1))
    return str(round(Decimal(str(amount)) * quantity / months, 4))


def _interval(recurring: Mapping[str, object]) -> str | None:
    interval, count = recurring.get("interval"), recurring.get("interval_count") or 1
    return None if interval is None else str(interval) if count == 1 else f"{count} {interval}s"


def _timestamp(instant: int | None) -> str | None:
    return None if instant is None else datetime.fromtimestamp(instant, UTC).isoformat()


def _id(value: object) -> str | None:
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else None


def _batches(rows: Iterable[Raw]) -> Iterator[list[Raw]]:
    ordered = iter(rows)
    while batch := list(islice(ordered, BATCH_ROWS)):
        yield batch


def _push_as_set() -> Pushed:
    settings = load_settings(Path(__file__).resolve().parents[2])
    if settings.supabase_url is None or settings.supabase_key is None:
        raise SettingsError(
            "SUPABASE_URL and SUPABASE_KEY must be set to push: the project's address and a key that may "
            "write the simple tables."
        )
    store = open_store(reveal(settings.mongodb_url), settings.mongodb_database, settings.data_dir)
    try:
        reader = Reader(settings.supabase_url, reveal(settings.supabase_key) or "")
        return push(store, reader, lambda: datetime.now(UTC))
    finally:
        store.close()


def main() -> int:
    try:
        pushed = _push_as_set()
    except (SettingsError, SourceError, StoreError, NothingToPush) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{pushed.customers} customers and {pushed.subscriptions} subscriptions were pushed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
