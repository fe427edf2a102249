"""A real mongod is killed and started again under a dashboard that goes on."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eqho.store import open_store
from eqho.store.base import Build, Store, StoreError, StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.store.spooled import SpooledStore
from tests.services.mongod import Mongod
from tests.store.samples import NOON, customer, event, mrr, snapshot


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_mongod_goes_and_comes_back(own_mongod: Mongod, tmp_path: Path) -> None:
    store = SpooledStore(
        MongoStore(own_mongod.url, "eqho"), EmbeddedStore(tmp_path / "spool.db"), retry_seconds=0.1
    )
    lease = store.acquire_lease("sync", "me", 60)
    assert store.publish_build({"n": 1}, b"one", lease) == 1
    store.append_metrics([snapshot(1, NOON)])
    store.put_events([event(1, 10)])

    own_mongod.kill()
    store.append_metrics([snapshot(2, NOON)])
    assert store.outage is not None
    assert store.outage[1].startswith(f"MongoDB at 127.0.0.1:{own_mongod.port} does not answer: start it")
    assert store.put_events([event(2, 11)]) == 1
    assert store.publish_build({"n": 2}, b"two", lease) == 2
    assert store.latest_build() == Build(2, {"n": 2}, b"two")
    assert mrr(store.latest_metrics("towpilot", "eqho")) == 2
    with pytest.raises(StoreUnavailable):
        store.replace_inputs("spend", [{"month": "2026-01"}])
    assert store.waiting == 3

    own_mongod.start()
    eventually(lambda: store.generation() == 2 and store.outage is None)
    assert store.waiting == 0
    store.close()

    direct = MongoStore(own_mongod.url, "eqho")
    assert direct.count_metrics() == 2
    assert mrr(direct.latest_metrics("towpilot", "eqho")) == 2
    assert [found["id"] for found in direct.events()] == ["evt_000001", "evt_000002"]
    build = direct.latest_build()
    assert build is not None
    assert (build.generation, build.payload) == (2, b"two")
    direct.close()


def test_nobody_waits_twice_for_a_server_that_is_away(tmp_path: Path) -> None:
    EmbeddedStore(tmp_path / "spool.db").adopt_build(Build(5, {}, b"five"))
    started = time.monotonic()
    store = open_store("mongodb://127.0.0.1:1/", "eqho", tmp_path)
    assert time.monotonic() - started < 0.5
    assert store.latest_build() == Build(5, {}, b"five")
    assert 2.5 < time.monotonic() - started < 4
    again = time.monotonic()
    for _ in range(100):
        assert store.generation() == 5
    assert time.monotonic() - again < 0.5
    store.close()


def test_eight_threads_at_a_start_without_a_server_wait_once(tmp_path: Path) -> None:
    EmbeddedStore(tmp_path / "spool.db").adopt_build(Build(5, {}, b"five"))
    store = open_store("mongodb://127.0.0.1:1/", "eqho", tmp_path)
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: store.generation(), range(8))) == [5] * 8
    assert time.monotonic() - started < 4.5
    store.close()


def test_the_reader_of_a_long_list_learns_of_the_outage(own_mongod: Mongod, tmp_path: Path) -> None:
    store = open_store(own_mongod.url, "eqho", tmp_path)
    store.put_objects("customer", (customer(n, filler="x" * 2_000) for n in range(3_000)), "v", NOON)
    reading = store.objects("customer")
    next(reading)
    own_mongod.kill()
    with pytest.raises(StoreUnavailable, match="does not answer"):
        list(reading)
    assert isinstance(store, SpooledStore)
    assert store.outage is not None
    store.close()


def test_without_a_url_the_store_is_a_file(tmp_path: Path) -> None:
    store: Store = open_store(None, "eqho", tmp_path / ".eqho")
    assert store.backend == "embedded"
    assert (tmp_path / ".eqho" / "eqho.db").exists()
    store.close()


def test_with_a_url_the_store_is_mongodb(own_mongod: Mongod, tmp_path: Path) -> None:
    store = open_store(own_mongod.url, "eqho", tmp_path)
    assert store.backend == "mongodb"
    assert store.generation() == 0
    store.close()


def test_a_url_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="MONGODB_URL cannot be read"):
        open_store("mongodb://eqho:hunter2@", "eqho", tmp_path)


def test_a_server_without_tls_is_named_as_such(own_mongod: Mongod) -> None:
    store = MongoStore(f"{own_mongod.url}/?tls=true", "eqho")
    with pytest.raises(StoreUnavailable, match=r"do not agree on TLS \(SSL handshake failed\): check tls"):
        store.generation()
    store.close()
