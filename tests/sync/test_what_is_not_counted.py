"""An account without subscriptions, test clocks, and a webhook in place of the events."""

from pathlib import Path
from typing import Any

from eqho.sync.plan import RELIST_EVERY
from tests.services.plain_account import DAY, NOW, change, customer, invoice, plain_account, subscription
from tests.sync.rig import Rig, mirror, rig

CLOCK = {"test_clock": "clock_1"}


def test_an_account_without_subscriptions_is_asked_about(tmp_path: Path) -> None:
    account = plain_account(0, 0)
    with rig(account, tmp_path) as r:
        result = r.run()
        assert [issue.code for issue in result.issues] == ["no_subscriptions"]
        assert result.issues[0].message.startswith("This key sees 0 subscriptions: is it the right account?")
        account.put("customer", customer(1, r.now))
        change(account, "subscription", subscription(1, r.now), "customer.subscription.created")
        assert r.run(after=900).issues == ()


def clocked(r: Rig, number: int) -> None:
    account = r.server.account
    change(account, "customer", customer(number, r.now) | CLOCK, "customer.created")
    change(account, "subscription", subscription(number, r.now) | CLOCK, "customer.subscription.created")
    change(account, "invoice", invoice(number, number, r.now) | CLOCK, "invoice.paid")


def test_what_lives_on_a_test_clock_is_never_counted_and_said(tmp_path: Path) -> None:
    """Lists leave it out, events tell of it: the poll says what the nightly list says."""
    with rig(plain_account(2, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        clocked(r, 7)
        for _ in ("the poll", "the next poll"):
            result = r.run(after=60)
            assert set(mirror(r.store)["subscription"]) == {"sub_000000", "sub_000001"}
            assert len(mirror(r.store)["customer"]) == 2
            assert len(mirror(r.store)["invoice"]) == 2
            assert [(issue.code, issue.subjects) for issue in result.issues] == [
                ("test_clock", ("sub_000007",))
            ]
        assert not [event for event in r.store.events() if event["id"].startswith("evt_")]
        again = r.run(after=DAY)
        assert again.full
        assert set(mirror(r.store)["subscription"]) == {"sub_000000", "sub_000001"}
        assert again.issues[0].message == (
            "1 subscription runs on a test clock of this sandbox, in a time of their own: never counted."
        )


def refund(number: int, customer: str, at: int) -> dict[str, Any]:
    return {
        "id": f"re_{number}", "object": "refund", "amount": 500, "charge": "ch_1", "created": at,
        "currency": "usd", "customer": customer, "payment_intent": "pi_1", "status": "succeeded",
    }  # fmt: skip


def test_refunds_on_a_test_clock_are_not_counted_whether_a_list_or_an_event_tells_them(
    tmp_path: Path,
) -> None:
    """Stripe lists them beside the others, and their customer in no list."""
    with rig(plain_account(2, 1), tmp_path) as r:
        account = r.server.account
        account.put("refund", refund(1, "cus_000001", r.now - DAY))
        account.put("refund", refund(2, "cus_clocked", r.now - DAY))
        r.server.unlisted["cus_clocked"] = {**customer(7, r.now - DAY), "id": "cus_clocked", **CLOCK}
        r.run()
        assert set(mirror(r.store)["refund"]) == {"re_1"}
        assert set(mirror(r.store)["customer"]) == {"cus_000000", "cus_000001"}
        r.pass_time(900)
        change(account, "refund", refund(3, "cus_clocked", r.now), "refund.created")
        change(account, "refund", refund(4, "cus_000000", r.now), "refund.created")
        r.run(after=60)
        assert set(mirror(r.store)["refund"]) == {"re_1", "re_4"}
        r.new_process()
        assert r.run(after=DAY).full
        assert set(mirror(r.store)["refund"]) == {"re_1", "re_4"}
        assert "customers/cus_clocked" not in r.asked


def test_refunds_on_a_test_clock_that_was_heard_of_before_cost_no_request(tmp_path: Path) -> None:
    with rig(plain_account(2, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        clocked(r, 7)
        change(r.server.account, "refund", refund(3, "cus_000007", r.now), "refund.created")
        r.run(after=60)
        assert mirror(r.store)["refund"] == {}


def told_by_webhook(r: Rig, kind: str, body: dict[str, Any], name: str) -> None:
    """As `eqho.api.webhook` keeps it."""
    change(r.server.account, kind, body, name)
    newest = next(iter(r.server.account.every("event")))
    r.store.put_events([newest])
    r.store.put_state("webhook", {"last": newest["created"]})


def test_a_webhook_without_permission_for_events_costs_what_changed(tmp_path: Path) -> None:
    with rig(plain_account(44, 1), tmp_path) as r:
        r.server.denied = {"event"}
        r.run()
        for number in range(10):
            r.pass_time(6)
            body = subscription(number, NOW - 90 * DAY, status="past_due")
            told_by_webhook(r, "subscription", body, "customer.subscription.updated")
            result = r.run()
            assert (result.full, result.requests) == (False, 1)
            assert r.asked == {f"subscriptions/sub_{number:06}": 1}
            assert mirror(r.store)["subscription"][f"sub_{number:06}"]["status"] == "past_due"
        assert r.run(after=60).requests == 0


def test_with_a_webhook_everything_is_listed_on_schedule_alone(tmp_path: Path) -> None:
    with rig(plain_account(44, 1), tmp_path) as r:
        r.server.denied = {"event"}
        r.run()
        r.pass_time(RELIST_EVERY - 900)
        body = subscription(3, NOW - 90 * DAY, status="past_due")
        told_by_webhook(r, "subscription", body, "customer.subscription.updated")
        assert not r.run().full
        assert r.run(after=900).full
        assert not r.run(after=900).full


def test_a_webhook_that_has_fallen_silent_is_not_relied_upon(tmp_path: Path) -> None:
    with rig(plain_account(44, 1), tmp_path) as r:
        r.server.denied = {"event"}
        r.run()
        r.pass_time(60)
        body = subscription(3, NOW - 90 * DAY, status="past_due")
        told_by_webhook(r, "subscription", body, "customer.subscription.updated")
        assert not r.run().full
        r.run(after=3 * DAY)
        assert r.run(after=900).full
