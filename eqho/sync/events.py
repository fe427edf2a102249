"""The incremental way: events say which objects changed, each is fetched again once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from eqho.periods import FAR
from eqho.sources.base import KINDS, PAGE_SIZE, ObjectUnreadable, Raw, SourceDenied, created_of, pages
from eqho.sync.context import Tools
from eqho.sync.references import NAMED_KINDS
from eqho.sync.sightings import note_sightings
from eqho.sync.unreadable import stand_in

T = TypeVar("T")

OVERLAP = 600
DAY = 86_400
BATCH = 100
# What dates changes of the past, and what deletes objects that it names: of all events a small part. Stripe
# takes no more than twenty names.
TELLING_TYPES = (
    *(
        f"customer.subscription.{change}"
        for change in (
            "created",
            "updated",
            "deleted",
            "paused",
            "resumed",
            "pending_update_applied",
            "pending_update_expired",
        )
    ),
    *(f"customer.discount.{change}" for change in ("created", "updated", "deleted")),
    *(f"{kind}.deleted" for kind in (*NAMED_KINDS, "plan")),
)

_KIND_OF_OBJECT = {**{kind: kind for kind in KINDS}, "plan": "price"}


class Cursor(NamedTuple):
    """`seen` are the ids of the events from `OVERLAP` seconds before `created` on, which are read again."""

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
        self._clocked = tools.clocked
        self._since = 0
        self._changed = 0
        self._deleted = 0

    def remember(self, since: int, before: int) -> int:
        """Keep what the source still tells of the time before the objects were listed; how many events were
        not known. The objects are newer than that: none is asked for again, but what was deleted and is named
        by others is buried with its last body."""
        known = 0
        for events in _batches(self._source.events(since, TELLING_TYPES), BATCH):
            self._proceed()
            past = self._real(event for event in events if event["created"] < before)
            known += self._store.put_events(past)
            for event in past:
                if event["type"].endswith(".deleted"):
                    for kind, object_id, payload in objects_of(event):
                        self._remember_deleted(kind, object_id, payload)
        return known

    def _remember_deleted(self, kind: str, object_id: str, payload: Raw) -> None:
        if kind in NAMED_KINDS and _whole(kind, payload) and not self._has(kind, object_id):
            self._store.put_objects(kind, [payload], self._api_version, self._clock())
            self._store.bury_objects(kind, [object_id], self._clock())

    def follow(self, cursor: Cursor, latest: Callable[[], int]) -> Followed:
        """Everything is in the store when this returns: only then may the cursor be saved.

        The cursor follows the events alone, and none that is dated after `latest`, which is asked after
        they are read. Raises SourceDenied where the source has no events.
        """
        recent: dict[str, int] = {}
        touched: dict[str, dict[str, Raw]] = {}
        known = 0
        for events in _batches(self._source.events(cursor.since), BATCH):
            self._proceed()
            recent |= {event["id"]: event["created"] for event in events}
            new = [event for event in events if event["id"] not in cursor.seen]
            known += self._note(new, touched, latest())
        self._refresh_all(touched, cursor.since)
        bound = latest()
        created = max([cursor.created, *(at for at in recent.values() if at <= bound)])
        seen = frozenset(name for name, at in recent.items() if at >= created - OVERLAP)
        return Followed(Cursor(created, seen), known, self._changed, self._deleted)

    def hear(self, events: Sequence[Raw], since: int) -> Followed:
        """As `follow`, of events that came by themselves and are stored already, newest first."""
        touched: dict[str, dict[str, Raw]] = {}
        self._note(events, touched, FAR)
        self._refresh_all(touched, since)
        return Followed(Cursor(since), len(events), self._changed, self._deleted)

    def _note(self, events: Iterable[Raw], touched: dict[str, dict[str, Raw]], bound: int) -> int:
        """Store events, newest first, and note the objects they are about with their last payload; how many
        were not known. One that is dated after `bound` dates nothing: its object is read, it is not kept."""
        relevant = self._real(event for event in events if any(objects_of(event)))
        for event in relevant:
            for kind, object_id, payload in objects_of(event):
                payloads = touched.setdefault(kind, {})
                payloads[object_id] = payloads.get(object_id) or payload
        dated = [event for event in relevant if event["created"] <= bound]
        return self._store.put_events(dated) + len(relevant) - len(dated)

    def _real(self, events: Iterable[Raw]) -> list[Raw]:
        found = list(events)
        # A customer tells for what follows of it, and events come newest first.
        for event in found:
            for kind, _, payload in objects_of(event):
                self._clocked.without(kind, [payload])
        return [event for event in found if not self._clocked.holds(event["data"]["object"])]

    def _refresh_all(self, touched: dict[str, dict[str, Raw]], since: int) -> None:
        self._since = since
        for kind, ids in self._unreadable.remembered().items():
            touched[kind] = {object_id: {} for object_id in ids} | touched.get(kind, {})
        for kind in KINDS:
            if kind in self._skipped:
                continue
            self._ask_for_unlisted(kind)
            if kind in touched:
                self._refresh(kind, touched[kind])

    def _refresh(self, kind: str, payloads: dict[str, Raw]) -> None:
        """The fewest requests: the list of the newest, the whole list, or one for each object."""
        payloads = dict(payloads)
        # A list is one request at least: for fewer objects nothing is counted, which goes through all.
        if len(payloads) > 1 + (kind != "invoiceitem"):
            new = [at for at in map(created_of, payloads.values()) if at is not None and at >= self._since]
            newest = -(-len(new) // PAGE_SIZE) + len(payloads) - len(new)
            whole = 1 + (self._store.count_objects().get(kind, 0) + len(new)) // PAGE_SIZE
            if len(payloads) > min(newest, whole) + (kind != "invoiceitem"):
                self._list_again(kind, payloads, min(new) if newest < whole else 0)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="eqho-refresh") as pool:
            for ids in list(_batches(payloads, BATCH)):
                self._proceed()
                told = pool.map(lambda object_id: self._retrieve(kind, object_id, payloads[object_id]), ids)
                self._write(kind, {name: body for found in told for name, body in found.items()}, payloads)

    def _ask_for_unlisted(self, kind: str) -> None:
        """What a list could not show, once more."""
        if not self._source.splits:
            return
        for second in self._unreadable.seconds(kind):
            self._proceed()
            try:
                page = self._source.page(kind, second, second + 1, None)
            except (ObjectUnreadable, SourceDenied):
                continue
            self._write(kind, {body["id"]: body for body in page.objects}, {})
            self._unreadable.listed(kind, page)
            if not page.unread:
                self._unreadable.known_after_all(kind, second)

    def _retrieve(self, kind: str, object_id: str, payload: Raw) -> dict[str, Raw | None]:
        """The object by its id, or nothing where the source does not tell and no event does."""
        body, told = self._unreadable.retrieve(self._source, kind, object_id)
        if told:
            return {object_id: body}
        if not _whole(kind, payload):
            return {}
        return {object_id: stand_in(payload, self._store.get_object(kind, object_id))}

    def _write(self, kind: str, found: dict[str, Raw | None], payloads: dict[str, Raw]) -> None:
        real = {body["id"] for body in self._clocked.without(kind, filter(None, found.values()))}
        found = {name: body for name, body in found.items() if body is None or body["id"] in real}
        here = {name: body for name, body in found.items() if body is not None and not is_gone(kind, body)}
        gone = [name for name in found if name not in here]
        # What came and went between two polls is known by its event alone; what refers to it needs it.
        missed = [
            payloads[name] for name in gone if _whole(kind, payloads[name]) and not self._has(kind, name)
        ]
        note_sightings(self._store, kind, here.values(), self._clock())
        self._store.put_objects(kind, [*here.values(), *missed], self._api_version, self._clock())
        self._references.note(kind, here)
        self._references.resolve(kind, here.values())
        self._bury(kind, gone)
        if kind == "invoice":
            self._bury("invoiceitem", {name for body in here.values() for name in _items_of(body)})
        self._changed += len(here)

    def _list_again(self, kind: str, payloads: dict[str, Raw], since: int) -> None:
        """Those of a kind that were created since, page by page; they are struck from `payloads`."""
        seen: set[str] = set()
        unread = False
        before = max([int(self._clock().timestamp()), self._source.now or 0]) + DAY
        for page in pages(self._source, kind, before, created_from=since):
            self._proceed()
            self._write(kind, {body["id"]: body for body in page.objects}, {})
            # What it could not show is asked for by its id, if anybody wants it.
            self._unreadable.listed(kind, page._replace(unread=None))
            seen |= {body["id"] for body in page.objects}
            unread = unread or page.unread is not None
        if kind == "invoiceitem" and not since and not unread:
            # What is pending is all there is to know: no event tells when an invoice takes an item.
            self._bury(kind, self._store.object_ids(kind) - seen)
            seen |= payloads.keys()
        for object_id in seen.intersection(payloads):
            del payloads[object_id]

    def _bury(self, kind: str, ids: Iterable[str]) -> None:
        gone = self._store.object_ids(kind).intersection(ids) if ids else set()
        if gone:
            self._store.bury_objects(kind, gone, self._clock())
            self._deleted += len(gone)

    def _has(self, kind: str, object_id: str) -> bool:
        return self._store.get_object(kind, object_id) is not None


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


def is_gone(kind: str, body: Raw) -> bool:
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
