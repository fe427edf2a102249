"""What both stores say of each customer: whose everything is, and whether it is still the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqho.store.base import Document, Prints, Store
from eqho.store.documents import unpack_body
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from tests.store.conftest import Opener
from tests.store.samples import NOON, customer


def bill(number: int, of: Any, **more: Any) -> Document:
    return {"id": f"in_{number}", "object": "invoice", "customer": of, **more}


def told(number: int, of: str, kind: str = "customer.subscription.updated") -> Document:
    body = {"id": f"sub_{number}", "object": "subscription", "customer": of}
    return {"id": f"evt_{number}", "type": kind, "created": 100 - number, "data": {"object": body}}


@pytest.fixture
def filled(store: Store) -> Store:
    store.put_objects("customer", [customer(1), customer(2)], "x", NOON)
    store.put_objects("product", [{"id": "prod_1", "customer": "cus_000001"}], "x", NOON)
    store.put_objects("refund", [{"id": "re_1", "customer": "cus_000001"}], "x", NOON)
    store.put_objects(
        "invoice", [bill(2, "cus_000001"), bill(1, {"id": "cus_000001"}), bill(3, None)], "x", NOON
    )
    store.put_events([told(1, "cus_000002"), told(2, "cus_000002"), told(3, "cus_000001", "invoice.paid")])
    store.put_events([{"id": "evt_b", "type": "eqho.sightings_began", "created": 1, "data": {"object": {}}}])
    return store


def names(store: Store, *customers: str, remembered: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    return [(o.customer, o.kind, unpack_body(o.packed)["id"]) for o in store.owned(customers, remembered)]


def changed(before: Prints, after: Prints) -> set[str]:
    both = before.customers | before.others, after.customers | after.others
    return {name for name in both[0].keys() | both[1].keys() if both[0].get(name) != both[1].get(name)}


def test_everything_is_somebodys_or_nobodys(filled: Store) -> None:
    assert names(filled, "cus_000001") == [
        ("cus_000001", "customer", "cus_000001"),
        ("cus_000001", "invoice", "in_1"),
        ("cus_000001", "invoice", "in_2"),
    ]
    # Events are told oldest first, those that the ledger does not read not at all.
    assert names(filled, "cus_000002")[1:] == [
        ("cus_000002", "event", "evt_2"),
        ("cus_000002", "event", "evt_1"),
    ]
    assert names(filled, "") == [
        ("", "invoice", "in_3"),
        ("", "product", "prod_1"),
        ("", "refund", "re_1"),
        ("", "event", "evt_b"),
    ]
    prints = filled.prints()
    assert sorted(prints.customers) == ["cus_000001", "cus_000002"]
    assert sorted(prints.others) == ["event", "invoice", "product", "refund"]


def test_of_many_customers_each_is_told(store: Store) -> None:
    store.put_objects("customer", [customer(n) for n in range(250)], "x", NOON)
    store.put_objects("invoice", [bill(n, f"cus_{n // 2:06}") for n in range(500)], "x", NOON)
    everybody = sorted(store.prints().customers)
    assert sorted(names(store, *everybody)) == sorted(
        [(f"cus_{n:06}", "customer", f"cus_{n:06}") for n in range(250)]
        + [(f"cus_{n // 2:06}", "invoice", f"in_{n}") for n in range(500)]
    )


def test_the_deleted_are_told_of_remembered_kinds_only(filled: Store) -> None:
    filled.bury_objects("customer", ["cus_000001"], NOON)
    filled.bury_objects("invoice", ["in_1"], NOON)
    assert [name for _, _, name in names(filled, "cus_000001")] == ["in_2"]
    assert [name for _, _, name in names(filled, "cus_000001", remembered=("customer",))] == [
        "cus_000001",
        "in_2",
    ]


def test_a_print_changes_with_what_is_stored_and_with_nothing_else(filled: Store) -> None:
    first = filled.prints()
    filled.put_objects("invoice", [bill(2, "cus_000001")], "y", NOON)
    filled.put_events([told(1, "cus_000002"), told(4, "cus_000001", "invoice.paid")])
    assert changed(first, filled.prints()) == set()
    filled.put_objects("invoice", [bill(2, "cus_000001", total=5)], "x", NOON)
    second = filled.prints()
    assert changed(first, second) == {"cus_000001"}
    filled.bury_objects("invoice", ["in_2"], NOON)
    third = filled.prints()
    assert changed(second, third) == {"cus_000001"}
    filled.put_objects("invoice", [bill(2, "cus_000001", total=5)], "x", NOON)
    assert changed(second, filled.prints()) == set()
    filled.put_events([told(5, "cus_000002")])
    filled.put_objects("refund", [{"id": "re_2"}], "x", NOON)
    assert changed(second, filled.prints()) == {"cus_000002", "refund"}


def test_of_two_that_change_places_between_the_living_and_the_dead_the_print_is_another(store: Store) -> None:
    store.put_objects("invoice", [bill(1, "cus_000001"), bill(2, "cus_000001")], "x", NOON)
    store.bury_objects("invoice", ["in_1"], NOON)
    before = store.prints()
    store.bury_objects("invoice", ["in_2"], NOON)
    store.put_objects("invoice", [bill(1, "cus_000001")], "x", NOON)
    assert changed(before, store.prints()) == {"cus_000001"}


def test_an_object_that_changes_hands_changes_both(filled: Store) -> None:
    before = filled.prints()
    filled.put_objects("invoice", [bill(2, "cus_000002")], "x", NOON)
    assert changed(before, filled.prints()) == {"cus_000001", "cus_000002"}


def test_what_an_older_version_stored_is_found_as_well(filled: Store) -> None:
    filled.bury_objects("invoice", ["in_2"], NOON)
    before = filled.prints()
    _forget_owners(filled)
    assert filled.prints() == before
    assert len(names(filled, "cus_000001", "cus_000002", "")) == 9


def test_added_up_since_an_earlier_answer_prints_are_those_of_everything(
    filled: Store, opener: Opener
) -> None:
    told_before = filled.prints()
    other = opener()
    changes: list[Callable[[], object]] = [
        lambda: None,
        lambda: other.put_objects("invoice", [bill(1, "cus_000001", total=5)], "x", NOON),
        lambda: filled.put_objects("invoice", [bill(2, "cus_000002")], "x", NOON),  # and cus_000001 had it
        lambda: filled.bury_objects("invoice", ["in_1"], NOON),
        lambda: other.put_events([told(5, "cus_000002"), told(5, "cus_000002")]),
        lambda: filled.put_events([told(5, "cus_000002"), told(6, "cus_000009")]),
        lambda: filled.put_objects("refund", [{"id": "re_2"}], "x", NOON),
        lambda: filled.put_objects("refund", [{"id": "re_2"}], "y", NOON),
        filled.clear_objects,
        lambda: filled.put_objects("customer", [customer(3)], "x", NOON),
    ]
    for change in changes:
        change()
        told_before = filled.prints(told_before)
        assert told_before == filled.prints() == other.prints()


def test_an_answer_of_another_file_is_no_answer(tmp_path: Path) -> None:
    stores = [EmbeddedStore(tmp_path / name) for name in ("one.db", "two.db")]
    for store in stores:
        store.put_objects("invoice", [bill(1, "cus_000001")], "x", NOON)
    stores[1].put_objects("invoice", [bill(2, "cus_000002")], "x", NOON)
    assert stores[1].prints(stores[0].prints()) == stores[1].prints()
    for store in stores:
        store.close()


def test_another_process_sees_the_same(filled: Store, opener: Opener) -> None:
    assert opener().prints() == filled.prints()


def _forget_owners(store: Store) -> None:
    """As if an older version had written everything."""
    match store:
        case EmbeddedStore():
            with store.database.transaction() as connection:
                for (trigger,) in connection.execute(
                    "select name from sqlite_master where type = 'trigger'"
                ).fetchall():
                    connection.execute(f"drop trigger {trigger}")
                for table in ("stripe_objects", "stripe_events"):
                    connection.execute(f"drop index {table}_customer")
                    for column in ("customer", "mark_a", "mark_b"):
                        connection.execute(f"alter table {table} drop column {column}")
            store.__init__(store.database.path)  # type: ignore[misc]
        case MongoStore():
            with store._database() as database:
                for name in ("stripe_objects", "stripe_events"):
                    gone = {"customer": "", "mark_a": "", "mark_b": ""}
                    database[name].update_many({}, {"$unset": gone})
        case _:
            _forget_owners(store._primary)  # type: ignore[attr-defined]
