"""The connection to MongoDB: how it is opened, the indexes it needs, and its errors in our words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from bson.errors import BSONError
from pymongo import ASCENDING, DESCENDING, IndexModel, MongoClient, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from eqho.store.base import INPUTS, Document, StoreError, StoreUnavailable
from eqho.store.documents import CODEC

_DUPLICATE_KEY = 11000

_AUTHENTICATION_FAILED = (18, 8000)
_NOT_AUTHORISED = 13
_INDEX_CONFLICTS = (85, 86)
_OBJECT_TOO_LARGE = 10334
_TOO_LARGE = (
    "A document is larger than the 16 MB that MongoDB can hold: unset MONGODB_URL, the embedded store can."
)
_NO_ANSWER = (
    ServerSelectionTimeoutError,
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    WTimeoutError,
    # An SRV name is looked up at the first use, and a failed look-up is told as this.
    ConfigurationError,
)

# The driver tells of TLS in its text only.
_TLS_FAILED = re.compile(
    r"SSL handshake failed|certificate verify failed|CERTIFICATE_\w+|WRONG_VERSION_NUMBER"
)
_BAD_URL = (
    "MONGODB_URL cannot be read: write it as mongodb://user:password@host:27017/?authSource=admin, "
    "with the special characters of the password percent-encoded."
)

# What is held of each customer, and what it says, without a look at the documents.
_BY_OWNER = IndexModel([("customer", ASCENDING), ("mark_a", ASCENDING), ("mark_b", ASCENDING)])

INDEXES: Final[dict[str, list[IndexModel]]] = {
    "metrics": [
        IndexModel([("timestamp", DESCENDING)]),
        IndexModel([("product", ASCENDING), ("timestamp", DESCENDING)]),
        # Without it, a policy that was never stored is looked for in every document of the product.
        IndexModel(
            [("product", ASCENDING), ("policy", ASCENDING), ("timestamp", DESCENDING), ("_id", DESCENDING)]
        ),
        # Frozen months are few among the snapshots of every refresh.
        IndexModel(
            [("product", ASCENDING), ("policy", ASCENDING), ("timestamp", ASCENDING), ("_id", ASCENDING)],
            partialFilterExpression={"closed_month": {"$type": "string"}},
        ),
    ],
    "records": [IndexModel([("kind", ASCENDING), ("at", DESCENDING), ("_id", ASCENDING)])],
    "stripe_cache": [
        IndexModel([("timestamp", ASCENDING)], expireAfterSeconds=3600),
        IndexModel([("cache_key", ASCENDING)], unique=True),
    ],
    "stripe_objects": [
        IndexModel([("type", ASCENDING)]),
        # Few are deleted: counting these and subtracting reads no documents.
        IndexModel(
            [("type", ASCENDING), ("deleted", ASCENDING)],
            partialFilterExpression={"deleted": {"$type": "date"}},
        ),
        _BY_OWNER,
    ],
    "stripe_events": [IndexModel([("created", ASCENDING)]), _BY_OWNER],
    **{name: [IndexModel([("month", ASCENDING)])] for name in INPUTS},
}


def connect(url: str) -> "MongoClient[Document]":
    """A client that has not connected yet. StoreError when the URL cannot be read; it is never repeated."""
    try:
        hosts(url)
        return MongoClient(
            url,
            connect=False,
            appname="eqho-metrics",
            serverSelectionTimeoutMS=3_000,
            connectTimeoutMS=3_000,
            socketTimeoutMS=20_000,
        )
    except (PyMongoError, ValueError, TypeError):
        raise StoreError(_BAD_URL) from None


def hosts(url: str) -> str:
    """The part of a URL that names the servers. ValueError when an unescaped password hides which that is."""
    before_options, _, options = url.partition("://")[2].partition("?")
    authority, _, path = before_options.partition("/")
    if "@" in path or ("@" in options and "@" not in authority):
        raise ValueError
    return authority.rpartition("@")[2]


def durable(client: "MongoClient[Document]", name: str) -> Database[Document]:
    """The database, where a write is on the disk of a majority when it returns."""
    try:
        return client.get_database(
            name, codec_options=CODEC, write_concern=WriteConcern(w="majority", j=True)
        )
    except PyMongoError:
        raise StoreError(
            f"MONGODB_DATABASE cannot be {name!r}: use letters, digits and underscores."
        ) from None


def create_indexes(database: Database[Document]) -> None:
    for collection, indexes in INDEXES.items():
        database[collection].create_indexes(indexes)


def insert_new(collection: Collection[Document], documents: list[Document]) -> int:
    """Insert those whose `_id` is not there yet; how many that were."""
    if not documents:
        return 0
    try:
        return len(collection.insert_many(documents, ordered=False).inserted_ids)
    except BulkWriteError as error:
        errors = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or any(found["code"] != _DUPLICATE_KEY for found in errors):
            raise
        return int(error.details["nInserted"])


@contextmanager
def translated(where: str, database: str) -> Iterator[None]:
    """Turns the driver's exceptions into StoreError and StoreUnavailable. `where` names the servers."""
    try:
        yield
    except _NO_ANSWER as error:
        # After a refused login the driver forgets what it knew of the server, and only its text says why.
        if "authentication failed" in str(error).lower():
            raise _bad_login(where) from error
        if (failed := _TLS_FAILED.search(str(error))) is not None:
            raise StoreUnavailable(
                f"MongoDB at {where} and the dashboard do not agree on TLS ({failed[0].strip()}): check tls, "
                "tlsCAFile and the host name in MONGODB_URL against the server's certificate."
            ) from error
        raise StoreUnavailable(
            f"MongoDB at {where} does not answer: start it, or check MONGODB_URL and the network."
        ) from error
    except DocumentTooLarge as error:
        raise StoreError(_TOO_LARGE) from error
    except BSONError as error:
        raise StoreError(f"A document in database {database} cannot be read or written as BSON.") from error
    except OperationFailure as error:
        raise _refused(error, where, database) from error
    except PyMongoError as error:
        raise StoreError(f"MongoDB at {where} failed ({type(error).__name__}): see its log.") from error


def _bad_login(where: str) -> StoreError:
    return StoreError(
        f"MongoDB at {where} refused the user name or the password: correct them in MONGODB_URL."
    )


def _refused(error: OperationFailure, where: str, database: str) -> StoreError:
    details: dict[str, Any] = dict(error.details or {})
    if isinstance(error, BulkWriteError):
        if not details["writeErrors"]:
            return StoreUnavailable(f"MongoDB at {where} could not confirm a write: check its replica set.")
        code = details["writeErrors"][0]["code"]
    else:
        code = error.code
    if code in _AUTHENTICATION_FAILED:
        return _bad_login(where)
    if code == _NOT_AUTHORISED:
        return StoreError(
            f"MongoDB at {where} does not let this user work in database {database}: "
            "name the user in MONGODB_URL and grant it the role readWrite there."
        )
    if code == _OBJECT_TOO_LARGE:
        return StoreError(_TOO_LARGE)
    if code in _INDEX_CONFLICTS:
        return StoreError(
            f"Database {database} has an index of the same name with other options: drop that index. "
            f"({details.get('errmsg', '')})"
        )
    return StoreError(f"MongoDB at {where} refused a request (code {code}): see its log.")
