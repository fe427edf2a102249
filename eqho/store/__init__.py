"""The historical store (L2)."""

from pathlib import Path

from eqho.store.base import Store
from eqho.store.damage import open_embedded


def open_store(mongodb_url: str | None, database: str, data_dir: Path) -> Store:
    """MongoDB behind a spool in `data_dir` where a URL is given, else a file in `data_dir`.

    Does not connect: a server that is away is an outage, not an error. StoreError when the URL cannot be read
    or the file cannot be opened; a damaged one is moved aside.
    """
    if mongodb_url is None:
        return open_embedded(data_dir / "eqho.db")
    # The driver takes longer to import than all else here: only for those who have a server.
    from eqho.store.mongo import MongoStore  # noqa: PLC0415
    from eqho.store.spooled import SpooledStore  # noqa: PLC0415

    primary = MongoStore(mongodb_url, database)
    return SpooledStore(primary, open_embedded(data_dir / "spool.db"), data_dir / "stand-in.db")
