"""Leases in MongoDB, by the server's clock, and the fence that makes them safe.

Where there are no transactions, one write cannot look at the lease and flip the published build. So the
token of the lease is copied to the document that is flipped, before the lease is handed out: from then on
every earlier token is refused there, in the same write.
"""

from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from eqho.store.base import LEASES_LAST, Document, Lease

PUBLISHED = {"_id": "published"}


def acquire(database: Database[Document], name: str, holder: str, seconds: float) -> Lease | None:
    mine = {"$eq": ["$holder", {"$literal": holder}]}
    # A missing field sorts before every date: a lease nobody ever had has run out.
    run_out = {"$lte": ["$expires", "$$NOW"]}
    taken_ahead = {"$gt": ["$expires", {"$add": ["$$NOW", round(LEASES_LAST * 1000)]}]}
    free = {"$or": [mine, run_out, taken_ahead]}
    taken_over = {"$add": [{"$ifNull": ["$token", 0]}, 1]}
    lease = database.leases.find_one_and_update(
        {"_id": name},
        [
            {
                "$set": {
                    "holder": _if(free, {"$literal": holder}, "$holder"),
                    "token": _if(mine, "$token", _if(free, taken_over, "$token")),
                    "expires": _if(free, {"$add": ["$$NOW", round(seconds * 1000)]}, "$expires"),
                }
            }
        ],
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    if lease is None or lease["holder"] != holder:
        return None
    _raise_fence(database, name, lease["token"])
    return Lease(name, holder, lease["token"], lease["expires"])


def release(database: Database[Document], lease: Lease) -> None:
    """As if nobody had taken the lease over: its token is spent."""
    spent = database.leases.update_one(
        {"_id": lease.name, "token": lease.token},
        {"$inc": {"token": 1}, "$set": {"holder": None, "expires": datetime(1970, 1, 1, tzinfo=UTC)}},
    )
    if spent.modified_count:
        _raise_fence(database, lease.name, lease.token + 1)


def fence(name: str) -> str:
    """The field of the published document that holds the token of lease `name`."""
    return "fences." + name.replace("%", "%25").replace(".", "%2e").replace("$", "%24")


def _raise_fence(database: Database[Document], name: str, token: int) -> None:
    database.builds.update_one(PUBLISHED, {"$max": {fence(name): token}}, upsert=True)


def _if(condition: Any, then: Any, otherwise: Any) -> Document:
    return {"$cond": [condition, then, otherwise]}
