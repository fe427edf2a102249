"""One process that syncs once and says so: `python -m tests.sync.pull_once URL STORE DATABASE NOW`.

STORE is a folder, or a MongoDB URL.
"""

import sys
from pathlib import Path

from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from eqho.store.base import Store
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.sync import Sync
from tests.services.stripe_server import KEY


def opened(where: str, database: str) -> Store:
    if where.startswith("mongodb://"):
        return MongoStore(where, database)
    return EmbeddedStore(Path(where) / "eqho.db")


def main() -> None:
    url, where, database, now = sys.argv[1:]
    source = StripeSource(KEY, url, rate=500.0, retries=RetryPolicy(shortest=0.01, longest=0.05))
    sync = Sync(source, opened(where, database), lambda: int(now))
    print("began", flush=True)
    sync.run()
    print("done", flush=True)


if __name__ == "__main__":
    main()
