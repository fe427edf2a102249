"""What people enter, in MongoDB: rows are written under a new version, then one write makes that current.

Rows stay flat (`{month, amount, …}`), so that they can be read and indexed by month. The document of
the current version also holds the last changes, whose rows stay beside the current ones.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson.objectid import ObjectId
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from eqho.store.base import INPUT_CHANGES_KEPT, Document, InputChange, StoreUnavailable
from eqho.store.documents import inputs_changed, seal, unseal, utc_now

_CURRENT = {"_id": "current"}
_OURS = ("_id", "_version", "_position")
_ABANDONED = timedelta(hours=1)
_TRIES = 10
_BEFORE_THE_FIRST = datetime.fromtimestamp(0, UTC)


def current(collection: Collection[Document]) -> InputChange:
    """StoreUnavailable in the unlikely case that rows are replaced faster than they can be read."""
    for _ in range(_TRIES):
        found = collection.find_one(_CURRENT)
        if found is None:
            return InputChange(0, _BEFORE_THE_FIRST, [])
        rows = _rows(collection, found["version"])
        if len(rows) == found["rows"]:
            return InputChange(_number(found), found.get("at", _BEFORE_THE_FIRST), rows)
    raise StoreUnavailable(f"The rows of {collection.name} were replaced while they were read: try again.")


def changes(collection: Collection[Document]) -> list[InputChange]:
    """Newest first."""
    found = collection.find_one(_CURRENT) or {}
    return [
        InputChange(change["number"], change["at"], _rows(collection, change["version"]))
        for change in reversed(found.get("changes", []))
    ]


def number(collection: Collection[Document]) -> int:
    return _number(collection.find_one(_CURRENT, {"number": 1}))


def replace(
    collection: Collection[Document], rows: Sequence[Mapping[str, Any]], expected: int | None, at: datetime
) -> InputChange:
    version = ObjectId()
    sealed = [seal(row) for row in rows]
    if sealed:
        collection.insert_many(
            [{**row, "_version": version, "_position": position} for position, row in enumerate(sealed)]
        )
    for _ in range(_TRIES):
        before = collection.find_one(_CURRENT) or {}
        known = _number(before)
        if expected is not None and known != expected:
            collection.delete_many({"_version": version})
            raise inputs_changed()
        change = {"number": known + 1, "version": version, "at": at}
        kept = [*before.get("changes", []), change][-INPUT_CHANGES_KEPT:]
        after = {"number": known + 1, "version": version, "rows": len(sealed), "at": at, "changes": kept}
        if _put(collection, before, after):
            versions = [one["version"] for one in kept]
            # Another writer's rows are there before its version is.
            abandoned = {"$nin": versions, "$lt": ObjectId.from_datetime(utc_now() - _ABANDONED)}
            collection.delete_many({"_version": abandoned})
            return InputChange(known + 1, at, [unseal(row) for row in sealed])
    collection.delete_many({"_version": version})
    raise StoreUnavailable(f"The {collection.name} are being changed by others all the time: try again.")


def _put(collection: Collection[Document], before: Document, after: Document) -> bool:
    """Whether nobody else has been faster."""
    if not before:
        try:
            collection.insert_one(_CURRENT | after)
        except DuplicateKeyError:
            return False
        return True
    same = _CURRENT | {"version": before["version"]}
    return collection.update_one(same, {"$set": after}).matched_count == 1


def _rows(collection: Collection[Document], version: ObjectId) -> list[Document]:
    rows = collection.find({"_version": version}).sort("_position")
    return [unseal({key: row[key] for key in row if key not in _OURS}) for row in rows]


def _number(found: Document | None) -> int:
    """0 also where an older version of this program, which kept no numbers, wrote the list."""
    known: int = (found or {}).get("number", 0)
    return known
