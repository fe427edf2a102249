"""A Stripe account: raw objects, and what Stripe's list and retrieve endpoints answer about them. No HTTP."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eqho.stripe_simulator.calendar import DAY
from eqho.stripe_simulator.expansion import copy_of, expand_path, present

Raw = dict[str, Any]

API_VERSION = "2026-10-28.endive"
EVENT_RETENTION = 30 * DAY
MAX_LIMIT = 100

PATHS = {
    "product": "/v1/products",
    "price": "/v1/prices",
    "coupon": "/v1/coupons",
    "customer": "/v1/customers",
    "subscription": "/v1/subscriptions",
    "subscription_schedule": "/v1/subscription_schedules",
    "invoice": "/v1/invoices",
    "invoiceitem": "/v1/invoiceitems",
    "credit_note": "/v1/credit_notes",
    "refund": "/v1/refunds",
    "dispute": "/v1/disputes",
    "event": "/v1/events",
}
FILTERS = {
    "product": ("active",),
    "price": ("active", "currency", "product", "type"),
    "customer": ("email",),
    "subscription": ("collection_method", "customer", "status"),
    "subscription_schedule": ("customer",),
    "invoice": ("collection_method", "customer", "status", "subscription"),
    "invoiceitem": ("customer", "invoice", "pending"),
    "credit_note": ("customer", "invoice"),
    "refund": ("charge", "payment_intent"),
    "dispute": ("charge", "payment_intent"),
    "event": ("type", "types"),
}
_ENDED = {"canceled", "incomplete_expired"}


class AccountError(Exception):
    """What Stripe answers with an error: HTTP status, the parameter at fault, and its sentence."""

    def __init__(self, status: int, param: str | None, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.param = param


@dataclass(slots=True)
class _Row:
    body: Raw
    created: int
    serial: int
    listed: bool

    @property
    def key(self) -> tuple[int, int]:
        return self.created, self.serial


class StripeAccount:
    """Objects in the newest API shape. Whatever it hands out is a copy.

    `now` decides which events are still kept; `events_since` drops older ones as they come, which saves the
    time of recording what nobody can list any more.
    """

    def __init__(self, now: int = 0, events_since: int = 0) -> None:
        self.now = now
        self.events_since = events_since
        self._rows: dict[str, dict[str, _Row]] = {}
        self._order: dict[str, list[_Row]] = {}
        self._deleted: dict[str, _Row] = {}
        self._serial = 0

    # Writing

    def put(self, kind: str, body: Raw, *, listed: bool = True) -> None:
        """Add or replace. `listed` False: only retrieved and expanded (discounts, inline prices)."""
        rows = self._rows.setdefault(kind, {})
        known = rows.get(body["id"])
        if known is not None:
            known.body = body
            return
        self._serial += 1
        row = _Row(body, _created(body), self._serial, listed)
        rows[body["id"]] = row
        if listed:
            order = self._order.setdefault(kind, [])
            order.insert(bisect_right(order, row.key, key=lambda r: r.key), row)

    def remove(self, kind: str, object_id: str) -> None:
        """Gone from lists and retrieval; expansions that name it still find it."""
        row = self._rows[kind].pop(object_id)
        if row.listed:
            self._order[kind].remove(row)
        self._deleted[object_id] = row

    def record(self, event_id: str, kind: str, body: Raw, created: int, previous: Raw | None = None) -> None:
        """An event of type `kind` with a snapshot of `body`, unless it is too old to be kept."""
        if created < self.events_since:
            return
        data: Raw = {"object": copy_of(body)}
        if previous is not None:
            data["previous_attributes"] = copy_of(previous)
        event = {
            "id": event_id,
            "object": "event",
            "api_version": API_VERSION,
            "created": created,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.put("event", event)

    # Reading

    def stored(self, kind: str, object_id: str) -> Raw | None:
        """The object itself, not a copy: for the simulator that wrote it."""
        row = self._rows.get(kind, {}).get(object_id)
        return row.body if row else None

    def count(self, kind: str) -> int:
        return len(self._order.get(kind, ()))

    def list(
        self,
        kind: str,
        *,
        limit: int = 10,
        starting_after: str | None = None,
        ending_before: str | None = None,
        created: Mapping[str, int] | None = None,
        expand: Sequence[str] = (),
        complete: bool = False,
        **filters: Any,
    ) -> Raw:
        """One page, newest first. Nested lists are cut at 10 unless `complete`.

        `created` has the bounds gte, gt, lt, lte. `filters` are those of FILTERS[kind]; others are refused.
        """
        if kind not in PATHS:
            raise AccountError(404, None, f"Unrecognized request URL (GET: {kind}).")
        if not 1 <= limit <= MAX_LIMIT:
            raise AccountError(400, "limit", f"Invalid limit {limit}: it must be between 1 and {MAX_LIMIT}.")
        if starting_after and ending_before:
            raise AccountError(
                400, "ending_before", "Only one of starting_after and ending_before is allowed."
            )
        for name in filters:
            if name not in FILTERS.get(kind, ()):
                raise AccountError(400, name, f"Received unknown parameter: {name}")
        paths = _list_paths(expand)
        rows = self._order.get(kind, [])
        low, high = self._bounds(kind, rows, created or {})
        if starting_after:
            high = min(high, self._position(kind, rows, starting_after, "starting_after"))
        if ending_before:
            low = max(low, self._position(kind, rows, ending_before, "ending_before") + 1)
        indexes = range(low, high) if ending_before else range(high - 1, low - 1, -1)
        found: list[Raw] = []
        for index in indexes:
            if _matches(kind, rows[index].body, filters):
                found.append(rows[index].body)
                if len(found) > limit:
                    break
        page = found[:limit][::-1] if ending_before else found[:limit]
        return {
            "object": "list",
            "url": PATHS[kind],
            "has_more": len(found) > limit,
            "data": [self._shown(kind, body, paths, complete) for body in page],
        }

    def every(self, kind: str, expand: Sequence[str] = (), **filters: Any) -> Iterator[Raw]:
        """All objects, newest first, nested lists complete."""
        after: str | None = None
        while True:
            page = self.list(
                kind, limit=MAX_LIMIT, starting_after=after, expand=expand, complete=True, **filters
            )
            yield from page["data"]
            if not page["has_more"]:
                return
            after = page["data"][-1]["id"]

    def retrieve(
        self, kind: str, object_id: str, expand: Sequence[str] = (), *, complete: bool = False
    ) -> Raw | None:
        """One object; a deleted customer as `{"id", "object", "deleted": true}`; None when unknown."""
        if (body := self.stored(kind, object_id)) is not None:
            return self._shown(kind, body, [path.split(".") for path in expand], complete)
        if kind == "customer" and object_id in self._deleted:
            return {"id": object_id, "object": "customer", "deleted": True}
        return None

    def nested(
        self, kind: str, object_id: str, field: str, *, limit: int = 10, starting_after: str | None = None
    ) -> Raw:
        """A page of a nested list in its own order: `nested("invoice", "in_…", "lines")`."""
        body = self.retrieve(kind, object_id, complete=True)
        if body is None or field not in body:
            raise AccountError(404, "id", f"No such {kind}: '{object_id}'")
        nested = body[field]
        data = nested["data"]
        start = 0
        if starting_after:
            ids = [entry["id"] for entry in data]
            if starting_after not in ids:
                raise AccountError(400, "starting_after", f"No such object: '{starting_after}'")
            start = ids.index(starting_after) + 1
        page = data[start : start + limit]
        return {**nested, "data": page, "has_more": start + limit < len(data)}

    def expanded(self, page: Raw, paths: Sequence[str]) -> Raw:
        """A page of a nested list with what `expand` asks for."""
        shown = copy_of(page)
        for path in paths:
            expand_path(shown, path.split("."), self._lookup)
        return shown

    def _shown(self, kind: str, body: Raw, paths: Sequence[Sequence[str]], complete: bool) -> Raw:
        shown = copy_of(body)
        present(kind, shown, paths, complete=complete)
        for path in paths:
            expand_path(shown, path, self._lookup)
        return shown

    def _lookup(self, kind: str, object_id: str) -> Raw | None:
        body = self.stored(kind, object_id)
        if body is None and object_id in self._deleted:
            body = self.retrieve(kind, object_id) or self._deleted[object_id].body
        if body is None:
            return None
        found = copy_of(body)
        present(kind, found, (), complete=False)
        return found

    def _bounds(self, kind: str, rows: Sequence[_Row], created: Mapping[str, int]) -> tuple[int, int]:
        low, high = 0, len(rows)
        floor = self.now - EVENT_RETENTION if kind == "event" else None
        for bound, value in [*created.items(), *([("gte", floor)] if floor is not None else [])]:
            if bound == "gte":
                low = max(low, bisect_left(rows, value, key=lambda r: r.created))
            elif bound == "gt":
                low = max(low, bisect_right(rows, value, key=lambda r: r.created))
            elif bound == "lt":
                high = min(high, bisect_left(rows, value, key=lambda r: r.created))
            elif bound == "lte":
                high = min(high, bisect_right(rows, value, key=lambda r: r.created))
            else:
                raise AccountError(400, f"created[{bound}]", f"Received unknown parameter: created[{bound}]")
        return low, high

    def _position(self, kind: str, rows: Sequence[_Row], object_id: str, param: str) -> int:
        row = self._rows.get(kind, {}).get(object_id)
        if row is None:
            raise AccountError(400, param, f"No such {kind}: '{object_id}'")
        return bisect_left(rows, row.key, key=lambda r: r.key)


def _created(body: Raw) -> int:
    return int(body["created"] if "created" in body else body.get("date", 0))


def _list_paths(expand: Sequence[str]) -> list[list[str]]:
    paths = []
    for path in expand:
        first, *rest = path.split(".")
        if first != "data" or not rest:
            raise AccountError(400, "expand", f"This property cannot be expanded ({path}).")
        if len(rest) > 3:
            raise AccountError(400, "expand", f"You cannot expand more than 4 levels ({path}).")
        paths.append(rest)
    return paths


def _matches(kind: str, body: Raw, filters: Mapping[str, Any]) -> bool:
    if kind == "subscription" and not _status_matches(body["status"], filters.get("status")):
        return False
    for name, wanted in filters.items():
        if wanted is None or (kind == "subscription" and name == "status"):
            continue
        if name == "types":
            if body["type"] not in wanted:
                return False
        elif name == "pending":
            if (body["invoice"] is None) is not wanted:
                return False
        elif name == "subscription":
            parent = (body.get("parent") or {}).get("subscription_details") or {}
            if parent.get("subscription") != wanted:
                return False
        elif body.get(name) != wanted:
            return False
    return True


def _status_matches(status: str, wanted: str | None) -> bool:
    if wanted is None:
        return status != "canceled"
    if wanted == "ended":
        return status in _ENDED
    return wanted in ("all", status)
