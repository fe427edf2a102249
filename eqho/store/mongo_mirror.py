"""The mirror and the events in MongoDB, each document beside whose it is and what it says."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, ReplaceOne
from pymongo.database import Database

from eqho.billing.owners import owner_of, owner_of_event
from eqho.store.base import Document
from eqho.store.documents import marks, raw_body, unseal

NOBODY = "-"
"""Owner of the events that the ledger does not read."""


def put_objects(
    database: Database[Document],
    kind: str,
    bodies: Iterable[Document],
    api_version: str,
    fetched_at: datetime,
) -> None:
    writes = []
    for body in bodies:
        stored = raw_body(body)
        packed = stored.raw if isinstance(stored, RawBSONDocument) else bson.encode(stored)
        first, second = marks(kind, bytes(packed))
        document = {
            "type": kind,
            "api_version": api_version,
            "fetched_at": fetched_at,
            "deleted": None,
            "customer": owner_of(kind, body),
            "mark_a": first,
            "mark_b": second,
            "body": stored,
        }
        writes.append(ReplaceOne({"_id": f"{kind}/{body['id']}"}, document, upsert=True))
    database.stripe_objects.bulk_write(writes, ordered=False)


def bury_objects(database: Database[Document], kind: str, ids: Iterable[str], at: datetime) -> None:
    # What is buried says something else than it did: its marks change places.
    buried = {"$set": {"deleted": at, "mark_a": "$mark_b", "mark_b": "$mark_a"}}
    database.stripe_objects.update_many(
        {"_id": {"$in": [f"{kind}/{object_id}" for object_id in ids]}, "deleted": None}, [buried]
    )


def objects(database: Database[Document], kind: str, with_deleted: bool) -> Iterator[Document]:
    wanted = _of(kind) if with_deleted else {**_of(kind), "deleted": None}
    for found in database.stripe_objects.find(wanted, {"body": 1}, sort=[("_id", ASCENDING)]):
        yield unseal(found["body"])


def object_ids(database: Database[Document], kind: str) -> set[str]:
    known = {found["_id"] for found in database.stripe_objects.find(_of(kind), {"_id": 1})}
    known -= {found["_id"] for found in database.stripe_objects.find(_deleted(kind), {"_id": 1})}
    return {key.removeprefix(f"{kind}/") for key in known}


def count_objects(database: Database[Document]) -> dict[str, int]:
    counts = {
        kind: database.stripe_objects.count_documents({"type": kind})
        - database.stripe_objects.count_documents(_deleted(kind))
        for kind in database.stripe_objects.distinct("type")
    }
    return {kind: count for kind, count in counts.items() if count}


def event_documents(events: Iterable[Document]) -> list[Document]:
    return [
        {
            "_id": event["id"],
            "created": event["created"],
            "type": event.get("type"),
            **describe(event),
            "body": raw_body(event),
        }
        for event in events
    ]


def describe(event: Document) -> Document:
    """Owner and marks. An event never changes: its id stands for it."""
    owner, (first, second) = owner_of_event(event), marks("event", event["id"].encode())
    return {"customer": NOBODY if owner is None else owner, "mark_a": first, "mark_b": second}


def events(database: Database[Document], since: int, families: Sequence[str]) -> Iterator[Document]:
    wanted: Document = {"created": {"$gte": since}}
    if "" not in families:
        wanted["type"] = {"$regex": f"^({'|'.join(map(re.escape, families))})"}
    found = database.stripe_events.find(wanted, sort=[("created", ASCENDING)])
    for _, same_second in groupby(found, key=lambda event: event["created"]):
        for event in sorted(same_second, key=lambda event: event["_id"]):
            yield unseal(event["body"])


def _of(kind: str) -> Document:
    # "0" is the character after "/": every id of this kind and no other.
    return {"_id": {"$gte": f"{kind}/", "$lt": f"{kind}0"}}


def _deleted(kind: str) -> Document:
    return {"type": kind, "deleted": {"$type": "date"}}
