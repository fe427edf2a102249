"""The historical store (L2)."""

from pathlib import Path

from eqho.store.base import Store
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.store.spooled import SpooledStore


def open_store(mongodb_url: str | None, database: str, data_dir: Path) -> Store:
    """MongoDB behind a spool in `data_dir` where a URL is given, else a file in `data_dir`.

    Does not connect: a server that is away is an outage, not an error. StoreError when the URL cannot be read
    or the file cannot be opened.
    """
    if mongodb_url is None:
        return EmbeddedStore(data_dir / "eqho.db")
    primary = MongoStore(mongodb_url, database)
    return SpooledStore(primary, EmbeddedStore(data_dir / "spool.db"))
