"""Objects that others name and the lists do not hold: inline prices, deleted products, coupons, customers."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from eqho.sources.base import ObjectUnreadable, Raw, Source, SourceDenied, TellsItemCoupons
from eqho.store.base import Store
from eqho.sync.unreadable import Unreadable

NAMED_KINDS = ("customer", "price", "coupon", "product")


class Reference(NamedTuple):
    """`embedded` is the object as it stands inside the one that names it, where it does.

    `subscription`: the one on whose item a discount names the coupon."""

    kind: str
    id: str
    embedded: Raw | None = None
    subscription: str = ""


class References:
    """Fetches each missing object once. Lives as long as one run. Thread-safe.

    `sync_state` remembers under `references` what the source does not know (until the next full pull), and
    what it knows but does not list: a full pull must not take that for deleted.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        skipped: Collection[str],
        api_version: str,
        clock: Callable[[], datetime],
        unreadable: Unreadable,
    ) -> None:
        self._source = source
        self._store = store
        self._api_version = api_version
        self._clock = clock
        self._unreadable = unreadable
        self._lock = threading.Lock()
        self._kinds = [kind for kind in NAMED_KINDS if kind not in skipped]
        self._known: dict[str, set[str]] = {}
        saved = store.get_state("references") or {}
        self._absent = {kind: set(saved.get("absent", {}).get(kind, ())) for kind in NAMED_KINDS}
        self._unlisted = {kind: set(saved.get("unlisted", {}).get(kind, ())) for kind in NAMED_KINDS}

    def note(self, kind: str, ids: Iterable[str]) -> None:
        """These are in the store now."""
        with self._lock:
            if kind in self._known:  # otherwise they will be found in the store
                self._known[kind].update(ids)

    def unlisted(self, kind: str) -> set[str]:
        """Ids of objects that only retrieval finds."""
        with self._lock:
            return set(self._unlisted.get(kind, ()))

    def forget_absent(self) -> None:
        with self._lock:
            self._absent = {kind: set() for kind in NAMED_KINDS}
            self._save()

    def resolve(self, kind: str, bodies: Iterable[Raw]) -> int:
        """Put into the store what `bodies` name and it lacks; returns how many objects that were.

        Stored before it returns, so that the page that names them may count as done.
        """
        stored = 0
        named = [reference for body in bodies for reference in _named_by(kind, body)]
        while missing := self._claim(named):
            named = []
            for reference in missing:
                body = self._fetch(reference)
                if body is not None:
                    stored += 1
                    # A price names its product, which may be missing too.
                    named += _named_by(reference.kind, body)
        return stored

    def _claim(self, references: Iterable[Reference]) -> list[Reference]:
        missing = []
        with self._lock:
            for reference in references:
                if reference.kind not in self._kinds:
                    continue
                known = self._known_ids(reference.kind)
                if reference.id in known or reference.id in self._absent[reference.kind]:
                    continue
                known.add(reference.id)
                # Saved before the object is: whatever comes in between, no full pull buries it.
                self._unlisted[reference.kind].add(reference.id)
                missing.append(reference)
            if missing:
                self._save()
        return missing

    def _known_ids(self, kind: str) -> set[str]:
        if kind not in self._known:
            self._known[kind] = self._store.object_ids(kind)
        return self._known[kind]

    def _fetch(self, reference: Reference) -> Raw | None:
        kind, object_id, embedded, _ = reference
        if (buried := self._store.get_object(kind, object_id)) is not None:
            return buried
        if kind == "price" and embedded is not None:
            return self._keep(kind, embedded)
        body, told = self._unreadable.retrieve(self._source, kind, object_id)
        if not told:
            return None if embedded is None else self._keep(kind, embedded)
        if body is not None and not body.get("deleted"):
            return self._keep(kind, body)
        last_known = embedded or body or self._deleted_coupon(reference)
        if last_known is None:
            self._remember_absent(kind, object_id)
            return None
        self._keep(kind, last_known)
        self._store.bury_objects(kind, [object_id], self._clock())
        return last_known

    def _deleted_coupon(self, reference: Reference) -> Raw | None:
        """Its holders keep it, and what they hold still shows it."""
        if not reference.subscription or not isinstance(self._source, TellsItemCoupons):
            return None
        try:
            held = self._source.item_coupons(reference.subscription)
        except (ObjectUnreadable, SourceDenied):
            return None
        return next((coupon for coupon in held if coupon.get("id") == reference.id), None)

    def _keep(self, kind: str, body: Raw) -> Raw:
        self._store.put_objects(kind, [body], self._api_version, self._clock())
        return body

    def _remember_absent(self, kind: str, object_id: str) -> None:
        with self._lock:
            self._unlisted[kind].discard(object_id)
            self._absent[kind].add(object_id)
            self._save()

    def _save(self) -> None:
        state = {
            name: {kind: sorted(ids) for kind, ids in found.items() if ids}
            for name, found in (("absent", self._absent), ("unlisted", self._unlisted))
        }
        self._store.put_state("references", state)


def _named_by(kind: str, body: Raw) -> Iterator[Reference]:
    if kind in {"subscription", "invoice", "invoiceitem", "customer"}:
        yield from _reference("customer", body.get("customer"))
        yield from _coupons(body)
    if kind == "subscription":
        for item in _nested(body, "items"):
            yield from _price(item.get("price") or item.get("plan"))
            yield from _coupons(item, body["id"])
    elif kind == "invoice":
        for line in _nested(body, "lines"):
            # One-off lines never touch MRR: their inline prices are not worth a request each.
            if _belongs_to_subscription(line):
                yield from _line(line)
                yield from _coupons(line)
    elif kind == "invoiceitem":
        if _belongs_to_subscription(body):
            yield from _line(body)
    elif kind == "price":
        yield from _reference("product", body.get("product"))
    elif kind == "subscription_schedule":
        for phase in body.get("phases") or ():
            yield from _coupons(phase)
            for item in phase.get("items") or ():
                yield from _price(item.get("price") or item.get("plan"))
                yield from _coupons(item)


def _reference(kind: str, value: Any) -> Iterator[Reference]:
    """An id, or the object itself where it is expanded."""
    if isinstance(value, str):
        yield Reference(kind, value)
    elif isinstance(value, dict) and isinstance(value.get("id"), str):
        yield Reference(kind, value["id"], value)


def _price(value: Any) -> Iterator[Reference]:
    for reference in _reference("price", value):
        embedded = reference.embedded
        # Stripe leaves tiers out where a price is embedded, and a plan is not a price.
        complete = (
            embedded
            and embedded.get("object") == "price"
            and (embedded.get("billing_scheme") != "tiered" or embedded.get("tiers"))
        )
        yield reference if complete else reference._replace(embedded=None)


def _line(line: Raw) -> Iterator[Reference]:
    details = (line.get("pricing") or {}).get("price_details") or {}
    yield from _price(details.get("price") or line.get("price") or line.get("plan"))
    yield from _reference("product", details.get("product"))


def _coupons(body: Raw, subscription: str = "") -> Iterator[Reference]:
    for discount in (body.get("discount"), *(body.get("discounts") or ())):
        if isinstance(discount, dict):
            source = discount.get("source") or {}
            for named in _reference("coupon", source.get("coupon") or discount.get("coupon")):
                yield named._replace(subscription=subscription)


def _nested(body: Raw, field: str) -> Iterator[Raw]:
    nested = body.get(field)
    if isinstance(nested, dict):
        yield from nested.get("data") or ()


def _belongs_to_subscription(line: Raw) -> bool:
    parent = line.get("parent") or {}
    details = [
        parent.get(f"{name}_details") or {} for name in ("subscription", "subscription_item", "invoice_item")
    ]
    return bool(line.get("subscription")) or any(found.get("subscription") for found in details)
