"""The mirror and the events in the embedded store, each document beside whose it is and what it says."""

from collections.abc import Iterable, Iterator, Sequence

from eqho.billing.owners import owner_of, owner_of_event
from eqho.store.base import Document
from eqho.store.documents import batched, marks, pack_body, unpack_body
from eqho.store.sqlite import Database

CHUNK = 500
NOBODY = "-"
"""Owner of the events that the ledger does not read."""

SCHEMA = """
create table if not exists stripe_objects (
    type text not null, id text not null, api_version text not null, fetched_at integer not null,
    deleted integer, body blob not null, customer text, mark_a integer, mark_b integer,
    primary key (type, id));
create index if not exists stripe_objects_live on stripe_objects (type, id) where deleted is null;

create table if not exists stripe_events (
    id text primary key, created integer not null, body blob not null,
    customer text, mark_a integer, mark_b integer);
create index if not exists stripe_events_created on stripe_events (created, id)
"""


def put_objects(
    database: Database, kind: str, bodies: Iterable[Document], api_version: str, fetched_ms: int
) -> None:
    for batch in batched(bodies, CHUNK):
        rows = []
        for body in batch:
            packed = pack_body(body)
            described = owner_of(kind, body), *marks(kind, packed)
            rows.append((kind, body["id"], api_version, fetched_ms, packed, *described))
        with database.transaction() as connection:
            connection.executemany(
                "insert or replace into stripe_objects "
                "(type, id, api_version, fetched_at, body, customer, mark_a, mark_b) "
                "values (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )


def bury_objects(database: Database, kind: str, ids: Iterable[str], at_ms: int) -> None:
    with database.transaction() as connection:
        connection.executemany(
            # What is buried says something else than it did: its marks change places.
            "update stripe_objects set deleted = ?, mark_a = mark_b, mark_b = mark_a "
            "where type = ? and id = ? and deleted is null",
            [(at_ms, kind, object_id) for object_id in ids],
        )


def objects(database: Database, kind: str, with_deleted: bool) -> Iterator[Document]:
    condition = "" if with_deleted else "and deleted is null "
    last = ""
    while rows := database.read(
        f"select id, body from stripe_objects where type = ? and id > ? {condition}order by id limit ?",  # noqa: S608
        (kind, last, CHUNK),
    ):
        yield from (unpack_body(body) for _, body in rows)
        last = rows[-1][0]


def put_events(database: Database, events: Iterable[Document]) -> int:
    new = 0
    for batch in batched(events, CHUNK):
        rows = [(event["id"], event["created"], pack_body(event), *describe(event)) for event in batch]
        with database.transaction() as connection:
            new += connection.executemany(
                "insert or ignore into stripe_events (id, created, body, customer, mark_a, mark_b) "
                "values (?, ?, ?, ?, ?, ?)",
                rows,
            ).rowcount
    return new


def describe(event: Document) -> tuple[str, int, int]:
    """(owner, marks). An event never changes: its id stands for it."""
    owner = owner_of_event(event)
    return NOBODY if owner is None else owner, *marks("event", event["id"].encode())


def events(database: Database, since: int, families: Sequence[str]) -> Iterator[Document]:
    # Reading a document costs far more than finding the text in it, which it may have elsewhere too.
    named = " or ".join("instr(body, ?)" for _ in families)
    texts = [family.encode() for family in families]
    created, event_id = since, ""
    while rows := database.read(
        f"select created, id, body from stripe_events where (created, id) > (?, ?) and ({named}) "  # noqa: S608
        "order by created, id limit ?",
        (created, event_id, *texts, CHUNK),
    ):
        for event in (unpack_body(body) for _, _, body in rows):
            if event.get("type", "").startswith(tuple(families)):
                yield event
        created, event_id = rows[-1][:2]
