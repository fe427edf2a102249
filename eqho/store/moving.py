"""`python -m eqho.store.moving to-mongodb` and `… to-file`: everything from the file of EQHO_DATA_DIR into
the MongoDB of the settings, or back.

What is moved stays where it was too. The dashboard stands still meanwhile. Builds are made anew by the next
refresh, which goes on where the last one was; what nobody else knows any more (frozen months, first sights,
what people entered and kept) is there.
"""

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pymongo.database import Database

from eqho.settings import SettingsError, load_settings, reveal
from eqho.store.base import Document, Store, StoreError
from eqho.store.documents import batched
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.store.mongo_connection import connect, hosts, translated

_BATCH = 500
_EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_ALL_RECORDS = 1_000_000
_AFTERWARDS = "refreshed"
"""Of the state, what tells of a build: there is none yet."""


class Names(NamedTuple):
    """What a store holds, by name: `histories` are (product, policy) of snapshots."""

    states: list[str]
    kinds: list[str]
    histories: list[tuple[str, str]]
    records: list[str]
    api_version: str


def names_in_file(store: EmbeddedStore) -> Names:
    def column(sql: str) -> list[str]:
        return [str(row[0]) for row in store.database.read(sql)]

    versions = column("select api_version from stripe_objects limit 1")
    return Names(
        column("select name from sync_state order by name"),
        column("select distinct type from stripe_objects order by type"),
        store.database.read("select distinct product, policy from metrics order by product, policy"),
        column("select distinct kind from records order by kind"),
        versions[0] if versions else "",
    )


def names_in_mongodb(url: str, name: str) -> Names:
    """Raises StoreError."""
    with connect(url) as client, translated(hosts(url), name):
        database: Database[Document] = client[name]
        found = database.metrics.aggregate([{"$group": {"_id": {"a": "$product", "b": "$policy"}}}])
        any_object = database.stripe_objects.find_one({}, {"api_version": 1}) or {}
        return Names(
            sorted(document["_id"] for document in database.sync_state.find({}, {"_id": 1})),
            sorted(database.stripe_objects.distinct("type")),
            sorted((each["_id"]["a"], each["_id"]["b"]) for each in found),
            sorted(database.records.distinct("kind")),
            any_object.get("api_version", ""),
        )


def move(source: Store, names: Names, target: Store) -> None:
    """Into a `target` that holds nothing. Raises StoreError; what was moved until then is to be dropped."""
    if target.count_objects() or target.count_metrics() or target.input_numbers():
        raise StoreError("The store to move into is not empty: name another one, or drop it.")
    for kind in names.kinds:
        _move_objects(source, target, kind, names.api_version)
    for events in batched(source.events(), _BATCH):
        target.put_events(events)
    for snapshots in batched(_snapshots(source, names), _BATCH):
        target.append_metrics(snapshots)
    for name in source.input_numbers():
        for change in reversed(source.input_changes(name)):
            target.replace_inputs(name, change.rows)
    for kind in names.records:
        for record in reversed(source.records(kind, _ALL_RECORDS)):
            target.put_record(kind, record.id, record.body, 0)
    # Last, as in a refresh: what a cursor points at is there before it.
    for name in names.states:
        if name != _AFTERWARDS and (state := source.get_state(name)) is not None:
            target.put_state(name, state)


def _move_objects(source: Store, target: Store, kind: str, api_version: str) -> None:
    now = datetime.now(UTC)
    for bodies in batched(source.objects(kind, with_deleted=True), _BATCH):
        target.put_objects(kind, bodies, api_version, now)
    target.bury_objects(kind, target.object_ids(kind) - source.object_ids(kind), now)


def _snapshots(source: Store, names: Names) -> Iterator[Document]:
    """Frozen months keep their ids: the later one of two is in force."""
    for product, policy in names.histories:
        yield from source.frozen_months(product, policy)
        shown = source.metrics_between(product, policy, *_EVER)
        yield from (document for document in shown if not document.get("closed_month"))


def main(arguments: list[str]) -> None:
    settings = load_settings(Path.cwd())
    url, name = reveal(settings.mongodb_url), settings.mongodb_database
    if arguments not in (["to-mongodb"], ["to-file"]):
        sys.exit("Say where to: python -m eqho.store.moving to-mongodb, or to-file.")
    if url is None:
        sys.exit("Set MONGODB_URL: it names the other of the two stores.")
    file = EmbeddedStore(settings.data_dir / "eqho.db")
    with closing(file), closing(MongoStore(url, name)) as server:
        if arguments == ["to-mongodb"]:
            move(file, names_in_file(file), server)
            print(f"Everything is in the database {name}: start the dashboard with MONGODB_URL set.")
        else:
            move(server, names_in_mongodb(url, name), file)
            print(
                f"Everything is in {settings.data_dir / 'eqho.db'}: start the dashboard without MONGODB_URL."
            )


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (SettingsError, StoreError, OSError) as error:
        sys.exit(str(error))
