"""What every store promises about metrics, raw pages, the mirror of Stripe's objects, events and state."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from eqho.store.base import Store, StoreError
from tests.store.conftest import Clock, Opener
from tests.store.samples import NOON, at, customer, event, mrr, snapshot

AWKWARD = {
    "id": "cus_awkward",
    "big": 2**53 + 1,
    "negative": -(2**40),
    "nothing": None,
    "nested": [{"deep": [[1, 2], []]}, {}],
    "name": "Zoë’s Tōwing 拖车 🚚",
    "half": 0.1,
    "metadata": {
        "plan.tier": "gold",
        "$set": "dollar first",
        "cost$": "dollar last",
        "$ref": "looks like",
        "$id": "a reference",
        "100%": "per cent",
        "%24set": "already encoded",
        "%": "the mark itself",
        "nul\0byte": "inside",
        "": "empty",
        "a.b": {"$c.d": {"%e": 1}},
    },
}


class TestMetrics:
    def test_the_latest_by_timestamp_is_found_whatever_the_order_of_writing(self, store: Store) -> None:
        store.append_metrics([snapshot(300, NOON), snapshot(100, NOON - timedelta(days=2))])
        store.append_metrics([snapshot(200, NOON - timedelta(days=1))])
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 300

    def test_products_and_policies_are_kept_apart(self, store: Store) -> None:
        store.append_metrics(
            [
                snapshot(1, NOON, "towpilot", "eqho"),
                snapshot(2, NOON, "towpilot", "stripe"),
                snapshot(3, NOON, "all-products", "eqho"),
            ]
        )
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 1
        assert mrr(store.latest_metrics("towpilot", "stripe")) == 2
        assert mrr(store.latest_metrics("all-products", "eqho")) == 3
        assert store.count_metrics() == 3
        assert store.count_metrics("towpilot") == 2

    def test_of_two_with_the_same_timestamp_the_later_written_is_the_latest(self, store: Store) -> None:
        store.append_metrics([snapshot(1, NOON), snapshot(2, NOON)])
        store.append_metrics([snapshot(3, NOON)])
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 3
        between = store.metrics_between("towpilot", "eqho", NOON, NOON + timedelta(seconds=1))
        assert [mrr(document) for document in between] == [1, 2, 3]

    def test_a_document_comes_back_as_it_was_written(self, store: Store) -> None:
        document = snapshot(
            86.5,
            NOON + timedelta(milliseconds=123),
            as_of=NOON,
            undefined={"ltv_metrics.ltv": "no customer churned"},
            issues=[{"code": "unmapped", "count": 3}],
        )
        store.append_metrics([document])
        assert "_id" not in document
        assert store.latest_metrics("towpilot", "eqho") == document

    def test_appending_never_replaces(self, store: Store) -> None:
        for value in range(5):
            store.append_metrics([snapshot(value, NOON)])
        assert store.count_metrics("towpilot") == 5

    def test_a_document_with_an_id_that_is_stored_is_left_out(self, store: Store) -> None:
        store.append_metrics([{"_id": "one", **snapshot(1, NOON)}])
        store.append_metrics([{"_id": "one", **snapshot(9, NOON)}, {"_id": "two", **snapshot(2, NOON)}])
        assert store.count_metrics() == 2
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 2

    def test_a_range_includes_its_start_and_not_its_end_oldest_first(self, store: Store) -> None:
        store.append_metrics([snapshot(day, at(f"2026-03-{day:02d}")) for day in (5, 1, 4, 2, 3)])
        found = store.metrics_between("towpilot", "eqho", at("2026-03-02"), at("2026-03-05"))
        assert [mrr(document) for document in found] == [2, 3, 4]

    def test_a_long_range_is_complete(self, store: Store) -> None:
        store.append_metrics([snapshot(n, NOON + timedelta(minutes=n // 2)) for n in range(1_205)])
        found = store.metrics_between("towpilot", "eqho", NOON, NOON + timedelta(days=9))
        assert [mrr(document) for document in found] == list(range(1_205))

    def test_nothing_is_found_where_nothing_was_written(self, store: Store) -> None:
        store.append_metrics([])
        assert store.latest_metrics("towpilot", "eqho") is None
        assert list(store.metrics_between("towpilot", "eqho", at("2020-01-01"), NOON)) == []
        assert store.count_metrics() == 0
        assert store.count_metrics("towpilot") == 0

    def test_thinning_keeps_the_last_of_each_day_and_every_closed_month(self, store: Store) -> None:
        store.append_metrics(
            [
                snapshot(1, at("2026-01-31T08:00")),
                snapshot(2, at("2026-01-31T09:00"), closed_month="2025-12"),
                snapshot(3, at("2026-01-31T23:59")),
                snapshot(4, at("2026-02-01T00:00")),
                snapshot(5, at("2026-02-01T00:00")),
                snapshot(6, at("2026-02-01T05:00"), policy="stripe"),
                snapshot(7, at("2026-02-01T06:00"), product="fleetdesk"),
                snapshot(8, at("2026-02-02T01:00")),
                snapshot(9, at("2026-02-02T02:00")),
            ]
        )
        assert store.thin_metrics(at("2026-02-02")) == 2
        kept = store.metrics_between("towpilot", "eqho", at("2026-01-01"), at("2026-03-01"))
        assert [mrr(document) for document in kept] == [2, 3, 5, 8, 9]
        assert store.count_metrics() == 7
        assert store.thin_metrics(at("2026-02-02")) == 0

    def test_frozen_months_come_by_month_with_the_one_in_force_last(self, store: Store) -> None:
        september, october = at("2026-09-30T23:59"), at("2026-10-31T23:59")
        store.append_metrics(
            [
                snapshot(1, NOON),
                {"_id": "2026-10/0001", **snapshot(2, october, closed_month="2026-10")},
                {"_id": "2026-09/0002", **snapshot(3, september, closed_month="2026-09")},
                {"_id": "2026-09/0001", **snapshot(4, september, closed_month="2026-09")},
                {"_id": "stripe", **snapshot(5, september, policy="stripe", closed_month="2026-09")},
                {"_id": "fleet", **snapshot(6, september, product="fleetdesk", closed_month="2026-09")},
            ]
        )
        found = list(store.frozen_months("towpilot", "eqho"))
        assert [(d["_id"], d["closed_month"], mrr(d)) for d in found] == [
            ("2026-09/0001", "2026-09", 4),
            ("2026-09/0002", "2026-09", 3),
            ("2026-10/0001", "2026-10", 2),
        ]
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 1

    def test_many_frozen_months_are_complete_and_keep_their_bytes(self, store: Store) -> None:
        store.append_metrics(
            [
                {
                    "_id": f"{n:04d}",
                    **snapshot(n, NOON - timedelta(days=30 * n), closed_month="2020-01", balances=b"\0%$"),
                }
                for n in range(121)
            ]
        )
        found = list(store.frozen_months("towpilot", "eqho"))
        assert [mrr(document) for document in found] == list(range(120, -1, -1))
        assert {document["balances"] for document in found} == {b"\0%$"}
        assert list(store.frozen_months("towpilot", "stripe")) == []

    def test_what_cannot_be_stored_is_refused_with_a_sentence(self, store: Store) -> None:
        with pytest.raises(StoreError, match=r"it holds a set\.$"):
            store.append_metrics([snapshot(1, NOON, tags={"a"})])
        with pytest.raises(StoreError, match=r"datetime without a time zone"):
            store.append_metrics([snapshot(1, NOON.replace(tzinfo=None))])
        with pytest.raises(StoreError, match=r"more than 64 bits"):
            store.append_metrics([snapshot(2**63, NOON)])
        assert store.count_metrics() == 0


class TestPages:
    def test_a_page_comes_back_until_it_is_replaced(self, store: Store) -> None:
        assert store.get_page("customers:tow") is None
        store.put_page("customers:tow", [AWKWARD, customer(1)])
        store.put_page("customers:all", [])
        assert store.get_page("customers:tow") == [AWKWARD, customer(1)]
        store.put_page("customers:tow", [customer(2)])
        assert store.get_page("customers:tow") == [customer(2)]
        assert store.get_page("customers:all") == []

    def test_a_page_is_gone_after_one_hour(self, opener: Opener, clock: Clock) -> None:
        store = opener(now=clock)
        clock.now = NOON
        store.put_page("invoices", [customer(1)])
        clock.advance(3599)
        assert store.get_page("invoices") == [customer(1)]
        clock.advance(1)
        assert store.get_page("invoices") is None
        store.put_page("invoices", [customer(2)])
        assert store.get_page("invoices") == [customer(2)]

    def test_clearing_says_how_many_pages_there_were_and_leaves_history(self, store: Store) -> None:
        store.put_page("a", [customer(1)])
        store.put_page("b", [customer(2)])
        store.append_metrics([snapshot(1, NOON)])
        store.put_objects("customer", [customer(1)], "v", NOON)
        assert store.clear_pages() == 2
        assert store.get_page("a") is None
        assert store.count_metrics() == 1
        assert store.count_objects() == {"customer": 1}


class TestObjects:
    def test_a_body_comes_back_as_it_was_written(self, store: Store) -> None:
        store.put_objects("customer", [AWKWARD], "2026-10-28.endive", NOON)
        found = store.get_object("customer", "cus_awkward")
        assert found == AWKWARD
        assert type(found["big"]) is int
        assert list(store.objects("customer")) == [AWKWARD]

    def test_decimals_and_tuples_come_back_as_stripe_spells_them(self, store: Store) -> None:
        store.put_objects(
            "price", [{"id": "p", "unit_amount_decimal": Decimal("0.5"), "of": (1, 2)}], "v", NOON
        )
        assert store.get_object("price", "p") == {"id": "p", "unit_amount_decimal": "0.5", "of": [1, 2]}

    def test_half_a_surrogate_pair_does_not_stop_the_pull(self, store: Store) -> None:
        store.put_objects("customer", [{"id": "c", "name": "Tow\ud83d"}], "v", NOON)
        assert store.get_object("customer", "c") == {"id": "c", "name": "Tow?"}

    def test_putting_again_replaces(self, store: Store) -> None:
        store.put_objects("customer", [customer(1, name="old"), customer(2)], "v", NOON)
        store.put_objects("customer", [customer(1, name="new")], "v", NOON)
        assert [body.get("name") for body in store.objects("customer")] == ["new", None]
        assert store.count_objects() == {"customer": 2}

    def test_kinds_are_kept_apart_and_bodies_come_in_order_of_id(self, store: Store) -> None:
        store.put_objects("invoiceitem", [{"id": "b"}], "v", NOON)
        store.put_objects("invoice", [{"id": "c"}, {"id": "a"}, {"id": "B"}], "v", NOON)
        assert [body["id"] for body in store.objects("invoice")] == ["B", "a", "c"]
        assert store.object_ids("invoiceitem") == {"b"}
        assert store.get_object("invoice", "b") is None
        assert store.count_objects() == {"invoice": 3, "invoiceitem": 1}

    def test_a_buried_object_leaves_the_lists_and_keeps_its_body(self, store: Store) -> None:
        store.put_objects("customer", [customer(1), customer(2), customer(3)], "v", NOON)
        store.bury_objects("customer", ["cus_000002", "cus_unknown"], NOON)
        assert [body["id"] for body in store.objects("customer")] == ["cus_000001", "cus_000003"]
        assert len(list(store.objects("customer", with_deleted=True))) == 3
        assert store.object_ids("customer") == {"cus_000001", "cus_000003"}
        assert store.count_objects() == {"customer": 2}
        assert store.get_object("customer", "cus_000002") == customer(2)

    def test_an_object_seen_again_is_no_longer_deleted(self, store: Store) -> None:
        store.put_objects("customer", [customer(1)], "v", NOON)
        store.bury_objects("customer", ["cus_000001"], NOON)
        assert store.count_objects() == {}
        store.put_objects("customer", [customer(1)], "v", NOON)
        assert store.count_objects() == {"customer": 1}
        assert store.object_ids("customer") == {"cus_000001"}

    def test_many_objects_from_a_generator(self, store: Store) -> None:
        store.put_objects("customer", (customer(n) for n in range(2_345)), "v", NOON)
        store.bury_objects("customer", (f"cus_{n:06d}" for n in range(0, 2_345, 2)), NOON)
        assert [body["id"] for body in store.objects("customer")] == [
            f"cus_{n:06d}" for n in range(1, 2_345, 2)
        ]
        assert store.count_objects() == {"customer": 1_172}

    def test_the_mirror_may_be_changed_while_it_is_read(self, store: Store) -> None:
        store.put_objects("customer", [customer(n) for n in range(1_500)], "v", NOON)
        seen = 0
        for body in store.objects("customer"):
            store.put_objects("customer", [{**body, "seen": True}], "v", NOON) if seen < 20 else None
            seen += 1
        assert seen == 1_500

    def test_clearing_forgets_the_mirror_and_the_cursors_and_nothing_else(self, store: Store) -> None:
        store.put_objects("customer", [customer(1)], "v", NOON)
        store.put_state("cursor", {"after": "cus_000001"})
        store.put_events([event(1, 10)])
        store.append_metrics([snapshot(1, NOON)])
        store.clear_objects()
        assert store.count_objects() == {}
        assert store.get_object("customer", "cus_000001") is None
        assert store.get_state("cursor") is None
        assert len(list(store.events())) == 1
        assert store.count_metrics() == 1


class TestEvents:
    def test_an_event_is_stored_once(self, store: Store) -> None:
        assert store.put_events([event(1, 10), event(2, 11)]) == 2
        assert store.put_events([event(2, 11), event(3, 12), event(3, 12)]) == 1
        assert store.put_events([]) == 0
        assert [found["id"] for found in store.events()] == ["evt_000001", "evt_000002", "evt_000003"]

    def test_events_come_by_second_and_id(self, store: Store) -> None:
        store.put_events([event(4, 20), event(1, 30), event(3, 20), event(2, 10)])
        assert [found["id"][-1] for found in store.events()] == ["2", "3", "4", "1"]
        assert [found["id"][-1] for found in store.events(since=20)] == ["3", "4", "1"]

    def test_events_of_some_families(self, store: Store) -> None:
        """A type begins with the family; what only mentions it elsewhere is not of it."""
        types = {
            1: "customer.subscription.updated", 2: "invoice.paid", 3: "customer.discount.created",
            4: "customer.updated", 5: "customerxsubscription.updated",
        }  # fmt: skip
        store.put_events(
            {**event(n, 10), "type": name, "about": "customer.subscription."} for n, name in types.items()
        )
        families = ("customer.subscription.", "customer.discount.")
        assert [found["id"][-1] for found in store.events(families=families)] == ["1", "3"]
        assert [found["id"][-1] for found in store.events(families=("invoice.",))] == ["2"]
        assert len(list(store.events())) == 5
        assert list(store.events(since=11, families=families)) == []

    def test_a_burst_of_a_thousand_in_two_seconds_is_complete_and_in_order(self, store: Store) -> None:
        assert store.put_events(event(n, 100 + n % 2) for n in range(1_000, 0, -1)) == 1_000
        found = [(event["created"], event["id"]) for event in store.events()]
        assert found == sorted(found)
        assert len(found) == 1_000

    def test_an_event_comes_back_as_it_was_written(self, store: Store) -> None:
        raw = {**event(1, 10), "data": {"object": AWKWARD, "previous_attributes": {"metadata": {"$a": None}}}}
        store.put_events([raw])
        assert list(store.events()) == [raw]


class TestState:
    def test_the_last_state_is_the_one(self, store: Store) -> None:
        assert store.get_state("cursor") is None
        store.put_state("cursor", {"after": "a", "pages": 1})
        store.put_state("other", {"$after": {"x.y": 1}})
        store.put_state("cursor", {"after": "b"})
        assert store.get_state("cursor") == {"after": "b"}
        assert store.get_state("other") == {"$after": {"x.y": 1}}

    def test_another_store_over_the_same_data_sees_it(self, opener: Opener) -> None:
        opener().put_state("cursor", {"after": "a"})
        assert opener().get_state("cursor") == {"after": "a"}


class TestRecords:
    def test_a_record_comes_back_with_its_number_and_is_written_only_from_that(self, store: Store) -> None:
        assert store.record("note", "a") is None
        assert store.put_record("note", "a", AWKWARD, 0)
        assert not store.put_record("note", "a", {"other": 1}, 0)
        assert not store.put_record("note", "a", {"other": 1}, 2)
        assert not store.put_record("note", "b", {"other": 1}, 1)
        first = store.record("note", "a")
        assert first is not None
        assert (first.id, first.number, first.body) == ("a", 1, AWKWARD)
        assert store.put_record("note", "a", {"second": True}, 1)
        second = store.record("note", "a")
        assert second is not None
        assert (second.number, second.body) == (2, {"second": True})

    def test_newest_first_of_one_kind(self, opener: Opener, clock: Clock) -> None:
        store = opener(clock)
        for name in "abc":
            clock.advance(1)
            store.put_record("note", name, {"name": name}, 0)
            store.put_record("other", name, {}, 0)
        assert [found.id for found in store.records("note", 2)] == ["c", "b"]
        clock.advance(1)
        store.put_record("note", "a", {"name": "again"}, 1)
        found = store.records("note", 5)
        assert [one.id for one in found] == ["a", "c", "b"]
        assert found[0].at == clock.now

    def test_of_many_that_write_at_once_one_succeeds(self, opener: Opener) -> None:
        stores = [opener() for _ in range(4)]
        with ThreadPoolExecutor(8) as pool:
            tries = pool.map(lambda n: stores[n % 4].put_record("note", "a", {"n": n}, 0), range(16))
            assert sum(tries) == 1
