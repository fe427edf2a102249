"""Published builds in MongoDB: the payload first, then one write that flips the pointer to it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bson.objectid import ObjectId
from gridfs import GridFSBucket
from gridfs.errors import GridFSError
from pymongo import ReturnDocument
from pymongo.database import Database

from eqho.store.base import Build, Document, Lease, LeaseLost, StoreUnavailable
from eqho.store.documents import seal, unseal, utc_now
from eqho.store.mongo_leases import PUBLISHED, fence

BUILDS_KEPT = 3

# A document holds 16 MB; what is larger is cut into chunks.
_LARGEST_INLINE = 15_000_000
_CHUNK_BYTES = 4_000_000
# Payloads that were never published are another process's until it must have given up.
_ABANDONED = timedelta(hours=1)


def publish(
    database: Database[Document], meta: Mapping[str, Any], payload: bytes, lease: Lease | None
) -> int:
    key = ObjectId()
    document: Document = {"_id": key, "meta": seal(meta), "chunked": len(payload) > _LARGEST_INLINE}
    if document["chunked"]:
        _bucket(database).upload_from_stream_with_id(key, str(key), payload)
    else:
        document["payload"] = payload
    database.builds.insert_one(document)
    flipped = database.builds.find_one_and_update(
        PUBLISHED if lease is None else {**PUBLISHED, fence(lease.name): lease.token},
        {
            "$inc": {"generation": 1},
            "$set": {"build": key},
            "$push": {"recent": {"$each": [key], "$slice": -BUILDS_KEPT - 1}},
        },
        upsert=lease is None,
        return_document=ReturnDocument.AFTER,
    )
    if flipped is None:
        assert lease is not None
        _delete(database, [key])
        raise LeaseLost(f"The lease {lease.name} has been taken over: start the refresh again.")
    _prune(database, flipped["recent"])
    generation: int = flipped["generation"]
    return generation


def latest(database: Database[Document]) -> Build | None:
    """StoreUnavailable in the unlikely case that builds are replaced faster than they can be read."""
    for _ in range(BUILDS_KEPT):
        pointer = database.builds.find_one(PUBLISHED)
        if pointer is None or "build" not in pointer:
            return None
        document = database.builds.find_one({"_id": pointer["build"]})
        payload = None if document is None else _payload(database, document)
        if document is not None and payload is not None:
            return Build(pointer["generation"], unseal(document["meta"]), payload)
    raise StoreUnavailable("The published build was replaced while it was read: try again.")


def generation(database: Database[Document]) -> int:
    pointer = database.builds.find_one(PUBLISHED, {"generation": 1})
    return pointer.get("generation", 0) if pointer else 0


def _payload(database: Database[Document], document: Document) -> bytes | None:
    if not document["chunked"]:
        return bytes(document["payload"])
    try:
        return _bucket(database).open_download_stream(document["_id"]).read()
    except GridFSError:
        return None


def _prune(database: Database[Document], recent: list[ObjectId]) -> None:
    abandoned = {
        "_id": {"$nin": recent, "$lt": ObjectId.from_datetime(utc_now() - _ABANDONED)},
    }
    stale = {found["_id"] for found in database.builds.find(abandoned, {"_id": 1})}
    stale |= {found["_id"] for found in database["builds.files"].find(abandoned, {"_id": 1})}
    _delete(database, [*recent[:-BUILDS_KEPT], *stale])


def _delete(database: Database[Document], keys: list[ObjectId]) -> None:
    if keys:
        database.builds.delete_many({"_id": {"$in": keys}})
        database["builds.files"].delete_many({"_id": {"$in": keys}})
        database["builds.chunks"].delete_many({"files_id": {"$in": keys}})


def _bucket(database: Database[Document]) -> GridFSBucket:
    return GridFSBucket(database, "builds", chunk_size_bytes=_CHUNK_BYTES)
