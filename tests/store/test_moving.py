"""Everything that only the store knows goes with it into the other kind of store, and back."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eqho.ledger.spans import State
from eqho.periods import FAR
from eqho.store.base import Store, StoreError
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.store.moving import Names, move, names_in_file, names_in_mongodb
from tests.conftest import MongoDatabase
from tests.services.plain_account import NOW
from tests.sync.rig import Rig, rig
from tests.sync.test_sightings import MADE, account, contract, relist, steps, told

ROOT = Path(__file__).parents[2]


def frozen(number: int) -> dict[str, object]:
    closed = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
    return {
        "_id": f"frozen/2026-10/{number:04d}", "product": "towpilot", "policy": "eqho", "number": number,
        "timestamp": closed, "closed_month": "2026-10", "metrics": {"mrr": 100 + number},
    }  # fmt: skip


def keep_what_only_a_store_knows(store: Store) -> None:
    store.append_metrics([frozen(1), frozen(2)])
    shown = {k: v for k, v in frozen(0).items() if k not in ("_id", "closed_month")}
    store.append_metrics([shown, shown | {"timestamp": datetime(2026, 11, 2, tzinfo=UTC)}])
    store.replace_inputs("spend", [{"month": "2026-10", "amount": 1}])
    store.replace_inputs("spend", [{"month": "2026-10", "amount": 2}])
    store.put_record("view", "a", {"name": "first"}, 0)
    store.put_record("view", "b", {"name": "second"}, 0)


def kept(store: Store) -> object:
    ever = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    shown = store.metrics_between("towpilot", "eqho", *ever)
    return (
        list(store.frozen_months("towpilot", "eqho")),
        [(one["timestamp"], one["metrics"]) for one in shown],
        [change.rows for change in store.input_changes("spend")],
        {(record.id, record.body["name"]) for record in store.records("view", 9)},
    )


def on(store: Store, r: Rig) -> None:
    """The dashboard begins anew with another store."""
    r.store = store
    r.new_process()


def test_a_first_sight_stays_through_a_change_of_store_and_back(
    tmp_path: Path, mongo_database: MongoDatabase
) -> None:
    mongo = MongoStore(mongo_database.url, mongo_database.name)
    with rig(account(), tmp_path) as r:
        first = r.store
        assert isinstance(first, EmbeddedStore)
        r.run()
        r.server.account.put("subscription", contract(3))
        seen = relist(r)
        keep_what_only_a_store_knows(first)
        everything, undated = kept(first), told(r).issues
        expected = [(MADE, seen, 400.0, State.ACTIVE), (seen, FAR, 1_200.0, State.ACTIVE)]
        move(first, names_in_file(first), mongo)
        on(mongo, r)
        assert not r.run(after=60).full
        # As after any start: whose key it is, and what has happened.
        assert r.asked == {"events": 1, "subscriptions/sub_000001": 1}
        relist(r)
        assert (steps(r), kept(mongo), told(r).issues) == (expected, everything, undated)
        r.server.account.put("subscription", contract(2))
        second = relist(r)
        back = EmbeddedStore(tmp_path / "back.db")
        move(mongo, names_in_mongodb(mongo_database.url, mongo_database.name), back)
        on(back, r)
        relist(r)
        assert steps(r) == [
            (MADE, seen, 400.0, State.ACTIVE),
            (seen, second, 1_200.0, State.ACTIVE),
            (second, FAR, 800.0, State.ACTIVE),
        ]
        assert kept(back) == everything
        mongo.close()
        first.close()


def test_what_was_deleted_is_still_known_and_still_deleted(tmp_path: Path) -> None:
    source, target = EmbeddedStore(tmp_path / "a.db"), EmbeddedStore(tmp_path / "b.db")
    at = datetime.fromtimestamp(NOW, UTC)
    source.put_objects("customer", [{"id": "cus_1"}, {"id": "cus_2"}], "v", at)
    source.bury_objects("customer", ["cus_2"], at)
    move(source, names_in_file(source), target)
    assert target.object_ids("customer") == {"cus_1"}
    assert target.get_object("customer", "cus_2") == {"id": "cus_2"}
    with pytest.raises(StoreError, match="is not empty"):
        move(source, Names([], [], [], [], ""), target)
    source.close()
    target.close()


def test_the_command_moves_there_and_back(tmp_path: Path, mongo_database: MongoDatabase) -> None:
    file = EmbeddedStore(tmp_path / "eqho.db")
    keep_what_only_a_store_knows(file)
    everything = kept(file)
    file.close()
    settings = {"MONGODB_URL": mongo_database.url, "MONGODB_DATABASE": mongo_database.name}

    def moved(where: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, **settings, "EQHO_DATA_DIR": str(folder)}
        return subprocess.run(
            [sys.executable, "-m", "eqho.store.moving", where],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert moved("to-mongodb", tmp_path).returncode == 0
    there = moved("to-mongodb", tmp_path)
    assert (there.returncode, "is not empty" in there.stderr) == (1, True)
    assert moved("to-file", tmp_path / "other").returncode == 0
    back = EmbeddedStore(tmp_path / "other" / "eqho.db")
    assert kept(back) == everything
    back.close()
