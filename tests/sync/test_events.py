from pathlib import Path
from typing import Any

import pytest

from eqho.sources.base import SourceError
from tests.services.plain_account import (
    DAY,
    NOW,
    change,
    customer,
    invoice,
    pending_item,
    plain_account,
    price,
    subscription,
)
from tests.sync.rig import Rig, mirror, rig, undisturbed


def happen(r: Rig, kind: str, body: dict[str, Any], event: str, at: int | None = None) -> None:
    change(r.server.account, kind, body, event, at)


def test_an_idle_refresh_is_one_request(tmp_path: Path) -> None:
    """Listing everything again would be 14 requests, asking for each customer 200."""
    with rig(plain_account(200, 1), tmp_path) as r:
        r.run()
        assert sum(r.asked.values()) == 16
        idle = r.run(after=900)
        assert r.asked == {"events": 1}
        assert (idle.requests, idle.changed, idle.full) == (1, False, False)


def test_a_changed_subscription_is_two_requests(tmp_path: Path) -> None:
    with rig(plain_account(200, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        past_due = subscription(7, NOW - 50 * DAY, status="past_due")
        happen(r, "subscription", past_due, "customer.subscription.updated")
        result = r.run()
        assert r.asked == {"events": 1, "subscriptions/sub_000007": 1}
        assert (result.requests, result.written, result.events, result.changed) == (2, 1, 1, True)
        assert mirror(r.store)["subscription"]["sub_000007"]["status"] == "past_due"


def test_a_changed_quantity_with_its_prorations_is_three_requests(tmp_path: Path) -> None:
    """The two pending items come with one look at the list of pending items."""
    with rig(plain_account(200, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        happen(r, "subscription", subscription(7, NOW - 50 * DAY), "customer.subscription.updated")
        happen(r, "invoiceitem", pending_item(1, 7, r.now), "invoiceitem.created")
        happen(r, "invoiceitem", pending_item(2, 7, r.now), "invoiceitem.created")
        r.run()
        assert r.asked == {"events": 1, "subscriptions/sub_000007": 1, "invoiceitems": 1}
        assert set(mirror(r.store)["invoiceitem"]) == {"ii_000001", "ii_000002"}


def test_many_events_of_one_object_fetch_it_once(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        for _ in range(30):
            happen(r, "invoice", invoice(3, 3, NOW - DAY), "invoice.updated")
        result = r.run()
        assert result.events == 30
        assert r.asked == {"events": 1, "invoices/in_000003": 1}


def test_events_of_the_overlap_are_not_handled_twice(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        happen(r, "customer", customer(3, NOW - DAY), "customer.updated")
        assert r.run().events == 1
        assert r.run(after=300).events == 0
        assert r.asked == {"events": 1}
        # An event of the overlap that shows up late is handled all the same.
        happen(r, "customer", customer(4, NOW - DAY), "customer.updated", at=r.now - 500)
        assert r.run(after=60).events == 1
        assert r.asked == {"events": 1, "customers/cus_000004": 1}


def test_raw_events_are_kept(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        happen(r, "customer", customer(3, NOW - DAY), "customer.updated")
        happen(r, "subscription", subscription(3, NOW - DAY), "customer.subscription.updated")
        r.run()
        kept = list(
            r.store.events(
                families=(
                    "customer",
                    "invoice",
                    "price",
                    "product",
                    "coupon",
                    "credit_note",
                    "refund",
                    "charge",
                    "subscription_schedule",
                )
            )
        )
    assert [event["type"] for event in kept] == ["customer.updated", "customer.subscription.updated"]
    assert kept[1]["data"]["object"]["id"] == "sub_000003"


def test_the_object_counts_not_the_payload_of_its_event(tmp_path: Path) -> None:
    """A payload may be old, or in the shape of another API version."""
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.run()
        r.pass_time(900)
        old = {**customer(3, NOW - DAY), "name": "As it was"}
        account.record("evt_old", "customer.updated", old, account.now)
        account.put("customer", {**customer(3, NOW - DAY), "name": "As it is"})
        r.run()
        assert mirror(r.store)["customer"]["cus_000003"]["name"] == "As it is"


def test_what_is_deleted_becomes_a_tombstone_that_keeps_its_body(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        happen(r, "customer", customer(3, NOW - DAY), "customer.deleted")
        happen(r, "price", price(1), "price.deleted")
        result = r.run()
        assert result.deleted == 2
        found = mirror(r.store)
        assert "cus_000003" not in found["customer"]
        assert found["price"] == {}
        kept = r.store.get_object("customer", "cus_000003")
        assert kept is not None
        assert kept["name"] == "Customer 3"


def test_a_canceled_subscription_is_not_deleted(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        ended = subscription(3, NOW - DAY, status="canceled", ended_at=r.now)
        happen(r, "subscription", ended, "customer.subscription.deleted")
        assert r.run().deleted == 0
        assert mirror(r.store)["subscription"]["sub_000003"]["ended_at"] == r.now


def test_what_came_and_went_between_two_polls_leaves_a_tombstone_with_a_body(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        account = r.server.account
        happen(r, "customer", customer(77, r.now), "customer.created")
        discount = {"id": "di_1", "object": "discount", "customer": "cus_000077", "subscription": None}
        happen(r, "customer", customer(77, r.now), "customer.deleted")
        account.record("evt_discount", "customer.discount.deleted", discount, account.now)
        r.run()
        assert "cus_000077" not in mirror(r.store)["customer"]
        kept = r.store.get_object("customer", "cus_000077")
        assert kept is not None
        assert kept["name"] == "Customer 77"


def test_a_coupon_deleted_and_made_again_under_its_id_is_there(tmp_path: Path) -> None:
    coupon = {"id": "SPRING", "object": "coupon", "created": NOW - DAY, "livemode": False, "percent_off": 10}
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        happen(r, "coupon", coupon, "coupon.created")
        happen(r, "coupon", coupon, "coupon.deleted")
        happen(r, "coupon", {**coupon, "percent_off": 20}, "coupon.created")
        r.run()
        assert mirror(r.store)["coupon"]["SPRING"]["percent_off"] == 20


def test_pending_items_that_an_invoice_has_taken_are_pending_no_more(tmp_path: Path) -> None:
    """No event tells of them: the lines of the invoice do."""
    account = plain_account(20, 1)
    account.put("invoiceitem", pending_item(1, 3, NOW - DAY))
    account.put("invoiceitem", pending_item(2, 4, NOW - DAY))
    with rig(account, tmp_path) as r:
        r.run()
        r.pass_time(900)
        taken = invoice(500, 3, r.now)
        details = {"invoice_item": "ii_000001", "subscription": "sub_000003", "proration": True}
        taken["lines"]["data"][0]["parent"] = {
            "type": "invoice_item_details",
            "invoice_item_details": details,
        }
        account.put("invoiceitem", {**pending_item(1, 3, NOW - DAY), "invoice": "in_000500"})
        happen(r, "invoice", taken, "invoice.created")
        r.run()
        assert r.asked == {"events": 1, "invoices/in_000500": 1}
        assert set(mirror(r.store)["invoiceitem"]) == {"ii_000002"}


def test_a_discount_is_read_with_its_customer_and_subscription(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.run()
        r.pass_time(900)
        discount = {
            "id": "di_1",
            "object": "discount",
            "customer": "cus_000003",
            "subscription": "sub_000003",
        }
        account.record("evt_discount", "customer.discount.created", discount, account.now)
        r.run()
        assert r.asked == {"events": 1, "customers/cus_000003": 1, "subscriptions/sub_000003": 1}


def test_other_families_cost_nothing_and_are_not_kept(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.run()
        r.pass_time(900)
        for number, kind in enumerate(["payment_intent", "payout", "checkout.session"]):
            body = {"id": f"x_{number}", "object": kind}
            account.record(f"evt_other_{number}", f"{kind}.created", body, account.now)
        upcoming = {key: value for key, value in invoice(1, 1, NOW).items() if key != "id"}
        account.record("evt_upcoming", "invoice.upcoming", upcoming, account.now)
        assert r.run().changed is False
        assert r.asked == {"events": 1}
        assert (
            list(
                r.store.events(
                    families=(
                        "customer",
                        "invoice",
                        "price",
                        "product",
                        "coupon",
                        "credit_note",
                        "refund",
                        "charge",
                        "subscription_schedule",
                    )
                )
            )
            == []
        )


def test_a_plan_is_a_price(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.run()
        r.pass_time(900)
        account.put("price", {**price(1), "nickname": "renamed"})
        account.record("evt_plan", "plan.updated", {"id": "price_1", "object": "plan"}, account.now)
        r.run()
        assert mirror(r.store)["price"]["price_1"]["nickname"] == "renamed"


def test_the_cursor_moves_only_after_the_whole_window(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        happen(r, "customer", {**customer(3, NOW - DAY), "name": "Renamed"}, "customer.updated")
        happen(
            r, "subscription", subscription(3, NOW - DAY, status="unpaid"), "customer.subscription.updated"
        )
        r.server.faults.plan("reset", "/v1/subscriptions/", times=99)
        with pytest.raises(SourceError, match="does not answer"):
            r.run()
        assert mirror(r.store)["customer"]["cus_000003"]["name"] == "Renamed"
        r.server.faults.clear()
        result = r.run(after=2 * DAY // 3)
        assert not result.full
        assert result.events == 0  # they were stored by the run that failed
        assert r.asked == {"events": 1, "customers/cus_000003": 1, "subscriptions/sub_000003": 1}
        assert mirror(r.store)["subscription"]["sub_000003"]["status"] == "unpaid"


def test_a_busy_week_ends_in_the_same_state_as_a_full_pull(tmp_path: Path) -> None:
    account = plain_account(60, 2)
    with rig(account, tmp_path) as r:
        r.run()
        for day in range(6):
            for number in range(40):
                r.pass_time(1_000)
                of = (7 * day + number) % 60
                body = subscription(of, NOW - 90 * DAY, status=("active", "past_due", "canceled")[number % 3])
                happen(r, "subscription", body, "customer.subscription.updated")
                happen(r, "invoice", invoice(1_000 + 100 * day + number, of, r.now), "invoice.paid")
            happen(r, "customer", customer(50 + day, NOW - 90 * DAY), "customer.deleted")
            assert not r.run().full or day
        r.run(after=60)
        assert mirror(r.store) == undisturbed(account, tmp_path / "quiet", r.now).mirror


def test_a_quiet_account_costs_one_request_however_long_it_is_quiet(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        for _ in range(20):
            r.run(after=DAY // 2)
        assert r.run(after=900).requests == 1
