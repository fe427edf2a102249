"""By customer: what MongoDB holds of each, and whether it is still the same."""

from collections.abc import Collection, Iterator, Sequence

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import UpdateOne
from pymongo.database import Database

from eqho.billing.owners import owner_of
from eqho.store.base import Document, Owned, Print, Prints
from eqho.store.documents import batched, marks, unpack, unseal
from eqho.store.mongo_mirror import NOBODY, describe

_BATCH = 500
_ASKED_AT_ONCE = 100
_SUMS = {"count": {"$sum": 1}, "mark_a": {"$sum": "$mark_a"}, "mark_b": {"$sum": "$mark_b"}}
_UNOPENED: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_INDEX = "customer_1_mark_a_1_mark_b_1"


def prints(database: Database[Document], before: Prints | None = None) -> Prints:
    """`before` where the sums of everything are as they were: those of each customer cost twice as much."""
    _fill(database)
    # Read before the prints: what is written in between makes the next ones another's.
    whole = _whole(database)
    if before is not None and whole is not None and before.position == whole:
        return before
    found: dict[str, Print] = {}
    somebodys = {"$match": {"customer": {"$gt": "", "$ne": NOBODY}}}
    for name, missing in (("stripe_objects", ()), ("stripe_events", (0, 0, 0))):
        by_customer = {"$group": {"_id": "$customer", **_SUMS}}
        for group in database[name].aggregate([somebodys, by_customer], hint=_INDEX, allowDiskUse=True):
            found[group["_id"]] = (*found.get(group["_id"], missing), *_print(group))
    nobodys = {"$match": {"customer": ""}}
    others = {
        str(group["_id"]): _print(group)
        for group in database.stripe_objects.aggregate([nobodys, {"$group": {"_id": "$type", **_SUMS}}])
    }
    for group in database.stripe_events.aggregate([nobodys, {"$group": {"_id": None, **_SUMS}}]):
        others["event"] = _print(group)
    return Prints(found, others, whole)


def _whole(database: Database[Document]) -> Print | None:
    """Count and marks of everything; None where their sums no longer fit 64 bits."""
    found: list[Document] = []
    for name in ("stripe_objects", "stripe_events"):
        # To leave out what says nothing to the ledger would take twice as long.
        everything = {"$match": {"customer": {"$gte": ""}}}
        found += database[name].aggregate([everything, {"$group": {"_id": None, **_SUMS}}], hint=_INDEX)
    if any(isinstance(group["mark_a"], float) or isinstance(group["mark_b"], float) for group in found):
        return None
    return tuple(sum(column) for column in zip(*map(_print, found), strict=True))


def _print(group: Document) -> Print:
    return (int(group["count"]), int(group["mark_a"]), int(group["mark_b"]))


def owned(
    database: Database[Document], customers: Sequence[str], remembered: Collection[str]
) -> Iterator[Owned]:
    objects, events = (
        database.get_collection(name, codec_options=_UNOPENED) for name in ("stripe_objects", "stripe_events")
    )
    for asked in batched(customers, _ASKED_AT_ONCE):
        wanted = {"customer": {"$in": asked}}
        seen = {**wanted, "$or": [{"deleted": None}, {"type": {"$in": list(remembered)}}]}
        found = objects.find(seen, {"customer": 1, "type": 1, "body": 1})
        for one in sorted(found, key=lambda each: str(each["_id"]).encode()):
            yield Owned(one["customer"], one["type"], one["body"].raw)
        told = events.find(wanted, {"customer": 1, "created": 1, "body": 1})
        for one in sorted(told, key=lambda each: (each["created"], each["_id"])):
            yield Owned(one["customer"], "event", one["body"].raw)


def _fill(database: Database[Document]) -> None:
    """Documents of older versions of this program do not say whose they are."""
    missing = {"customer": None}
    objects = database.get_collection("stripe_objects", codec_options=_UNOPENED)
    for batch in batched(objects.find(missing), _BATCH):
        writes = []
        for document in batch:
            kind, packed = document["type"], document["body"].raw
            pair = marks(kind, packed)
            first, second = pair if document["deleted"] is None else pair[::-1]
            told = {"customer": owner_of(kind, unpack(packed)), "mark_a": first, "mark_b": second}
            # Written again in the meantime, it says so itself.
            writes.append(UpdateOne({"_id": document["_id"], **missing}, {"$set": told}))
        database.stripe_objects.bulk_write(writes, ordered=False)
    for told_batch in batched(database.stripe_events.find(missing), _BATCH):
        database.stripe_events.bulk_write(
            [
                UpdateOne({"_id": each["_id"]}, {"$set": describe(unseal(each["body"]))})
                for each in told_batch
            ],
            ordered=False,
        )
