"""L2: reads and durable writes of both stores, beside the bare driver on the same data."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import bson
from pymongo import MongoClient

from benchmarks.timing import measure, milliseconds, print_table
from eqho.store.base import Document, Store
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.store.spooled import SpooledStore
from tests.services.mongod import Mongod, find_mongod

PRODUCTS = [f"line-{number}" for number in range(10)]
POLICIES = ("eqho", "stripe")
SNAPSHOTS = 200
START = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = [
    {"id": f"cus_{number}", "metadata": {"plan": "gold"}, "address": {"city": "x" * 600}}
    for number in range(100)
]
PAYLOAD = os.urandom(5_000_000)


def run() -> None:
    size = len(bson.encode(snapshot("line-0", "eqho", 0)))
    documents = len(PRODUCTS) * len(POLICIES) * SNAPSHOTS
    print(f"{documents:,} metrics documents of {size:,} bytes; milliseconds.\n")
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "eqho.db"
        rows += rows_of("embedded", EmbeddedStore(path), lambda: raw_sqlite(path))
        with a_mongod(Path(folder)) as url:
            if url is None:
                print("mongod is not installed: its rows are left out.\n")
            else:
                name = f"eqho_benchmark_{uuid4().hex[:8]}"
                client: MongoClient[dict[str, Any]] = MongoClient(url, tz_aware=True)
                with client:
                    mongo = MongoStore(url, name)
                    rows += rows_of("mongod", mongo, lambda: raw_mongo(client, name))
                    spooled = SpooledStore(mongo, EmbeddedStore(Path(folder) / "spool.db"))
                    rows.append(row("mongod + spool", "latest_metrics", lambda: read_latest(spooled)))
                    rows.append(row("mongod + spool", "generation", spooled.generation))
                    client.drop_database(name)
    print_table(("store", "operation", "median", "p99"), rows, labels=2)


def rows_of(name: str, store: Store, baseline: Callable[[], Callable[[], object]]) -> list[tuple[str, ...]]:
    for number in range(SNAPSHOTS):
        store.append_metrics(
            [snapshot(product, policy, number) for product in PRODUCTS for policy in POLICIES]
        )
    fresh = iter(range(SNAPSHOTS, 10**9))
    store.put_page("customers", PAGE)
    store.publish_build({}, PAYLOAD)
    return [
        row(name, "baseline: bare driver, latest", baseline(), 1_000),
        row(name, "latest_metrics", lambda: read_latest(store), 1_000),
        row(name, "latest_metrics, none there", lambda: store.latest_metrics("line-3", "other"), 1_000),
        row(name, "generation", store.generation, 1_000),
        row(name, "get_page, 100 objects", lambda: store.get_page("customers")),
        row(name, "latest_build, 5 MB", store.latest_build, 50),
        row(
            name,
            "append_metrics, durable",
            lambda: store.append_metrics([snapshot("w", "eqho", next(fresh))]),
        ),
        row(name, "put_state, durable", lambda: store.put_state("cursor", {"after": "cus_1"})),
        row(name, "put_objects, 100, durable", lambda: store.put_objects("customer", PAGE, "v", START), 100),
        row(name, "put_page, 100 objects", lambda: store.put_page("customers", PAGE), 100),
        row(name, "publish_build, 5 MB, durable", lambda: store.publish_build({}, PAYLOAD), 30),
    ]


def row(name: str, operation: str, call: Callable[[], object], times: int = 300) -> tuple[str, ...]:
    return (name, operation, *milliseconds(measure(call, times)))


def read_latest(store: Store) -> None:
    if store.latest_metrics("line-3", "eqho") is None:
        raise AssertionError("The document that is to be read is not there.")


def raw_sqlite(path: Path) -> Callable[[], object]:
    connection = sqlite3.connect(path)
    return lambda: bson.decode(
        connection.execute(
            "select document from metrics where product = 'line-3' and policy = 'eqho' "
            "order by timestamp desc limit 1"
        ).fetchone()[0]
    )


def raw_mongo(client: "MongoClient[dict[str, Any]]", name: str) -> Callable[[], object]:
    collection = client[name]["metrics"]
    return lambda: collection.find_one({"product": "line-3", "policy": "eqho"}, sort=[("timestamp", -1)])


def snapshot(product: str, policy: str, number: int) -> Document:
    """About as large as the metrics of a product are."""
    groups = (
        "customer",
        "revenue",
        "movement",
        "retention",
        "trial",
        "cac",
        "ltv",
        "cash",
        "growth",
        "other",
    )
    return {
        "product": product,
        "policy": policy,
        "timestamp": START + timedelta(hours=number),
        "metrics": {
            f"{group}_metrics": {f"some_metric_with_a_name_{n}": number * 1.5 + n for n in range(55)}
            for group in groups
        },
        "undefined": {"ltv_metrics.ltv": "no customer churned in the 6 closed months before"},
    }


@contextmanager
def a_mongod(folder: Path) -> Iterator[str | None]:
    given = os.environ.get("MONGODB_URL")
    if given or find_mongod() is None:
        yield given or None
        return
    server = Mongod(folder / "mongod").start()
    try:
        yield server.url
    finally:
        server.stop()
