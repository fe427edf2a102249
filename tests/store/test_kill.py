"""kill −9 while writing loses nothing that was acknowledged."""

from datetime import timedelta
from pathlib import Path

from eqho.store.base import Store
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from tests.services.mongod import Mongod
from tests.store.processes import read_numbers, start
from tests.store.samples import NOON, customer, mrr

WRITES = 60


def assert_complete(store: Store, acknowledged: list[int]) -> None:
    last = acknowledged[-1]
    assert acknowledged == list(range(1, last + 1))
    stored = store.metrics_between("towpilot", "eqho", NOON, NOON + timedelta(days=1))
    # One more may have been on its way.
    assert [mrr(document) for document in stored][:last] == acknowledged
    assert [event["created"] for event in store.events()][:last] == acknowledged
    assert store.object_ids("customer") >= {customer(number)["id"] for number in acknowledged}
    state = store.get_state("cursor")
    assert state is not None
    assert last <= state["number"] <= last + 1


def test_the_writer_to_a_file_is_killed(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    writer = start("write-for-ever", ("embedded", str(tmp_path)))
    acknowledged += read_numbers(writer, WRITES)
    writer.kill()
    acknowledged += read_numbers(writer)
    writer.wait()
    assert len(acknowledged) >= WRITES
    store = EmbeddedStore(tmp_path / "eqho.db")
    assert_complete(store, acknowledged)
    store.close()


def test_mongod_is_killed(own_mongod: Mongod, tmp_path: Path) -> None:
    writer = start("write-for-ever", ("mongodb", str(tmp_path), own_mongod.url, "eqho"))
    acknowledged = read_numbers(writer, WRITES)
    own_mongod.kill()
    acknowledged += read_numbers(writer)
    assert writer.wait() == 0
    own_mongod.start()
    store = MongoStore(own_mongod.url, "eqho")
    assert_complete(store, acknowledged)
    store.close()
