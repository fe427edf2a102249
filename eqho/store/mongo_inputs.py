"""What people enter, in MongoDB: rows are written under a new version, then one write makes that current.

Rows stay flat (`{month, category, amount, …}`), so that they can be read and indexed by month.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bson.objectid import ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection

from eqho.store.base import Document, StoreUnavailable
from eqho.store.documents import seal, unseal, utc_now

_CURRENT = {"_id": "current"}
_OURS = ("_id", "_version", "_position")
_ABANDONED = timedelta(hours=1)
_READS = 10


def read(collection: Collection[Document]) -> list[Document]:
    """StoreUnavailable in the unlikely case that rows are replaced faster than they can be read."""
    for _ in range(_READS):
        current = collection.find_one(_CURRENT)
        if current is None:
            return []
        rows = list(collection.find({"_version": current["version"]}).sort("_position"))
        if len(rows) == current["rows"]:
            return [unseal({key: row[key] for key in row if key not in _OURS}) for row in rows]
    raise StoreUnavailable(f"The rows of {collection.name} were replaced while they were read: try again.")


def replace(collection: Collection[Document], rows: Sequence[Mapping[str, Any]]) -> None:
    version = ObjectId()
    if rows:
        collection.insert_many(
            [{**seal(row), "_version": version, "_position": position} for position, row in enumerate(rows)]
        )
    previous = collection.find_one_and_update(
        _CURRENT,
        {"$set": {"version": version, "rows": len(rows)}},
        upsert=True,
        return_document=ReturnDocument.BEFORE,
    )
    abandoned = {"$ne": version, "$lt": ObjectId.from_datetime(utc_now() - _ABANDONED)}
    collection.delete_many(
        {"$or": [{"_version": abandoned}, *([{"_version": previous["version"]}] if previous else [])]}
    )
