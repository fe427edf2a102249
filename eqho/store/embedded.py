"""The store without a server: one SQLite file of BSON documents.

What is queried is a column, the rest is a blob: what came as JSON from the source stays JSON, our own
documents are BSON. Instants in columns are milliseconds, as in BSON.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson.objectid import ObjectId

from eqho.store import embedded_mirror, embedded_owners, embedded_records
from eqho.store.base import (
    INPUT_CHANGES_KEPT,
    LEASES_LAST,
    Backend,
    Build,
    Document,
    InputChange,
    Lease,
    LeaseLost,
    Owned,
    Prints,
    Record,
)
from eqho.store.documents import (
    input_name,
    inputs_changed,
    pack,
    pack_body,
    unpack,
    unpack_body,
    utc_now,
)
from eqho.store.sqlite import Database

PAGE_LIFETIME = timedelta(hours=1)
BUILDS_KEPT = 3

_CHUNK = 500
# They hold the balance of every customer.
_FROZEN_CHUNK = 20
_DAY_MS = 86_400_000

_SCHEMA = """
create table if not exists metrics (
    seq integer primary key, id text not null unique, product text not null, policy text not null,
    timestamp integer not null, closed_month integer not null, document blob not null);
create index if not exists metrics_timestamp on metrics (timestamp desc);
create index if not exists metrics_product on metrics (product, policy, timestamp desc, seq desc);
create index if not exists metrics_frozen on metrics (product, policy, timestamp, id) where closed_month;

create table if not exists stripe_cache (
    cache_key text primary key, timestamp integer not null, data blob not null);
create index if not exists stripe_cache_timestamp on stripe_cache (timestamp);

create table if not exists sync_state (name text primary key, state blob not null);

create table if not exists leases (
    name text primary key, holder text not null, token integer not null, expires integer not null);

create table if not exists builds (generation integer primary key, meta blob not null, payload blob not null);

create table if not exists inputs (
    name text not null, position integer not null, row blob not null, primary key (name, position));

create table if not exists input_changes (
    name text not null, number integer not null, at integer not null, rows blob not null,
    primary key (name, number))
"""


class EmbeddedStore:
    """See `Store`. Raises StoreError when the file cannot be opened.

    A document of `append_metrics` may bring its own `_id`; one that is stored already is left out.
    """

    backend: Backend = "embedded"

    def __init__(self, path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self.database = Database(path, f"{_SCHEMA};{embedded_mirror.SCHEMA};{embedded_records.SCHEMA}")
        embedded_owners.upgrade(self.database)
        self._now = now

    def append_metrics(self, documents: Sequence[Document]) -> None:
        rows = [_metrics_row(document) for document in documents]
        with self.database.transaction() as connection:
            connection.executemany(
                "insert or ignore into metrics (id, product, policy, timestamp, closed_month, document) "
                "values (?, ?, ?, ?, ?, ?)",
                rows,
            )

    def latest_metrics(self, product: str, policy: str) -> Document | None:
        found = self.database.read(
            "select document from metrics where product = ? and policy = ? "
            "order by timestamp desc, seq desc limit 1",
            (product, policy),
        )
        return unpack(found[0][0]) if found else None

    def metrics_between(
        self, product: str, policy: str, start: datetime, end: datetime
    ) -> Iterator[Document]:
        timestamp, seq = _ms(start), 0
        while rows := self.database.read(
            "select timestamp, seq, document from metrics where product = ? and policy = ? "
            "and (timestamp, seq) > (?, ?) and timestamp < ? order by timestamp, seq limit ?",
            (product, policy, timestamp, seq, _ms(end), _CHUNK),
        ):
            yield from (unpack(document) for _, _, document in rows)
            timestamp, seq = rows[-1][:2]

    def frozen_months(self, product: str, policy: str) -> Iterator[Document]:
        timestamp, document_id = -(2**63), ""
        while rows := self.database.read(
            "select timestamp, id, document from metrics where closed_month and product = ? and policy = ? "
            "and (timestamp, id) > (?, ?) order by timestamp, id limit ?",
            (product, policy, timestamp, document_id, _FROZEN_CHUNK),
        ):
            yield from ({"_id": row_id, **unpack(document)} for _, row_id, document in rows)
            timestamp, document_id = rows[-1][:2]

    def count_metrics(self, product: str | None = None) -> int:
        if product is None:
            return self._number("select count(*) from metrics")
        return self._number("select count(*) from metrics where product = ?", (product,))

    def thin_metrics(self, older_than: datetime) -> int:
        with self.database.transaction() as connection:
            return connection.execute(
                "delete from metrics where seq in (select seq from (select seq, closed_month, row_number() "
                "over (partition by product, policy, timestamp / ? order by timestamp desc, seq desc) "
                "as place from metrics where timestamp < ?) where place > 1 and not closed_month)",
                (_DAY_MS, _ms(older_than)),
            ).rowcount

    def put_page(self, cache_key: str, data: Sequence[Document]) -> None:
        now = self._now()
        with self.database.transaction() as connection:
            connection.execute("delete from stripe_cache where timestamp <= ?", (_ms(now - PAGE_LIFETIME),))
            connection.execute(
                "insert or replace into stripe_cache (cache_key, timestamp, data) values (?, ?, ?)",
                (cache_key, _ms(now), pack_body({"data": data})),
            )

    def get_page(self, cache_key: str) -> list[Document] | None:
        found = self.database.read(
            "select data from stripe_cache where cache_key = ? and timestamp > ?",
            (cache_key, _ms(self._now() - PAGE_LIFETIME)),
        )
        return unpack_body(found[0][0])["data"] if found else None

    def clear_pages(self) -> int:
        with self.database.transaction() as connection:
            return connection.execute("delete from stripe_cache").rowcount

    def put_objects(
        self, kind: str, bodies: Iterable[Document], api_version: str, fetched_at: datetime
    ) -> None:
        embedded_mirror.put_objects(self.database, kind, bodies, api_version, _ms(fetched_at))

    def bury_objects(self, kind: str, ids: Iterable[str], at: datetime) -> None:
        embedded_mirror.bury_objects(self.database, kind, ids, _ms(at))

    def objects(self, kind: str, *, with_deleted: bool = False) -> Iterator[Document]:
        return embedded_mirror.objects(self.database, kind, with_deleted)

    def get_object(self, kind: str, object_id: str) -> Document | None:
        found = self.database.read(
            "select body from stripe_objects where type = ? and id = ?", (kind, object_id)
        )
        return unpack_body(found[0][0]) if found else None

    def object_ids(self, kind: str) -> set[str]:
        return {
            object_id
            for (object_id,) in self.database.read(
                "select id from stripe_objects where type = ? and deleted is null", (kind,)
            )
        }

    def count_objects(self) -> dict[str, int]:
        return dict(
            self.database.read(
                "select type, count(*) from stripe_objects where deleted is null group by type"
            )
        )

    def clear_objects(self) -> None:
        with self.database.transaction() as connection:
            connection.execute("delete from stripe_objects")
            connection.execute("delete from sync_state")

    def put_events(self, events: Iterable[Document]) -> int:
        return embedded_mirror.put_events(self.database, events)

    def events(self, since: int = 0, families: Sequence[str] = ("",)) -> Iterator[Document]:
        return embedded_mirror.events(self.database, since, families)

    def prints(self, before: Prints | None = None) -> Prints:
        return embedded_owners.prints(self.database, before)

    def owned(self, customers: Sequence[str], remembered: Collection[str] = ()) -> Iterator[Owned]:
        return embedded_owners.owned(self.database, customers, remembered)

    def get_state(self, name: str) -> Document | None:
        found = self.database.read("select state from sync_state where name = ?", (name,))
        return unpack(found[0][0]) if found else None

    def put_state(self, name: str, state: Mapping[str, Any]) -> None:
        with self.database.transaction() as connection:
            connection.execute(
                "insert or replace into sync_state (name, state) values (?, ?)", (name, pack(state))
            )

    def acquire_lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        now = self._now()
        expires = now + timedelta(seconds=seconds)
        with self.database.transaction() as connection:
            found = connection.execute(
                "select holder, token, expires from leases where name = ?", (name,)
            ).fetchone()
            held_by, token, until = found or ("", 0, 0)
            if held_by != holder:
                if _ms(now) < until <= _ms(now + timedelta(seconds=LEASES_LAST)):
                    return None
                token += 1
            connection.execute(
                "insert or replace into leases (name, holder, token, expires) values (?, ?, ?, ?)",
                (name, holder, token, _ms(expires)),
            )
        return Lease(name, holder, token, expires)

    def release_lease(self, lease: Lease) -> None:
        with self.database.transaction() as connection:
            connection.execute(
                "update leases set holder = '', token = token + 1, expires = 0 where name = ? and token = ?",
                (lease.name, lease.token),
            )

    def publish_build(self, meta: Mapping[str, Any], payload: bytes, lease: Lease | None = None) -> int:
        packed = pack(meta)
        with self.database.transaction() as connection:
            if lease is not None:
                current = connection.execute(
                    "select token from leases where name = ?", (lease.name,)
                ).fetchone()
                if current != (lease.token,):
                    raise LeaseLost(f"The lease {lease.name} has been taken over: start the refresh again.")
            generation = self.generation() + 1
            connection.execute(
                "insert into builds (generation, meta, payload) values (?, ?, ?)",
                (generation, packed, payload),
            )
            connection.execute("delete from builds where generation <= ?", (generation - BUILDS_KEPT,))
        return generation

    def adopt_build(self, build: Build) -> None:
        """Hold `build` alone, under its own generation: this store mirrors another one."""
        packed = pack(build.meta)
        with self.database.transaction() as connection:
            connection.execute("delete from builds")
            connection.execute(
                "insert into builds (generation, meta, payload) values (?, ?, ?)",
                (build.generation, packed, build.payload),
            )

    def latest_build(self) -> Build | None:
        found = self.database.read(
            "select generation, meta, payload from builds order by generation desc limit 1"
        )
        return Build(found[0][0], unpack(found[0][1]), found[0][2]) if found else None

    def generation(self) -> int:
        return self._number("select coalesce(max(generation), 0) from builds")

    def inputs(self, name: str) -> list[Document]:
        rows = self.database.read(
            "select row from inputs where name = ? order by position", (input_name(name),)
        )
        return [unpack(row) for (row,) in rows]

    def replace_inputs(
        self, name: str, rows: Sequence[Mapping[str, Any]], expected: int | None = None
    ) -> InputChange:
        packed = [(name, position, pack(row)) for position, row in enumerate(rows)]
        whole, at = pack({"rows": list(rows)}), _ms(self._now())
        with self.database.transaction() as connection:
            number = self._input_number(input_name(name))
            if expected is not None and number != expected:
                raise inputs_changed()
            connection.execute("delete from inputs where name = ?", (name,))
            connection.executemany("insert into inputs (name, position, row) values (?, ?, ?)", packed)
            connection.execute("insert into input_changes values (?, ?, ?, ?)", (name, number + 1, at, whole))
            connection.execute(
                "delete from input_changes where name = ? and number <= ?",
                (name, number + 1 - INPUT_CHANGES_KEPT),
            )
        return InputChange(number + 1, _instant(at), unpack(whole)["rows"])

    def input_change(self, name: str) -> InputChange:
        last = self._input_changes(name, 1)
        # Older versions of this program kept no numbers.
        return last[0] if last else InputChange(0, _instant(0), self.inputs(name))

    def input_changes(self, name: str) -> list[InputChange]:
        return self._input_changes(name, INPUT_CHANGES_KEPT)

    def input_numbers(self) -> dict[str, int]:
        return dict(self.database.read("select name, max(number) from input_changes group by name"))

    def _input_number(self, name: str) -> int:
        return self._number("select coalesce(max(number), 0) from input_changes where name = ?", (name,))

    def _input_changes(self, name: str, limit: int) -> list[InputChange]:
        rows = self.database.read(
            "select number, at, rows from input_changes where name = ? order by number desc limit ?",
            (input_name(name), limit),
        )
        return [InputChange(number, _instant(at), unpack(whole)["rows"]) for number, at, whole in rows]

    def put_record(self, kind: str, record_id: str, body: Mapping[str, Any], expected: int) -> bool:
        return embedded_records.put(self.database, (kind, record_id), body, expected, _ms(self._now()))

    def record(self, kind: str, record_id: str) -> Record | None:
        return embedded_records.one(self.database, kind, record_id)

    def records(self, kind: str, limit: int) -> list[Record]:
        return embedded_records.newest(self.database, kind, limit)

    def close(self) -> None:
        self.database.close()

    def _number(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        number: int = self.database.read(sql, parameters)[0][0]
        return number


def _metrics_row(document: Document) -> tuple[Any, ...]:
    packed = pack({key: value for key, value in document.items() if key != "_id"})
    return (
        str(document.get("_id") or ObjectId()),
        document["product"],
        document["policy"],
        _ms(document["timestamp"]),
        bool(document.get("closed_month")),
        packed,
    )


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1_000, UTC)


def _ms(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
