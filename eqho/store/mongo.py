"""The store on MongoDB."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from bson.objectid import ObjectId
from pymongo import ASCENDING, DESCENDING, WriteConcern
from pymongo.collection import Collection as Documents
from pymongo.database import Database
from pymongo.errors import DocumentTooLarge, WriteError

from eqho.store import mongo_builds, mongo_inputs, mongo_leases, mongo_mirror, mongo_owners, mongo_records
from eqho.store.base import INPUTS, Backend, Build, Document, InputChange, Lease, Owned, Prints, Record
from eqho.store.documents import batched, input_name, raw_body, seal, unseal, utc_now
from eqho.store.mongo_connection import connect, create_indexes, durable, hosts, insert_new, translated

PAGE_LIFETIME = timedelta(hours=1)

_BATCH = 1_000
_DAY = "%Y-%m-%d"
_NEWEST_FIRST = [("timestamp", DESCENDING), ("_id", DESCENDING)]
_OLDEST_FIRST = [("timestamp", ASCENDING), ("_id", ASCENDING)]


class MongoStore:
    """See `Store`. Connects at the first use; StoreError at once when the URL cannot be read.

    A document of `append_metrics` may bring its own `_id`; one that is stored already is left out.
    """

    backend: Backend = "mongodb"

    def __init__(self, url: str, database: str, *, now: Callable[[], datetime] = utc_now) -> None:
        self._client = connect(url)
        self._where = hosts(url)
        self._durable = durable(self._client, database)
        self._now = now
        self._ready = False
        self._lock = threading.Lock()

    def append_metrics(self, documents: Sequence[Document]) -> None:
        with self._database() as database:
            insert_new(database.metrics, [{"_id": ObjectId(), **seal(document)} for document in documents])

    def latest_metrics(self, product: str, policy: str) -> Document | None:
        with self._database() as database:
            found = database.metrics.find_one(
                {"product": product, "policy": policy}, {"_id": 0}, sort=_NEWEST_FIRST
            )
        return unseal(found) if found else None

    def metrics_between(
        self, product: str, policy: str, start: datetime, end: datetime
    ) -> Iterator[Document]:
        wanted = {"product": product, "policy": policy, "timestamp": {"$gte": start, "$lt": end}}
        with self._database() as database:
            yield from map(unseal, database.metrics.find(wanted, {"_id": 0}, sort=_OLDEST_FIRST))

    def frozen_months(self, product: str, policy: str) -> Iterator[Document]:
        wanted = {"product": product, "policy": policy, "closed_month": {"$type": "string"}}
        with self._database() as database:
            yield from map(unseal, database.metrics.find(wanted, sort=_OLDEST_FIRST))

    def count_metrics(self, product: str | None = None) -> int:
        with self._database() as database:
            if product is None:
                # Pages ask for it: without the hint every document is read, of several kB each.
                return database.metrics.count_documents({}, hint="_id_")
            return database.metrics.count_documents({"product": product})

    def thin_metrics(self, older_than: datetime) -> int:
        fields = {"product": 1, "policy": 1, "timestamp": 1, "closed_month": 1}
        order = [("product", ASCENDING), ("policy", ASCENDING), *_NEWEST_FIRST]
        old = {"timestamp": {"$lt": older_than}}
        with self._database() as database:
            newest_first = database.metrics.find(old, fields, sort=order, hint=order)
            superseded = (
                document["_id"]
                for _, same_day in groupby(newest_first, key=_product_policy_day)
                for document in list(same_day)[1:]
                if not document.get("closed_month")
            )
            return sum(
                database.metrics.delete_many({"_id": {"$in": batch}}).deleted_count
                for batch in batched(superseded, _BATCH)
            )

    def put_page(self, cache_key: str, data: Sequence[Document]) -> None:
        """A page that is larger than a document can be is not kept: the cache may always be empty."""
        page = {"data": [raw_body(body) for body in data], "cache_key": cache_key, "timestamp": self._now()}
        with self._database() as database:
            try:
                _cache(database).replace_one({"cache_key": cache_key}, page, upsert=True)
            except (DocumentTooLarge, WriteError):
                _cache(database).delete_one({"cache_key": cache_key})

    def get_page(self, cache_key: str) -> list[Document] | None:
        # MongoDB removes what has expired once a minute at best.
        alive = {"cache_key": cache_key, "timestamp": {"$gt": self._now() - PAGE_LIFETIME}}
        with self._database() as database:
            page = _cache(database).find_one(alive)
        return [unseal(body) for body in page["data"]] if page else None

    def clear_pages(self) -> int:
        with self._database() as database:
            return _cache(database).delete_many({}).deleted_count

    def put_objects(
        self, kind: str, bodies: Iterable[Document], api_version: str, fetched_at: datetime
    ) -> None:
        for batch in batched(bodies, _BATCH):
            with self._database() as database:
                mongo_mirror.put_objects(database, kind, batch, api_version, fetched_at)

    def bury_objects(self, kind: str, ids: Iterable[str], at: datetime) -> None:
        for batch in batched(ids, _BATCH):
            with self._database() as database:
                mongo_mirror.bury_objects(database, kind, batch, at)

    def objects(self, kind: str, *, with_deleted: bool = False) -> Iterator[Document]:
        with self._database() as database:
            yield from mongo_mirror.objects(database, kind, with_deleted)

    def get_object(self, kind: str, object_id: str) -> Document | None:
        with self._database() as database:
            found = database.stripe_objects.find_one({"_id": f"{kind}/{object_id}"}, {"body": 1})
        return unseal(found["body"]) if found else None

    def object_ids(self, kind: str) -> set[str]:
        with self._database() as database:
            return mongo_mirror.object_ids(database, kind)

    def count_objects(self) -> dict[str, int]:
        with self._database() as database:
            return mongo_mirror.count_objects(database)

    def clear_objects(self) -> None:
        with self._database() as database:
            # The cursors first: half done, it must not look as if everything had been pulled.
            database.sync_state.delete_many({})
            database.stripe_objects.delete_many({})

    def put_events(self, events: Iterable[Document]) -> int:
        new = 0
        for batch in batched(events, _BATCH):
            with self._database() as database:
                new += insert_new(database.stripe_events, mongo_mirror.event_documents(batch))
        return new

    def events(self, since: int = 0, families: Sequence[str] = ("",)) -> Iterator[Document]:
        with self._database() as database:
            yield from mongo_mirror.events(database, since, families)

    def prints(self, before: Prints | None = None) -> Prints:
        with self._database() as database:
            return mongo_owners.prints(database, before)

    def owned(self, customers: Sequence[str], remembered: Collection[str] = ()) -> Iterator[Owned]:
        with self._database() as database:
            yield from mongo_owners.owned(database, customers, remembered)

    def get_state(self, name: str) -> Document | None:
        with self._database() as database:
            found = database.sync_state.find_one({"_id": name})
        return unseal(found["state"]) if found else None

    def put_state(self, name: str, state: Mapping[str, Any]) -> None:
        with self._database() as database:
            database.sync_state.replace_one({"_id": name}, {"state": seal(state)}, upsert=True)

    def acquire_lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        with self._database() as database:
            return mongo_leases.acquire(database, name, holder, seconds)

    def release_lease(self, lease: Lease) -> None:
        with self._database() as database:
            mongo_leases.release(database, lease)

    def publish_build(self, meta: Mapping[str, Any], payload: bytes, lease: Lease | None = None) -> int:
        with self._database() as database:
            return mongo_builds.publish(database, meta, payload, lease)

    def latest_build(self) -> Build | None:
        with self._database() as database:
            return mongo_builds.latest(database)

    def generation(self) -> int:
        with self._database() as database:
            return mongo_builds.generation(database)

    def inputs(self, name: str) -> list[Document]:
        with self._database() as database:
            return mongo_inputs.current(database[input_name(name)]).rows

    def replace_inputs(
        self, name: str, rows: Sequence[Mapping[str, Any]], expected: int | None = None
    ) -> InputChange:
        with self._database() as database:
            return mongo_inputs.replace(database[input_name(name)], rows, expected, self._now())

    def input_change(self, name: str) -> InputChange:
        with self._database() as database:
            return mongo_inputs.current(database[input_name(name)])

    def input_changes(self, name: str) -> list[InputChange]:
        with self._database() as database:
            return mongo_inputs.changes(database[input_name(name)])

    def input_numbers(self) -> dict[str, int]:
        with self._database() as database:
            numbers = {name: mongo_inputs.number(database[name]) for name in INPUTS}
        return {name: number for name, number in numbers.items() if number}

    def put_record(self, kind: str, record_id: str, body: Mapping[str, Any], expected: int) -> bool:
        with self._database() as database:
            return mongo_records.put(database, (kind, record_id), body, expected, self._now())

    def record(self, kind: str, record_id: str) -> Record | None:
        with self._database() as database:
            return mongo_records.one(database, kind, record_id)

    def records(self, kind: str, limit: int) -> list[Record]:
        with self._database() as database:
            return mongo_records.newest(database, kind, limit)

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _database(self) -> Iterator[Database[Document]]:
        with translated(self._where, self._durable.name):
            if not self._ready:
                with self._lock:
                    if not self._ready:
                        create_indexes(self._durable)
                        self._ready = True
            yield self._durable


def _cache(database: Database[Document]) -> Documents[Document]:
    return database.get_collection("stripe_cache", write_concern=WriteConcern(w=1))


def _product_policy_day(document: Document) -> tuple[str, str, str]:
    return document["product"], document.get("policy", ""), document["timestamp"].strftime(_DAY)
