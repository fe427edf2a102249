"""One object that Stripe does not give costs itself alone: its event stands in, and it is tried again."""

from pathlib import Path

import pytest

from eqho.sources.base import KeyRefused, SourceError
from eqho.sync.unreadable import HOPELESS, stand_in
from tests.services.plain_account import DAY, NOW, change, customer, invoice, plain_account, subscription
from tests.services.stripe_faults import Fault, Refusal
from tests.sync.rig import Rig, mirror, rig

CAUSES: dict[Fault | Refusal, str] = {
    "500": "answers with status 500; try again later.",
    "400": "refuses with status 400: This object is not supported by your API version.",
    "lock_timeout": "answers with status 429 (lock_timeout): another request holds it; try again later.",
    "502 html": "answers with status 502; try again later.",
    "truncated": "cuts its answer short: check the network and any proxy in between, and try again later.",
    "404 html": "answers with status 404 and nothing that Stripe would send: check STRIPE_API_BASE, if it is "
    "set, and any proxy in between.",
}


def refunded(r: Rig) -> None:
    refund = {
        "id": "re_1", "object": "refund", "amount": 500, "charge": "ch_1", "created": NOW, "currency": "usd",
        "livemode": False, "status": "succeeded",
    }  # fmt: skip
    change(r.server.account, "refund", refund, "refund.created")
    change(r.server.account, "customer", customer(900, NOW), "customer.created")


@pytest.mark.parametrize("fault", CAUSES)
def test_the_event_stands_in_and_everything_else_is_read(tmp_path: Path, fault: Fault | Refusal) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        refunded(r)
        r.server.faults.plan(fault, "/v1/refunds/re_1", times=10_000)
        result = r.run(after=900)
        assert [(issue.code, issue.subjects, issue.message) for issue in result.issues] == [
            (
                "unreadable_object",
                ("re_1",),
                "re_1 could not be read: what was last heard of it stands in, and every refresh tries it "
                f"again. Stripe (127.0.0.1:{r.server.port}), asked for refunds/re_1, {CAUSES[fault]}",
            )
        ]
        found = mirror(r.store)
        assert found["refund"]["re_1"]["amount"] == 500
        assert "cus_000900" in found["customer"]


def test_a_403_is_told_in_stripes_words(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        refunded(r)
        r.server.faults.plan("403", "/v1/refunds/re_1", times=99)
        [issue] = r.run(after=900).issues
        assert issue.subjects == ("re_1",)
        assert "“This account may not be read from this address.”" in issue.message


def test_it_is_tried_again_after_a_restart_until_it_is_read(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        refunded(r)
        r.server.faults.plan("400", "/v1/refunds/re_1", times=2)
        assert len(r.run(after=900).issues) == 1
        r.new_process()
        assert len(r.run(after=900).issues) == 1
        r.new_process()
        assert r.run(after=900).issues == ()
        assert r.asked["refunds/re_1"] == 1
        r.run(after=900)
        assert "refunds/re_1" not in r.asked


def test_what_is_listed_again_is_no_longer_missed(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        refunded(r)
        r.server.faults.plan("400", "/v1/refunds/re_1", times=1)
        assert len(r.run(after=900).issues) == 1
        assert r.run(full=True, after=DAY).issues == ()


def test_it_never_takes_the_place_of_an_object_that_is_gone(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        body = r.server.account.stored("customer", "cus_000003")
        assert body is not None
        change(r.server.account, "customer", {**body, "name": "Renamed"}, "customer.updated")
        r.server.faults.plan("404 html", "/v1/customers/cus_000003", times=99)
        r.run(after=900)
        assert mirror(r.store)["customer"]["cus_000003"]["name"] == "Renamed"


def test_an_object_that_others_name_costs_no_page(tmp_path: Path) -> None:
    """The price of an invoice's line, which no list holds."""
    account = plain_account(5, 1)
    named = invoice(500, 1, NOW - DAY)
    named["lines"]["data"][0]["pricing"]["price_details"] = {"price": "price_50", "product": "prod_1"}
    account.put("invoice", named)
    with rig(account, tmp_path) as r:
        r.server.faults.plan("500", "/v1/prices/price_50", times=10_000)
        result = r.run()
        assert [issue.subjects for issue in result.issues] == [("price_50",)]
        assert len(mirror(r.store)["invoice"]) == 6


def test_nested_lists_that_cannot_be_read_on_cost_one_object(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    account.put("invoice", invoice(901, 1, NOW - DAY, lines=30))
    with rig(account, tmp_path) as r:
        r.server.faults.plan("500", "/v1/invoices/in_000901/lines", times=10_000)
        result = r.run()
        assert [issue.subjects for issue in result.issues] == [("in_000901",)]
        assert len(mirror(r.store)["invoice"]) == 21
        r.server.faults.clear()
        assert r.run(after=900).issues == ()
        assert len(mirror(r.store)["invoice"]["in_000901"]["lines"]["data"]) == 30


def test_a_kind_that_fails_throughout_is_not_asked_for_a_hundred_times(tmp_path: Path) -> None:
    """Of 1,900, so that one request for each of the 19 is not more than the list."""
    with rig(plain_account(1_900, 0), tmp_path) as r:
        r.run()
        for number in range(19):
            body = subscription(number, NOW - 50 * DAY, status="past_due")
            change(r.server.account, "subscription", body, "customer.subscription.updated")
        r.server.faults.plan("400", "/v1/subscriptions/", times=10_000)
        result = r.run(after=900)
        assert len(result.issues) == 19
        assert sum(r.asked.values()) <= 1 + HOPELESS + 6
        late = [body for body in mirror(r.store)["subscription"].values() if body["status"] == "past_due"]
        assert len(late) == 19


def test_a_key_that_is_refused_is_no_unreadable_object(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        refunded(r)
        r.server.faults.plan("401", "/v1/refunds/re_1", times=1)
        with pytest.raises(KeyRefused):
            r.run(after=900)
        assert r.run(after=900).issues == ()
        assert "re_1" in mirror(r.store)["refund"]


def test_a_stripe_that_does_not_answer_is_no_unreadable_object(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        refunded(r)
        r.server.faults.plan("reset", "/v1/refunds/re_1", times=10_000)
        with pytest.raises(SourceError, match="does not answer: check the network"):
            r.run(after=900)


def test_a_payload_is_completed_by_what_is_stored() -> None:
    """An event names discounts by id and cuts its lists at ten."""
    stored = {
        "id": "sub_1", "discounts": [{"id": "di_1", "coupon": "FIVE"}], "customer": {"id": "cus_1"},
        "items":
            {"object": "list", "has_more": False, "data": [{"id": "si_1", "quantity": 1}, {"id": "si_2"}]},
    }  # fmt: skip
    payload = {
        "id": "sub_1", "discounts": ["di_1", "di_2"], "customer": "cus_2",
        "items":
            {"object": "list", "data": [{"id": "si_1", "quantity": 3}], "has_more": True},
    }  # fmt: skip
    assert stand_in(payload, stored) == {
        "id": "sub_1", "discounts": [{"id": "di_1", "coupon": "FIVE"}, "di_2"], "customer": "cus_2",
        "items":
            {"object": "list", "has_more": False, "data": [{"id": "si_1", "quantity": 3}, {"id": "si_2"}]},
    }  # fmt: skip
    assert stand_in(payload, None) == payload
