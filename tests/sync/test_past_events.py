"""Events are the only exact history: none that Stripe still keeps is left unread."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eqho.sources.base import SourceError
from eqho.stripe_simulator.calendar import DAY, HOUR
from eqho.stripe_simulator.simulator import Simulator
from tests.services.plain_account import NOW, change, customer, plain_account, subscription
from tests.sync.rig import Rig, mirror, rig
from tests.sync.telling import at, month, mrr_at, told

CHANGED = at("2026-05-10T11:58:00")


class Seats:
    """A yearly plan at $4,800 from January on; on 10 May 1 → 3 seats, which no bill and no credit dates."""

    def __init__(self, folder: Path) -> None:
        self.sim = Simulator(at("2026-01-15T09:00:00"))
        price = self.sim.create_price(self.sim.create_product("TowPilot"), 480_000, interval="year")
        buyer = self.sim.create_customer("Bluebird Towing", "ops@bluebird.example")
        self.subscription = self.sim.subscribe(buyer, [(price, 1)])
        self._open = rig(self.sim.account, folder, now=self.sim.now)
        self.rig: Rig = self._open.__enter__()

    def close(self) -> None:
        self._open.__exit__(None, None, None)

    def until(self, instant: int) -> None:
        if self.sim.now < CHANGED <= instant:
            self.sim.advance(CHANGED)
            self.sim.change_quantity(self.subscription, 3, proration="none")
        self.sim.advance(instant)

    def sync(self, instant: int) -> None:
        self.until(instant)
        self.rig.now = instant
        self.rig.server.requests.clear()
        self.rig.sync.run()

    def assert_told(self) -> None:
        scene = told(self.rig.store, self.rig.now)
        days = [at("2026-04-30"), CHANGED - 1, CHANGED, at("2026-05-12"), self.rig.now]
        assert [mrr_at(scene, day) for day in days] == [400.0, 400.0, 1_200.0, 1_200.0, 1_200.0]
        assert scene.money(month(scene, "2026-05-01").amounts["expansion"]) == 800.0
        if self.rig.now >= at("2026-06-01"):
            assert scene.money(month(scene, "2026-06-01").amounts["expansion"]) == 0.0


@pytest.fixture
def seats(tmp_path: Path) -> Iterator[Seats]:
    seats = Seats(tmp_path)
    yield seats
    seats.close()


def test_a_re_list_on_the_same_run_leaves_no_event_unread(seats: Seats) -> None:
    """Polls at 11:45 and 12:14; the daily re-list falls on the second."""
    seats.sync(at("2026-05-09T12:14:00"))
    seats.sync(at("2026-05-10T11:45:00"))
    seats.sync(at("2026-05-10T12:14:00"))
    assert seats.rig.asked["subscriptions"] == 1  # listed
    for day in ("2026-05-14", "2026-05-20", "2026-06-05"):
        seats.sync(at(f"{day}T12:00:00"))
        seats.assert_told()


@pytest.mark.parametrize("day", ["2026-05-14", "2026-05-20", "2026-06-05"])
def test_a_first_connection_reads_the_thirty_days_that_stripe_keeps(seats: Seats, day: str) -> None:
    seats.sync(at(f"{day}T12:00:00"))
    seats.assert_told()
    seats.sync(at("2026-07-20T12:00:00"))
    seats.assert_told()


def test_an_interrupted_first_pull_reads_them_all_the_same(seats: Seats) -> None:
    seats.until(at("2026-05-20T12:00:00"))
    seats.rig.now = at("2026-05-20T12:00:00")
    seats.rig.server.faults.plan("500", "/v1/events", times=99)
    with pytest.raises(SourceError):
        seats.rig.sync.run()
    seats.rig.server.faults.clear()
    seats.rig.new_process()
    seats.sync(at("2026-05-20T12:15:00"))
    seats.assert_told()


def test_a_gap_of_twenty_eight_days_is_read_from_the_last_cursor(seats: Seats) -> None:
    seats.sync(at("2026-05-01T12:00:00"))
    seats.sync(at("2026-05-29T12:00:00"))
    seats.assert_told()


def test_the_permission_for_events_given_later_brings_what_is_still_kept(seats: Seats) -> None:
    seats.rig.server.denied = {"event"}
    seats.sync(at("2026-05-20T12:00:00"))
    seats.rig.server.denied = set()
    seats.sync(at("2026-05-20T14:00:00"))
    seats.assert_told()


def test_events_of_the_past_cost_a_look_not_a_request_for_each_object(tmp_path: Path) -> None:
    account = plain_account(300, 1)
    for number in range(250):
        body = subscription(number, NOW - 100 * DAY)
        change(account, "subscription", body, "customer.subscription.updated", NOW - 20 * DAY + number)
        change(account, "customer", customer(number, NOW - 100 * DAY), "customer.updated", NOW - 9 * DAY)
    with rig(account, tmp_path) as r:
        r.run()
        assert r.asked["events"] == 3 + 1
        assert not [path for path in r.asked if "/" in path]
        assert sum(event["id"].startswith("evt_0") for event in r.store.events()) == 250
        assert r.run(after=900).requests == 1


def test_what_was_deleted_before_the_first_pull_is_known_by_its_event(tmp_path: Path) -> None:
    coupon = {"id": "SPRING", "object": "coupon", "created": NOW - 90 * DAY, "livemode": False}
    account = plain_account(20, 1)
    account.put("coupon", coupon)
    change(account, "coupon", coupon, "coupon.deleted", NOW - 3 * DAY)
    with rig(account, tmp_path) as r:
        r.run()
        assert "coupons/SPRING" not in r.asked
        assert r.store.object_ids("coupon") == set()
        assert (r.store.get_object("coupon", "SPRING") or {})["id"] == "SPRING"


# What many changes cost


def test_350_new_subscriptions_take_less_than_20_requests(tmp_path: Path) -> None:
    with rig(plain_account(200, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        for number in range(1_000, 1_350):
            change(r.server.account, "customer", customer(number, r.now - 60), "customer.created")
            body = subscription(number, r.now - 60)
            change(r.server.account, "subscription", body, "customer.subscription.created")
        result = r.run()
        assert r.asked == {"events": 7, "customers": 4, "subscriptions": 4}
        assert result.requests == 15
        assert len(r.store.object_ids("subscription")) == 550


def test_a_price_rise_for_everybody_is_one_list_not_a_request_each(tmp_path: Path) -> None:
    with rig(plain_account(300, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        for number in range(300):
            body = {**r.server.account.retrieve("subscription", f"sub_{number:06}", complete=True)}  # type: ignore[arg-type]
            body["status"] = "past_due"
            change(r.server.account, "subscription", body, "customer.subscription.updated")
        r.run()
        assert r.asked == {"events": 3, "subscriptions": 3}
        assert {body["status"] for body in r.store.objects("subscription")} == {"past_due"}


def test_five_changes_among_many_are_asked_for_one_by_one(tmp_path: Path) -> None:
    with rig(plain_account(900, 0), tmp_path) as r:
        r.run()
        r.pass_time(900)
        for number in range(5):
            body = subscription(number, NOW - 100 * DAY)
            change(r.server.account, "subscription", body, "customer.subscription.updated")
        assert r.run().requests == 1 + 5


# Clocks


def test_a_machine_an_hour_fast_misses_nothing(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.now += HOUR
        r.run()
        for minutes in (5, 20, 40):
            r.pass_time(minutes * 60)
            body = {**subscription(minutes, r.server.account.now), "status": "past_due"}
            change(account, "subscription", body, "customer.subscription.created")
            r.run()
            assert f"sub_{minutes:06}" in r.store.object_ids("subscription")


def test_a_machine_an_hour_slow_misses_nothing(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    change(account, "subscription", subscription(77, NOW - 60), "customer.subscription.created")
    with rig(account, tmp_path) as r:
        r.now -= HOUR
        r.run()
        assert "sub_000077" in r.store.object_ids("subscription")
        r.pass_time(900)
        change(account, "subscription", subscription(78, NOW - 60), "customer.subscription.created")
        r.run()
        assert "sub_000078" in r.store.object_ids("subscription")


def test_one_event_dated_forty_days_ahead_does_not_blind_the_poll(tmp_path: Path) -> None:
    account = plain_account(20, 1)
    with rig(account, tmp_path) as r:
        r.run()
        r.pass_time(900)
        change(account, "customer", customer(3, NOW - DAY), "customer.updated", at=r.now + 40 * DAY)
        assert r.run().events == 1
        for number in range(500, 520):
            r.pass_time(900)
            body = {**subscription(number, r.now), "customer": "cus_000003"}
            change(account, "subscription", body, "customer.subscription.created")
            assert r.run().events == 1
            assert r.asked == {"events": 1, f"subscriptions/sub_{number:06}": 1}


def test_an_event_dated_forty_days_ahead_brings_its_object_and_dates_nothing(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.pass_time(900)
        body = subscription(3, NOW - DAY, status="past_due")
        change(r.server.account, "subscription", body, "customer.subscription.updated", at=r.now + 40 * DAY)
        r.run()
        assert mirror(r.store)["subscription"]["sub_000003"]["status"] == "past_due"
        r.run(after=20 * DAY)
        r.run(after=900)
        assert [e["id"] for e in r.store.events() if e["type"] == "customer.subscription.updated"] == []


def test_a_clock_that_was_set_back_does_not_put_the_nightly_list_off(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.now += 40 * DAY
        r.run()
        r.now -= 40 * DAY
        assert r.run(after=900).full
        assert not r.run(after=900).full
