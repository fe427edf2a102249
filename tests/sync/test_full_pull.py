import threading
from collections import Counter
from pathlib import Path

import pytest

from eqho.sources.base import KeyRefused, SourceError
from eqho.store.base import LeaseLost
from eqho.sync import Progress
from eqho.sync.run import WORKERS
from tests.services.plain_account import (
    DAY,
    NOW,
    change,
    customer,
    invoice,
    pending_item,
    plain_account,
    price,
    product,
    subscription,
)
from tests.sync.rig import mirror, rig


def test_everything_is_mirrored_object_by_object(tmp_path: Path) -> None:
    account = plain_account(120, 3)
    account.put("invoice", invoice(9_001, 1, NOW - 90, lines=25))
    account.put("invoiceitem", pending_item(1, 1, NOW - 80))
    with rig(account, tmp_path) as r:
        result = r.run()
        found = mirror(r.store)
    assert result.full
    assert result.changed
    assert result.written == 2 + 120 + 120 + 361 + 1
    assert {kind: len(bodies) for kind, bodies in found.items() if bodies} == {
        "product": 1, "price": 1, "customer": 120, "subscription": 120, "invoice": 361, "invoiceitem": 1,
    }  # fmt: skip
    for kind, bodies in found.items():
        assert bodies == {body["id"]: body for body in account.every(kind, **_filters(kind))}


def _filters(kind: str) -> dict[str, str]:
    return {"status": "all"} if kind == "subscription" else {}


def test_a_small_account_takes_the_fewest_requests(tmp_path: Path) -> None:
    """840 customers with 2 invoices each: 43 pages, 2 looks at events, 12 probes; a split may cost one."""
    with rig(plain_account(840, 2), tmp_path) as r:
        result = r.run()
        assert r.server.pages_needed() == 43
        assert 45 <= sum(r.asked.values()) <= 46
        assert result.requests == sum(r.asked.values()) + 13  # 12 probes, and the question whose key it is


def test_catalogue_first_then_what_refers_to_it(tmp_path: Path) -> None:
    with rig(plain_account(150, 2), tmp_path) as r:
        r.run()
        order = list(r.asked)
    assert set(order[:2]) == {"products", "coupons"}
    assert order[2] == "prices"
    assert order[3] == "customers"
    assert set(order[4:6]) == {"subscriptions", "subscription_schedules"}
    assert order[6] == "events"  # they date what no bill tells
    assert set(order[7:12]) == {"invoices", "invoiceitems", "credit_notes", "refunds", "disputes"}


def test_raw_pages_are_cached_by_kind_window_and_cursor(tmp_path: Path) -> None:
    with rig(plain_account(150, 1), tmp_path) as r:
        r.run()
        first = r.store.get_page(f"customers:all:{NOW + 1}:first")
        assert first is not None
        assert len(first) == 100
        second = r.store.get_page(f"customers:all:{NOW + 1}:{first[-1]['id']}")
        assert second is not None
        assert len(second) == 50


def test_windows_run_in_parallel_within_five_percent_of_the_fewest_pages(tmp_path: Path) -> None:
    account = plain_account(2_000, 10)
    with rig(account, tmp_path, read_timeout=30.0) as r:
        met = threading.Event()

        def meet(path: str) -> None:
            """Once the evidence allows splits, invoices wait for the sixth reader."""
            if r.server.running == WORKERS:
                met.set()
            if path == "/v1/invoices" and len(r.server.requests) > 80:
                met.wait(20)

        r.server.before = meet
        r.run()
        pages = sum(count for path, count in r.asked.items() if path != "events")
        assert len(mirror(r.store)["invoice"]) == 20_000
        assert r.server.pages_needed() == 200 + 20 + 20 + 8
        assert pages <= 1.05 * r.server.pages_needed()
        assert r.server.busiest == WORKERS == 6


def test_a_pull_waits_for_nothing_but_the_permitted_rate(tmp_path: Path) -> None:
    """10/s after a first second's worth; that several workers read at once is shown above."""
    with rig(plain_account(700, 10), tmp_path, rate=10.0) as r:
        requests = r.run().requests
        seconds = r.time.now
    assert requests >= 11 + 7 + 7 + 70 + 7 + 1
    assert (requests - 10) / 10.0 <= seconds + 0.001
    assert requests / seconds >= 0.9 * 10.0


def test_an_interrupted_pull_goes_on_where_it_was(tmp_path: Path) -> None:
    with rig(plain_account(600, 2), tmp_path) as r:
        stopped = Counter[str]()

        def switch_off(path: str) -> None:
            stopped[path] += 1
            if stopped["/v1/invoices"] == 6:  # the probe and five pages
                r.server.down = True

        r.server.before = switch_off
        with pytest.raises(SourceError, match="does not answer"):
            r.run()
        before = r.asked
        kept = {kind: len(bodies) for kind, bodies in mirror(r.store).items()}
        assert kept["customer"] == 600
        assert 300 <= kept["invoice"] <= 500
        r.server.down = False
        r.server.before = lambda path: None
        r.new_process()
        r.run(after=900)
        assert "customers" not in r.asked
        assert "products" not in r.asked
        read = kept["invoice"] // 100
        assert 12 - read <= r.asked["invoices"] <= 12 - read + 1
        assert before["invoices"] > read
        assert len(mirror(r.store)["invoice"]) == 1_200


def test_what_is_created_and_deleted_during_the_pull_is_seen(tmp_path: Path) -> None:
    account = plain_account(300, 1)
    with rig(account, tmp_path) as r:
        done: list[str] = []

        def meanwhile(path: str) -> None:
            if path == "/v1/subscriptions" and len(r.server.requests) > 11 and not done:
                done.append(path)
                with r.server.lock:
                    account.now += 5
                    change(account, "customer", customer(999, NOW + 5), "customer.created")
                    change(
                        account, "subscription", subscription(999, NOW + 5), "customer.subscription.created"
                    )
                    change(account, "customer", customer(299, NOW - 3_600), "customer.deleted")

        r.server.before = meanwhile
        r.run()
        found = mirror(r.store)
    assert done
    assert "cus_000999" in found["customer"]
    assert "sub_000999" in found["subscription"]
    assert "cus_000299" not in found["customer"]


def test_a_full_pull_finds_what_events_missed(tmp_path: Path) -> None:
    account = plain_account(250, 1)
    with rig(account, tmp_path) as r:
        r.run()
        account.remove("customer", "cus_000123")
        account.put("customer", customer(800, NOW + 60))
        account.put("subscription", {**subscription(5, NOW - 400 * DAY), "status": "past_due"})
        quiet = r.run(after=900)
        assert (quiet.written, quiet.deleted) == (0, 0)
        healed = r.run(after=900, full=True)
        assert healed.deleted == 1
        found = mirror(r.store)
        assert "cus_000123" not in found["customer"]
        assert "cus_000800" in found["customer"]
        assert found["subscription"]["sub_000005"]["status"] == "past_due"
        # History keeps the body.
        assert r.store.get_object("customer", "cus_000123") is not None


def test_deletions_are_found_by_a_re_list_that_was_interrupted(tmp_path: Path) -> None:
    account = plain_account(5_000, 0)
    with rig(account, tmp_path) as r:
        r.run()
        newest, oldest = "cus_004990", "cus_000010"
        account.remove("customer", newest)
        account.remove("customer", oldest)
        pages = Counter[str]()

        def switch_off(path: str) -> None:
            pages[path] += 1
            r.server.down = pages["/v1/customers"] > 30

        r.server.before = switch_off
        with pytest.raises(SourceError):
            r.run(after=60, full=True)
        r.server.before = lambda path: None
        r.server.down = False
        r.new_process()
        r.run(after=60)
        assert r.asked["customers"] <= 25
        assert {newest, oldest}.isdisjoint(r.store.object_ids("customer"))
        assert len(mirror(r.store)["customer"]) == 4_998
        assert {newest, oldest}.isdisjoint(r.store.object_ids("customer"))


def test_a_fixed_clock_still_reads_everything_again(tmp_path: Path) -> None:
    """EQHO_NOW stands still: the bound of every pull is the same."""
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.run()
        account.put("subscription", subscription(5, NOW - DAY, status="past_due"))
        r.run(full=True)
        assert r.asked["subscriptions"] == 1
        assert mirror(r.store)["subscription"]["sub_000005"]["status"] == "past_due"


def test_every_night_everything_is_listed_again(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        assert r.run().full
        assert not r.run(after=DAY - 1).full
        assert r.run(after=1).full
        assert not r.run(after=900).full


def test_after_twenty_five_days_of_silence_everything_is_read_again_and_said_so(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        result = r.run(after=26 * DAY)
    assert result.full
    assert [(issue.code, issue.message) for issue in result.issues] == [
        (
            "events_gap",
            "The last refresh that succeeded was 26 days ago, and Stripe keeps events for 30 days only: "
            "everything was read again.",
        )
    ]


def test_no_subscription_left_is_taken_for_a_fault_of_access(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.run()
        for number in range(20):
            account.remove("subscription", f"sub_{number:06}")
        with pytest.raises(SourceError, match="lists no subscription although 20 are known"):
            r.run(after=60, full=True)
        assert len(mirror(r.store)["subscription"]) == 20
        for number in range(20):
            account.put("subscription", subscription(number, NOW - DAY))
        r.run(after=60)
        assert len(mirror(r.store)["subscription"]) == 20


def test_a_kind_without_permission_is_left_out_and_read_once_it_is_given(tmp_path: Path) -> None:
    account = plain_account(20, 3)
    with rig(account, tmp_path) as r:
        r.server.denied = {"invoice"}
        result = r.run()
        assert [(issue.code, issue.subjects) for issue in result.issues] == [
            ("missing_permission", ("invoice",))
        ]
        assert len(mirror(r.store)["subscription"]) == 20
        assert mirror(r.store)["invoice"] == {}
        r.server.denied = set()
        again = r.run(after=3_600)
        assert not again.full
        assert again.issues == ()
        assert r.asked == {"invoices": 1, "events": 1}
        assert len(mirror(r.store)["invoice"]) == 60


def test_a_permission_taken_away_in_the_middle_of_a_pull_is_the_one_that_stripe_names(tmp_path: Path) -> None:
    """A key with invoices and without what waits for the next one: its own list says so."""
    with rig(plain_account(20, 3), tmp_path) as r:

        def take_away(path: str) -> None:
            if path == "/v1/subscription_schedules" and len(r.server.requests) > 11:
                r.server.denied = {"invoiceitem"}

        r.server.before = take_away
        result = r.run()
        assert [(issue.code, issue.subjects) for issue in result.issues] == [
            ("missing_permission", ("invoiceitem",))
        ]
        assert "give it the permission rak_invoice_item_read, as Stripe calls it" in result.issues[0].message
        assert len(mirror(r.store)["invoice"]) == 60


def test_without_events_every_refresh_reads_everything(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.server.denied = {"event"}
        assert r.run().full
        assert r.run(after=900).full
        r.server.denied = set()
        assert not r.run(after=3_600).full
        assert r.asked == {"events": 2}  # the past thirty days, and what came since the last list
        assert not r.run(after=900).full
        assert r.asked == {"events": 1}


def test_a_permission_taken_away_is_reported_and_its_kind_read_again_later(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.run()
        r.pass_time(900)
        r.server.denied = {"invoice"}
        change(account, "invoice", {**invoice(3, 3, NOW - DAY), "status": "void"}, "invoice.voided")
        assert [issue.code for issue in r.run().issues] == ["unreadable_object"]
        assert mirror(r.store)["invoice"]["in_000003"]["status"] == "void"
        result = r.run(after=900)
        assert [issue.subjects for issue in result.issues] == [("invoice",)]
        r.server.denied = set()
        r.run(after=3_600)
        assert r.asked == {"invoices": 1, "events": 1}
        assert mirror(r.store)["invoice"]["in_000003"]["status"] == "void"


def test_a_revoked_key_is_never_taken_for_a_quiet_day(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.server.key = "rk_test_51AnotherKeyAltogether"
        with pytest.raises(KeyRefused, match="Stripe refuses the key ending in _key"):
            r.run(after=900)
        with pytest.raises(KeyRefused, match="Stripe refuses the key ending in _key"):
            r.run(after=900)


def test_a_lost_lease_stops_the_pull_and_keeps_what_was_read(tmp_path: Path) -> None:
    with rig(plain_account(500, 2), tmp_path) as r:
        asked = [0]

        def still_leader() -> bool:
            asked[0] += 1
            return asked[0] < 20

        with pytest.raises(LeaseLost, match="Another process has taken over the refresh"):
            r.run(still_leader=still_leader)
        assert 0 < sum(len(bodies) for bodies in mirror(r.store).values()) < 1_500
        r.run()
        assert len(mirror(r.store)["invoice"]) == 1_000


def test_progress_is_told_after_each_page(tmp_path: Path) -> None:
    with rig(plain_account(500, 2), tmp_path) as r:
        told: list[Progress] = []
        r.run(on_progress=told.append)
    assert [told[0].phase, told[1].phase, told[-2].phase, told[-1].phase] == [
        "checking",
        "pulling",
        "events",
        "done",
    ]
    assert told[-1].kinds["invoice"].objects == 1_000
    assert told[-1].kinds["customer"].pages == 5
    assert all(kind.done for kind in told[-1].kinds.values())
    assert any(progress.sentence.startswith("Reading customers (") for progress in told)
    shares = [p.kinds["invoice"].share or 0.0 for p in told if "invoice" in p.kinds]
    assert shares == sorted(shares)
    assert told[-1].sentence == f"Up to date after {told[-1].requests} requests in {told[-1].seconds:.0f} s."


def test_prices_with_tiers_arrive_with_their_tiers(tmp_path: Path) -> None:
    account = plain_account(1, 1)
    tiers = [{"up_to": None, "unit_amount": 500, "unit_amount_decimal": "500", "flat_amount": None}]
    account.put("price", {**price(2), "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": tiers})
    account.put("product", product(2))
    with rig(account, tmp_path) as r:
        r.run()
        assert mirror(r.store)["price"]["price_2"]["tiers"] == tiers
