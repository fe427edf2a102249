"""What a process does that syncs once. A store is a folder, or a MongoDB URL."""

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


def pull(url: str, where: str, database: str, now: int) -> None:
    source = StripeSource(KEY, url, rate=500.0, retries=RetryPolicy(shortest=0.01, longest=0.05))
    Sync(source, opened(where, database), lambda: now).run()
