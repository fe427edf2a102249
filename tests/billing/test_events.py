"""What stored events say: in which order within a second, and which discounts a customer had when."""

from typing import Any

from eqho.billing.normalise import read_account
from tests.billing import shapes
from tests.billing.shapes import FEB, JAN, MID

Raw = dict[str, Any]


def event(event_id: str, change: str, body: Raw, at: int = JAN, previous: Raw | None = None) -> Raw:
    data = {"object": body} | ({} if previous is None else {"previous_attributes": previous})
    return {"id": event_id, "object": "event", "type": change, "created": at, "data": data}


def standing(status: str, **more: Any) -> Raw:
    return shapes.subscription("endive", status=status, **more)


def statuses(*events: Raw) -> list[str]:
    account, issues = read_account(shapes.company("endive", invoice=[], event=list(events)))
    assert issues == []
    return [snapshot.subscription.status for snapshot in account.snapshots]


def test_events_of_one_second_follow_from_each_other_and_not_from_their_ids() -> None:
    created = event("evt_9", "customer.subscription.created", standing("incomplete"))
    paid = event(
        "evt_7", "customer.subscription.updated", standing("active"), previous={"status": "incomplete"}
    )
    failed = event(
        "evt_2", "customer.subscription.updated", standing("past_due"), previous={"status": "active"}
    )
    assert statuses(paid, failed, created) == ["incomplete", "active", "past_due"]


def test_a_change_and_its_way_back_are_told_apart_by_what_was_before() -> None:
    before = event("evt_0", "customer.subscription.updated", standing("active"), at=JAN - 60)
    there = event(
        "evt_9", "customer.subscription.updated", standing("past_due"), previous={"status": "active"}
    )
    back = event(
        "evt_1", "customer.subscription.updated", standing("active"), previous={"status": "past_due"}
    )
    assert statuses(before, there, back) == ["active", "past_due", "active"]


def test_where_the_contents_leave_it_open_the_end_comes_last() -> None:
    deleted = event("evt_1", "customer.subscription.deleted", standing("canceled"))
    resumed = event("evt_3", "customer.subscription.resumed", standing("active"))
    paused = event("evt_7", "customer.subscription.paused", standing("paused"))
    assert statuses(deleted, resumed, paused) == ["paused", "active", "canceled"]


def test_a_snapshot_has_its_customers_discounts_each_as_long_as_it_stood() -> None:
    bare = standing("active", discounts=[])
    first = shapes.discount("endive") | {"id": "di_first", "customer": "cus_1", "start": JAN}
    second = first | {"id": "di_second", "start": MID}
    account, _ = read_account(
        shapes.company(
            "endive",
            event=[
                event("evt_1", "customer.discount.created", first),
                event("evt_2", "customer.discount.updated", second, at=MID),
                event("evt_3", "customer.discount.deleted", second, at=FEB),
                event("evt_4", "customer.subscription.updated", _without_item_discounts(bare), at=MID),
            ],
        )
    )
    (snapshot,) = account.snapshots
    assert [(d.id, d.start, d.end) for d in snapshot.subscription.discounts] == [
        ("di_first", JAN, MID),
        ("di_second", MID, FEB),
    ]


def _without_item_discounts(body: Raw) -> Raw:
    items = [item | {"discounts": []} for item in body["items"]["data"]]
    return body | {"items": body["items"] | {"data": items}}


def test_a_payload_of_2018_whose_discount_has_no_id_is_read_as_the_discount_it_is_today() -> None:
    today = shapes.subscription("acacia")
    for item in today["items"]["data"]:
        item["discounts"] = []
    old = {key: value for key, value in shapes.discount("acacia").items() if key != "id"}
    told = event("evt_1", "customer.subscription.updated", {**today, "discount": old, "discounts": None})
    account, issues = read_account(shapes.company("acacia", invoice=[], subscription=[today], event=[told]))
    assert issues == []
    (snapshot,) = account.snapshots
    assert [d.id for d in account.subscriptions[today["id"]].discounts] == ["di_1"]
    assert [d.id for d in snapshot.subscription.discounts] == ["di_1"]


def test_a_discount_without_an_id_that_is_known_nowhere_else_has_one_of_its_own() -> None:
    old = {key: value for key, value in shapes.discount("acacia").items() if key != "id"} | {"start": MID}
    told = shapes.subscription("acacia", discount=old)
    account, issues = read_account(
        shapes.company("acacia", invoice=[], event=[event("evt_1", "customer.subscription.updated", told)])
    )
    assert issues == []
    assert [d.id for d in account.snapshots[0].subscription.discounts] == [f"HALF@{MID}"]
