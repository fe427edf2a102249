"""The incremental way: events say which objects changed, each is fetched again once."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from eqho.sources.base import KINDS, Raw
from eqho.sources.windowed import PAGE_SIZE
from eqho.sync.context import Tools
from eqho.sync.unreadable import stand_in

T = TypeVar("T")

OVERLAP = 600
DAY = 86_400
BATCH = 100

_KIND_OF_OBJECT = {**{kind: kind for kind in KINDS}, "plan": "price"}


class Cursor(NamedTuple):
    """`seen` are the ids of the events of the `OVERLAP` seconds before `created`, which are read again."""

    created: int
    seen: frozenset[str] = frozenset()

    @property
    def since(self) -> int:
        return self.created - OVERLAP


class Followed(NamedTuple):
    """`changed` objects were written, `deleted` buried; `events` were not known before."""

    cursor: Cursor
    events: int
    changed: int
    deleted: int


class Changes:
    """Brings the store from a cursor up to the source's last event."""

    def __init__(self, tools: Tools) -> None:
        self._source = tools.source
        self._store = tools.store
        self._references = tools.references
        self._skipped = tools.skipped
        self._api_version = tools.api_version
        self._clock = tools.clock
        self._proceed = tools.proceed
        self._workers = tools.workers
        self._unreadable = tools.unreadable
        self._changed = 0
        self._deleted = 0

    def follow(self, cursor: Cursor, now: int) -> Followed:
        """Everything is in the store when this returns: only then may the cursor be saved.

        Raises SourceDenied where the source has no events.
        """
        recent: dict[str, int] = {}
        touched: dict[str, dict[str, Raw]] = {}
        known = 0
        for events in _batches(self._source.events(cursor.since), BATCH):
            self._proceed()
            recent |= {event["id"]: event["created"] for event in events}
            fresh = [event for event in events if event["id"] not in cursor.seen]
            relevant = [event for event in fresh if any(objects_of(event))]
            known += self._store.put_events(relevant)
            for event in relevant:
                for kind, object_id, payload in objects_of(event):
                    payloads = touched.setdefault(kind, {})
                    payloads[object_id] = payload or payloads.get(object_id, {})
        for kind, ids in self._unreadable.remembered().items():
            touched[kind] = {object_id: {} for object_id in ids} | touched.get(kind, {})
        for kind in KINDS:
            if kind in touched and kind not in self._skipped:
                self._refresh(kind, touched[kind])
        # Where nothing happens the cursor follows the clock, a day behind in case ours is fast.
        created = max([cursor.created, now - DAY, *recent.values()])
        seen = frozenset(name for name, at in recent.items() if at >= created - OVERLAP)
        return Followed(Cursor(created, seen), known, self._changed, self._deleted)

    def _refresh(self, kind: str, payloads: dict[str, Raw]) -> None:
        if kind == "invoiceitem" and len(payloads) > self._pages_mirrored(kind):
            self._list_again(kind)
            return
        with ThreadPoolExecutor(self._workers, thread_name_prefix="eqho-refresh") as pool:
            for ids in _batches(payloads, BATCH):
                self._proceed()
                told = pool.map(lambda object_id: self._retrieve(kind, object_id, payloads[object_id]), ids)
                self._write(kind, {name: body for found in told for name, body in found.items()}, payloads)

    def _retrieve(self, kind: str, object_id: str, payload: Raw) -> dict[str, Raw | None]:
        """The object by its id, or nothing where the source does not tell and no event does."""
        body, told = self._unreadable.retrieve(self._source, kind, object_id)
        if told:
            return {object_id: body}
        if not _whole(kind, payload):
            return {}
        return {object_id: stand_in(payload, self._store.get_object(kind, object_id))}

    def _write(self, kind: str, found: dict[str, Raw | None], payloads: dict[str, Raw]) -> None:
        here = {name: body for name, body in found.items() if body is not None and not _gone(kind, body)}
        gone = [name for name in found if name not in here]
        # What came and went between two polls is known by its event alone; what refers to it needs it.
        missed = [
            payloads[name] for name in gone if _whole(kind, payloads[name]) and not self._has(kind, name)
        ]
        self._store.put_objects(kind, [*here.values(), *missed], self._api_version, self._clock())
        self._references.note(kind, here)
        self._references.resolve(kind, here.values())
        self._bury(kind, gone)
        if kind == "invoice":
            self._bury("invoiceitem", {name for body in here.values() for name in _items_of(body)})
        self._changed += len(here)

    def _list_again(self, kind: str) -> None:
        """All of a kind in fewer requests than one for each changed object."""
        seen: set[str] = set()
        for page in self._source.pages(kind, int(self._clock().timestamp()) + DAY):
            self._proceed()
            self._write(kind, {body["id"]: body for body in page.objects}, {})
            seen |= {body["id"] for body in page.objects}
        self._bury(kind, self._store.object_ids(kind) - seen)

    def _bury(self, kind: str, ids: Iterable[str]) -> None:
        gone = self._store.object_ids(kind).intersection(ids) if ids else set()
        if gone:
            self._store.bury_objects(kind, gone, self._clock())
            self._deleted += len(gone)

    def _has(self, kind: str, object_id: str) -> bool:
        return self._store.get_object(kind, object_id) is not None

    def _pages_mirrored(self, kind: str) -> int:
        return 1 + self._store.count_objects().get(kind, 0) // PAGE_SIZE


def objects_of(event: Raw) -> Iterator[tuple[str, str, Raw]]:
    """Kind, id and payload (empty where it is of something else) of the objects an event is about.

    Nothing for families that are not read.
    """
    body = event["data"]["object"]
    if body.get("object") == "discount":
        for owner in ("customer", "subscription"):
            if isinstance(body.get(owner), str):
                yield owner, body[owner], {}
        return
    kind = _KIND_OF_OBJECT.get(body.get("object", ""))
    # An upcoming invoice is a forecast and has no id.
    if kind and isinstance(body.get("id"), str) and event["type"] != "invoice.upcoming":
        yield kind, body["id"], body


def _gone(kind: str, body: Raw) -> bool:
    """An invoice item that is on an invoice is pending no more."""
    return bool(body.get("deleted")) or (kind == "invoiceitem" and body.get("invoice") is not None)


def _whole(kind: str, payload: Raw) -> bool:
    return payload.get("object") == kind


def _items_of(invoice: Raw) -> Iterator[str]:
    for line in (invoice.get("lines") or {}).get("data", ()):
        parent = line.get("parent") or {}
        for name in ("invoice_item_details", "subscription_item_details"):
            if item := (parent.get(name) or {}).get("invoice_item"):
                yield item
        if item := line.get("invoice_item"):
            yield item


def _batches(found: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    batch: list[T] = []
    for one in found:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
