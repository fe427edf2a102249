"""How a real mongod answers what the dashboard asks all the time: by an index, never through a collection."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from eqho.store.mongo import MongoStore
from tests.conftest import MongoDatabase
from tests.store.samples import NOON, customer, event, snapshot

Raw = Database[dict[str, Any]]

# What is asked, and the indexes that answer it; `_id_` is what every collection has. Of what is only counted
# mongod does not name the index.
LATEST = "product_1_policy_1_timestamp_-1__id_-1"
IN_ORDER = "product_1_policy_1_timestamp_1__id_1"
BY_CUSTOMER = "customer_1_mark_a_1_mark_b_1"
HOT: dict[str, tuple[Callable[[MongoStore], Any], set[str]]] = {
    "the latest metrics of a product": (lambda s: s.latest_metrics("towpilot", "eqho"), {LATEST}),
    "what was shown of a product": (
        lambda s: list(s.metrics_between("towpilot", "eqho", NOON, NOON + timedelta(days=1))),
        {LATEST},
    ),
    "frozen months": (lambda s: list(s.frozen_months("towpilot", "eqho")), {IN_ORDER}),
    "how many documents a product has": (
        lambda s: s.count_metrics("towpilot"),
        set(),
    ),
    "how many documents there are": (lambda s: s.count_metrics(), set()),
    "the mirror of a kind": (lambda s: list(s.objects("customer")), {"_id_"}),
    "the mirror of a kind with what is deleted": (
        lambda s: list(s.objects("customer", with_deleted=True)),
        {"_id_"},
    ),
    "one object": (lambda s: s.get_object("customer", "cus_000007"), {"_id_"}),
    "which objects there are": (lambda s: s.object_ids("customer"), {"_id_", "type_1_deleted_1"}),
    "how many objects there are": (lambda s: s.count_objects(), {"type_1"}),
    "an object written again": (lambda s: s.put_objects("customer", [customer(7)], "v", NOON), {"_id_"}),
    "an object buried": (lambda s: s.bury_objects("customer", ["cus_000007"], NOON), {"_id_"}),
    "events since": (lambda s: list(s.events(1_700_000_000)), {"created_1"}),
    "events of some families since": (
        lambda s: list(s.events(1_700_000_000, ["customer."])),
        {"created_1"},
    ),
    "marks of every customer": (lambda s: s.prints(), {BY_CUSTOMER}),
    "everything of some customers": (
        lambda s: list(s.owned(["cus_000007", "cus_000009"])),
        {BY_CUSTOMER},
    ),
    "a state": (lambda s: s.get_state("events"), {"_id_"}),
    "a state written": (lambda s: s.put_state("events", {"cursor": 1}), {"_id_"}),
    "a page": (lambda s: s.get_page("customers:all"), {"cache_key_1"}),
    "the generation": (lambda s: s.generation(), {"_id_"}),
    "the latest build": (lambda s: s.latest_build(), {"_id_"}),
    "a lease": (lambda s: s.acquire_lease("refresh", "me", 30), {"_id_"}),
    "numbers of what was entered": (lambda s: s.input_numbers(), {"_id_"}),
}


@pytest.fixture
def raw(mongo_database: MongoDatabase) -> Iterator[Raw]:
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_database.url)
    with client:
        yield client[mongo_database.name]


@pytest.fixture
def store(mongo_database: MongoDatabase) -> Iterator[MongoStore]:
    store = MongoStore(*mongo_database)
    for product in ("towpilot", "all-products"):
        store.append_metrics([snapshot(n, NOON + timedelta(minutes=n), product) for n in range(60)])
    store.append_metrics([{"_id": "frozen", **snapshot(1, NOON, closed_month="2026-10")}])
    store.put_objects("customer", [customer(n) for n in range(200)], "v", NOON)
    store.put_objects("invoice", [{"id": f"in_{n}"} for n in range(200)], "v", NOON)
    store.put_events([event(n, 1_700_000_000 + n) for n in range(200)])
    store.put_page("customers:all", [customer(1)])
    store.put_state("events", {"cursor": 0})
    store.publish_build({}, b"payload")
    store.acquire_lease("refresh", "me", 30)
    yield store
    store.close()


@pytest.mark.parametrize("asked", HOT)
def test_hot_queries_use_their_indexes(store: MongoStore, raw: Raw, asked: str) -> None:
    ask, expected = HOT[asked]
    plans = _plans(raw, lambda: ask(store))
    stages = {stage for plan in plans for stage in _stages(plan)}
    assert plans
    assert "COLLSCAN" not in stages, plans
    assert "SORT" not in stages, plans
    used = {name for plan in plans for name in _indexes(plan)}
    assert used == expected


def test_what_each_customer_holds_is_told_without_a_look_at_the_documents(
    store: MongoStore, raw: Raw
) -> None:
    """Of what no customer owns, little as a rule, the kinds are read from the documents. Asked again, the
    sums of everything say that nothing was written since."""
    before = store.prints()
    again = _plans(raw, lambda: store.prints(before))
    assert [plan["docsExamined"] for plan in again if "pipeline" in plan["command"]] == [0, 0]
    groups = [plan for plan in _plans(raw, store.prints) if "pipeline" in plan["command"]]
    somebodys = [plan for plan in groups if "$gt" in plan["command"]["pipeline"][0]["$match"]["customer"]]
    assert len(somebodys) == 2
    assert [plan["docsExamined"] for plan in somebodys] == [0, 0]


def _plans(raw: Raw, ask: Callable[[], object]) -> list[dict[str, Any]]:
    """What mongod itself wrote down of each operation: its plan as it was carried out."""
    raw.command("profile", 2)
    try:
        ask()
    finally:
        raw.command("profile", 0)
    written = raw["system.profile"].find({"ns": {"$not": {"$regex": r"\.system\."}}})
    return [entry for entry in written if entry["op"] != "insert" and "profile" not in entry["command"]]


def _stages(plan: dict[str, Any]) -> set[str]:
    summary = {str(plan.get("planSummary", "")).split(" ")[0]}
    return summary | {step["stage"] for step in _steps(plan.get("execStats", {}))}


def _indexes(plan: dict[str, Any]) -> set[str]:
    steps = list(_steps(plan.get("execStats", {})))
    named = {step["indexName"] for step in steps if "indexName" in step}
    return named | {"_id_" for step in steps if step["stage"] in {"IDHACK", "CLUSTERED_IXSCAN"}}


def _steps(stats: Any) -> Iterator[dict[str, Any]]:
    if isinstance(stats, dict):
        if "stage" in stats:
            yield stats
        for inner in stats.values():
            yield from _steps(inner)
    elif isinstance(stats, list):
        for inner in stats:
            yield from _steps(inner)
