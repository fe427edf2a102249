"""What is particular to MongoDB: the documents and indexes people find there, expiry, and errors in words."""

import functools
import time
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.monitoring import CommandListener, CommandStartedEvent

from eqho.store.base import INPUTS, StoreError, StoreUnavailable
from eqho.store.documents import utc_now
from eqho.store.mongo import MongoStore
from tests.conftest import MongoDatabase
from tests.services.mongod import Mongod
from tests.store.samples import NOON, customer, event, snapshot

CLOSED_PORT = "mongodb://eqho:hunter2@127.0.0.1:1/"


@pytest.fixture
def raw(mongo_database: MongoDatabase) -> Any:
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_database.url)
    with client:
        yield client[mongo_database.name]


@pytest.fixture
def store(mongo_database: MongoDatabase) -> Any:
    store = MongoStore(*mongo_database)
    yield store
    store.close()


def indexes(raw: Database[dict[str, Any]], collection: str) -> dict[str, list[tuple[str, int]]]:
    return {
        name: index["key"] for name, index in raw[collection].index_information().items() if name != "_id_"
    }


class TestIndexes:
    @pytest.fixture(autouse=True)
    def _connected(self, store: MongoStore) -> None:
        store.generation()

    def test_metrics(self, raw: Database[dict[str, Any]]) -> None:
        assert indexes(raw, "metrics") == {
            "timestamp_-1": [("timestamp", -1)],
            "product_1_timestamp_-1": [("product", 1), ("timestamp", -1)],
            "product_1_policy_1_timestamp_-1__id_-1": [
                ("product", 1),
                ("policy", 1),
                ("timestamp", -1),
                ("_id", -1),
            ],
            "product_1_policy_1_timestamp_1__id_1": [
                ("product", 1),
                ("policy", 1),
                ("timestamp", 1),
                ("_id", 1),
            ],
        }

    def test_frozen_months_are_read_from_their_own_index(
        self, store: MongoStore, raw: Database[dict[str, Any]]
    ) -> None:
        store.append_metrics([snapshot(n, NOON + timedelta(minutes=n)) for n in range(300)])
        store.append_metrics([{"_id": "one", **snapshot(1, NOON, closed_month="2026-10")}])
        assert [frozen["_id"] for frozen in store.frozen_months("towpilot", "eqho")] == ["one"]
        wanted = {"product": "towpilot", "policy": "eqho", "closed_month": {"$type": "string"}}
        found = raw["metrics"].find(wanted).sort([("timestamp", 1), ("_id", 1)])
        assert found.explain()["executionStats"]["totalDocsExamined"] == 1

    def test_stripe_cache_expires_after_an_hour_and_has_one_page_per_key(
        self, raw: Database[dict[str, Any]]
    ) -> None:
        assert indexes(raw, "stripe_cache") == {
            "timestamp_1": [("timestamp", 1)],
            "cache_key_1": [("cache_key", 1)],
        }
        found = raw["stripe_cache"].index_information()
        assert found["timestamp_1"]["expireAfterSeconds"] == 3600
        assert found["cache_key_1"]["unique"] is True

    def test_the_others(self, raw: Database[dict[str, Any]]) -> None:
        by_owner = {"customer_1_mark_a_1_mark_b_1": [("customer", 1), ("mark_a", 1), ("mark_b", 1)]}
        assert indexes(raw, "stripe_objects") == {
            "type_1": [("type", 1)],
            "type_1_deleted_1": [("type", 1), ("deleted", 1)],
            **by_owner,
        }
        assert indexes(raw, "stripe_events") == {"created_1": [("created", 1)], **by_owner}
        for name in INPUTS:
            assert indexes(raw, name) == {"month_1": [("month", 1)]}

    def test_the_latest_metrics_are_read_from_the_index(
        self, store: MongoStore, raw: Database[dict[str, Any]]
    ) -> None:
        store.append_metrics([snapshot(n, NOON + timedelta(minutes=n)) for n in range(300)])
        found = raw["metrics"].find({"product": "towpilot", "policy": "stripe"})
        assert (
            found.sort([("timestamp", -1), ("_id", -1)])
            .limit(1)
            .explain()["executionStats"]["totalDocsExamined"]
            == 0
        )


class TestDocuments:
    def test_metrics(self, store: MongoStore, raw: Database[dict[str, Any]]) -> None:
        store.append_metrics([snapshot(86.5, NOON)])
        found = raw["metrics"].find_one()
        assert found is not None
        assert set(found) == {"_id", "product", "policy", "timestamp", "metrics"}
        assert found["metrics"]["revenue_metrics"]["mrr"] == 86.5

    def test_stripe_cache(self, store: MongoStore, raw: Database[dict[str, Any]]) -> None:
        store.put_page("customers:tow", [customer(1)])
        found = raw["stripe_cache"].find_one()
        assert found is not None
        assert set(found) == {"_id", "cache_key", "timestamp", "data"}
        assert found["cache_key"] == "customers:tow"
        assert found["data"] == [customer(1)]

    def test_stripe_objects_and_tombstones(self, store: MongoStore, raw: Database[dict[str, Any]]) -> None:
        store.put_objects("customer", [customer(1), customer(2)], "2026-10-28.endive", NOON)
        store.bury_objects("customer", ["cus_000002"], NOON)
        store.bury_objects("customer", ["cus_000002"], NOON + timedelta(days=1))
        kept, buried = raw["stripe_objects"].find().sort("_id")
        marks = kept.pop("mark_a"), kept.pop("mark_b")
        assert all(0 <= mark < 2**40 for mark in marks)
        assert kept == {
            "_id": "customer/cus_000001",
            "type": "customer",
            "api_version": "2026-10-28.endive",
            "fetched_at": NOON.replace(tzinfo=None),
            "deleted": None,
            "customer": "cus_000001",
            "body": customer(1),
        }
        assert buried["deleted"] == NOON.replace(tzinfo=None)
        assert buried["body"] == customer(2)

    def test_stripe_events(self, store: MongoStore, raw: Database[dict[str, Any]]) -> None:
        store.put_events([event(1, 1_700_000_000)])
        found = raw["stripe_events"].find_one({"created": 1_700_000_000}, {"mark_a": 0, "mark_b": 0})
        assert found == {
            "_id": "evt_000001",
            "created": 1_700_000_000,
            "type": "customer.updated",
            "customer": "-",
            "body": event(1, 1_700_000_000),
        }

    def test_inputs_can_be_read_by_month(self, store: MongoStore, raw: Database[dict[str, Any]]) -> None:
        store.replace_inputs("spend", [{"month": "2026-01", "amount": 1}, {"month": "2026-02", "amount": 2}])
        found = raw["spend"].find_one({"month": "2026-02"})
        assert found is not None
        assert found["amount"] == 2

    def test_only_the_last_three_builds_are_kept(
        self, store: MongoStore, raw: Database[dict[str, Any]]
    ) -> None:
        for size in (16_000_000, 10, 16_000_000, 16_000_000, 20):
            store.publish_build({"size": size}, bytes(size))
        kept = raw["builds"].find({"meta": {"$exists": True}}, {"meta": 1}).sort("_id")
        assert [build["meta"]["size"] for build in kept] == [16_000_000, 16_000_000, 20]
        assert raw["builds.files"].count_documents({}) == 2
        assert len(raw["builds.chunks"].distinct("files_id")) == 2


class Overheard(CommandListener):
    """The write concern of every write, by collection."""

    def __init__(self) -> None:
        self.concerns: dict[str, list[Any]] = {}

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in {"insert", "update", "delete", "findAndModify"}:
            collection = event.command[event.command_name]
            self.concerns.setdefault(collection, []).append(event.command.get("writeConcern"))

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


def test_history_is_on_the_disk_of_a_majority_when_a_write_returns(
    mongo_database: MongoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    overheard = Overheard()
    listening = functools.partial(MongoClient, event_listeners=[overheard])
    monkeypatch.setattr("eqho.store.mongo_connection.MongoClient", listening)
    store = MongoStore(*mongo_database)
    store.append_metrics([snapshot(1, NOON)])
    store.put_objects("customer", [customer(1)], "v", NOON)
    store.bury_objects("customer", ["cus_000001"], NOON)
    store.put_events([event(1, 10)])
    store.put_state("cursor", {})
    store.publish_build({}, bytes(16_000_000), store.acquire_lease("sync", "me", 30))
    store.replace_inputs("spend", [{"month": "2026-01"}])
    store.put_page("customers", [customer(1)])
    store.close()
    cache = overheard.concerns.pop("stripe_cache")
    assert cache == [{"w": 1}]
    assert set(overheard.concerns) == {
        "metrics",
        "stripe_objects",
        "stripe_events",
        "sync_state",
        "leases",
        "builds",
        "builds.files",
        "builds.chunks",
        "spend",
    }
    for concerns in overheard.concerns.values():
        assert concerns == [{"w": "majority", "j": True}] * len(concerns)


class TestExpiry:
    def test_an_expired_page_is_not_returned_and_is_removed(
        self, store: MongoStore, raw: Database[dict[str, Any]]
    ) -> None:
        store.put_page("old", [customer(1)])
        store.put_page("new", [customer(2)])
        raw["stripe_cache"].update_one(
            {"cache_key": "old"}, {"$set": {"timestamp": utc_now() - timedelta(seconds=3601)}}
        )
        assert store.get_page("old") is None
        deadline = time.monotonic() + 90
        while raw["stripe_cache"].count_documents({"cache_key": "old"}) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert raw["stripe_cache"].distinct("cache_key") == ["new"]


class TestErrors:
    @pytest.mark.parametrize(
        "url",
        [
            "mongodb://",
            "mongo://eqho:hunter2@db/",
            "mongodb://eqho:hunter2@db:seven/",
            "mongodb://eqho:hun/ter2@db/",
            "mongodb://eqho:12/hunter2@db/",
            "mongodb://eqho:12?hunter2=x@db/",
            "mongodb://eqho:hun@ter2:x@db/",
            "mongodb+srv://eqho:hunter2@db:27017/",
        ],
    )
    def test_a_url_that_cannot_be_read(self, url: str) -> None:
        with pytest.raises(StoreError, match=r"^MONGODB_URL cannot be read: write it as ") as raised:
            MongoStore(url, "eqho")
        assert "ter2" not in str(raised.value)
        assert raised.value.__suppress_context__

    def test_a_bad_database_name(self) -> None:
        with pytest.raises(StoreError, match=r"^MONGODB_DATABASE cannot be 'a b': use letters"):
            MongoStore("mongodb://127.0.0.1/", "a b")

    def test_nobody_answers(self) -> None:
        started = time.monotonic()
        store = MongoStore(CLOSED_PORT, "eqho")
        assert time.monotonic() - started < 0.5
        with pytest.raises(
            StoreUnavailable, match=r"^MongoDB at 127\.0\.0\.1:1 does not answer: start it, or"
        ):
            store.generation()
        assert time.monotonic() - started < 4
        store.close()

    def test_a_document_of_more_than_16_mb(self, store: MongoStore) -> None:
        huge = {"id": "in_1", "text": "x" * 17_000_000}
        with pytest.raises(StoreError, match=r"larger than the 16 MB"):
            store.put_objects("invoice", [huge], "v", NOON)
        store.put_page("invoices", [customer(1)])
        store.put_page("invoices", [huge])
        assert store.get_page("invoices") is None

    def test_an_index_with_other_options(self, store: MongoStore, raw: Database[dict[str, Any]]) -> None:
        raw["stripe_cache"].create_index("timestamp", expireAfterSeconds=60)
        with pytest.raises(
            StoreError, match=r"has an index of the same name with other options: drop that index"
        ):
            store.generation()


def test_users_without_rights_get_a_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("authenticated")
    server = Mongod(folder).start()
    client: MongoClient[dict[str, Any]] = MongoClient(server.url)
    with client:
        client["admin"].command("createUser", "root", pwd="toor", roles=["root"])
        client["admin"].command("createUser", "reader", pwd="hunter2", roles=[{"role": "read", "db": "eqho"}])
    server.stop()
    server = Mongod(folder, "--auth").start()
    try:
        address = f"127.0.0.1:{server.port}"
        for credentials, sentence in {
            "root:wrong@": f"MongoDB at {address} refused the user name or the password: correct them",
            "reader:hunter2@": f"MongoDB at {address} does not let this user work in database eqho",
            "": f"MongoDB at {address} does not let this user work in database eqho: name the user in",
        }.items():
            store = MongoStore(f"mongodb://{credentials}{address}/?authSource=admin", "eqho")
            # Asked again, the driver reports a refused login as a server that it cannot find.
            for _ in range(2):
                with pytest.raises(StoreError, match=sentence) as raised:
                    store.append_metrics([snapshot(1, NOON)])
                assert not isinstance(raised.value, StoreUnavailable)
                assert "hunter2" not in str(raised.value)
            store.close()
    finally:
        server.stop()
