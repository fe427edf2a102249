"""Records in MongoDB: documents of a kind under ids that callers give them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from eqho.store.base import Document, Record
from eqho.store.documents import seal, unseal


def put(
    database: Database[Document],
    name: tuple[str, str],
    body: Mapping[str, Any],
    expected: int,
    now: datetime,
) -> bool:
    """`name` is (kind, id)."""
    kind, record_id = name
    whole = {"kind": kind, "number": expected + 1, "at": now, "body": seal(body)}
    place = _place(kind, record_id)
    if expected:
        mine = {"_id": place, "number": expected}
        return database.records.update_one(mine, {"$set": whole}).matched_count == 1
    try:
        database.records.insert_one({"_id": place, **whole})
    except DuplicateKeyError:
        return False
    return True


def one(database: Database[Document], kind: str, record_id: str) -> Record | None:
    found = database.records.find_one({"_id": _place(kind, record_id)})
    return _read(found) if found else None


def newest(database: Database[Document], kind: str, limit: int) -> list[Record]:
    found = database.records.find({"kind": kind}).sort([("at", DESCENDING), ("_id", 1)]).limit(limit)
    return [_read(document) for document in found]


def _place(kind: str, record_id: str) -> str:
    return f"{kind}:{record_id}"


def _read(document: Document) -> Record:
    record_id = document["_id"].removeprefix(f"{document['kind']}:")
    return Record(record_id, document["number"], document["at"], unseal(document["body"]))
