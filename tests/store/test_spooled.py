"""While the server is away nothing acknowledged is lost, what was shown stays, each write arrives once."""

import random
import time
from datetime import timedelta
from pathlib import Path

import pytest

from eqho.store.base import Build, LeaseLost, StoreError, StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from tests.store.flaky import Mode, Site
from tests.store.samples import NOON, customer, event, mrr, snapshot


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def stored_mrr(site: Site) -> list[float | None]:
    found = site.primary.real.metrics_between("towpilot", "eqho", NOON, NOON + timedelta(days=9))
    return [mrr(document) for document in found]


class TestReading:
    def test_a_start_during_an_outage_shows_the_last_build_metrics_and_inputs(self, site: Site) -> None:
        before = site.open()
        before.publish_build({"spans": 3}, b"abc")
        before.append_metrics([snapshot(1, NOON), snapshot(2, NOON + timedelta(days=1))])
        before.replace_inputs("spend", [{"month": "2026-01", "amount": 5}])
        site.primary.mode = "down"
        after = site.open()
        assert after.latest_build() == Build(1, {"spans": 3}, b"abc")
        assert after.generation() == 1
        assert mrr(after.latest_metrics("towpilot", "eqho")) == 2
        assert after.inputs("spend") == [{"month": "2026-01", "amount": 5}]

    def test_what_another_replica_published_is_kept_too(self, site: Site) -> None:
        store = site.open()
        site.primary.real.publish_build({"by": "another"}, b"xyz")
        site.primary.real.append_metrics([snapshot(7, NOON)])
        site.primary.real.replace_inputs("margins", [{"month": "2026-01"}])
        assert store.generation() == 1
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 7
        assert store.inputs("margins") == [{"month": "2026-01"}]
        site.primary.mode = "down"
        assert store.latest_build() == Build(1, {"by": "another"}, b"xyz")
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 7
        assert store.inputs("margins") == [{"month": "2026-01"}]

    def test_a_build_for_which_the_spool_has_no_room_is_not_followed_by_the_one_before(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = site.open()
        site.primary.real.publish_build({}, b"first")
        assert store.generation() == 1

        def full(self: EmbeddedStore, build: Build) -> None:
            raise StoreError("The disk is full: make room on it.")

        monkeypatch.setattr(EmbeddedStore, "adopt_build", full)
        site.primary.real.publish_build({}, b"second")
        assert store.generation() == 2
        site.primary.mode = "down"
        assert store.generation() == 2

    def test_an_older_snapshot_does_not_hide_the_latest(self, site: Site) -> None:
        store = site.open()
        store.append_metrics([snapshot(2, NOON)])
        store.append_metrics([snapshot(1, NOON - timedelta(days=30))])
        site.primary.mode = "down"
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 2

    def test_what_the_spool_does_not_have_is_refused(self, site: Site) -> None:
        site.primary.mode = "down"
        store = site.open()
        for ask in (
            store.generation,
            store.latest_build,
            store.count_metrics,
            store.count_objects,
            store.clear_objects,
            store.clear_pages,
            lambda: store.latest_metrics("towpilot", "eqho"),
            lambda: store.inputs("spend"),
            lambda: store.get_state("cursor"),
            lambda: store.put_state("cursor", {}),
            lambda: store.put_objects("customer", [customer(1)], "v", NOON),
            lambda: store.get_page("customers"),
            lambda: list(store.objects("customer")),
            lambda: list(store.events()),
            lambda: list(store.metrics_between("towpilot", "eqho", NOON, NOON)),
            lambda: list(store.frozen_months("towpilot", "eqho")),
        ):
            with pytest.raises(StoreUnavailable, match=r"^The server is off: switch it on\.$"):
                ask()

    def test_what_people_enter_is_never_acknowledged_and_lost(self, site: Site) -> None:
        store = site.open()
        store.replace_inputs("spend", [{"month": "2026-01"}])
        site.primary.mode = "down"
        with pytest.raises(StoreUnavailable, match="The server is off: switch it on"):
            store.replace_inputs("spend", [{"month": "2026-02"}])
        assert store.inputs("spend") == [{"month": "2026-01"}]


class TestOutage:
    def test_it_tells_since_when_and_why_until_it_is_over(self, site: Site) -> None:
        store = site.open()
        store.publish_build({}, b"")
        assert store.outage is None
        site.primary.mode = "down"
        store.generation()
        first = store.outage
        assert first is not None
        assert first[1] == "The server is off: switch it on."
        store.generation()
        assert store.outage == first
        site.primary.mode = "up"
        store.generation()
        assert store.outage is None

    def test_the_server_is_left_alone_for_a_while(self, site: Site) -> None:
        store = site.open(retry_seconds=0.3)
        store.publish_build({}, b"")
        site.primary.mode = "down"
        site.primary.calls.clear()
        for _ in range(20):
            assert store.generation() == 1
        assert site.primary.calls == ["generation"]
        site.primary.mode = "up"
        time.sleep(0.35)
        store.generation()
        assert store.outage is None


class TestReplay:
    def test_writes_arrive_in_order_before_newer_ones(self, site: Site) -> None:
        store = site.open()
        store.append_metrics([snapshot(1, NOON)])
        site.primary.mode = "down"
        store.append_metrics([snapshot(2, NOON)])
        store.append_metrics([snapshot(3, NOON), snapshot(4, NOON)])
        assert store.put_events([event(1, 10), event(1, 10), event(2, 11)]) == 2
        assert store.waiting == 3
        assert mrr(store.latest_metrics("towpilot", "eqho")) == 4
        site.primary.mode = "up"
        store.append_metrics([snapshot(5, NOON)])
        assert stored_mrr(site) == [1, 2, 3, 4, 5]
        assert [found["id"] for found in store.events()] == ["evt_000001", "evt_000002"]
        assert store.waiting == 0

    def test_a_restart_between_outage_and_return_loses_nothing(self, site: Site) -> None:
        site.primary.mode = "down"
        site.open().append_metrics([snapshot(1, NOON)])
        site.open().append_metrics([snapshot(2, NOON)])
        site.primary.mode = "up"
        assert site.open().count_metrics() == 2
        assert stored_mrr(site) == [1, 2]

    def test_a_write_whose_answer_was_lost_is_not_made_twice(self, site: Site) -> None:
        store = site.open()
        store.generation()
        site.primary.mode = "answers lost"
        store.append_metrics([snapshot(1, NOON)])
        site.primary.mode = "up"
        store.generation()
        site.primary.mode = "answers lost"
        store.put_events([event(1, 10)])
        site.primary.mode = "up"
        store.generation()
        site.primary.mode = "answers lost"
        assert store.publish_build({"spans": 1}, b"one") == 1
        site.primary.mode = "up"
        assert store.generation() == 1
        assert stored_mrr(site) == [1]
        assert len(list(store.events())) == 1
        assert site.primary.real.generation() == 1

    @pytest.mark.parametrize("calls", range(14))
    def test_a_replay_cut_short_anywhere_is_finished_later(self, site: Site, calls: int) -> None:
        store = site.open()
        store.publish_build({}, b"0")
        site.primary.mode = "down"
        for number in (1, 2, 3):
            store.append_metrics([snapshot(number, NOON)])
            store.put_events([event(number, number)])
            store.publish_build({}, b"%d" % number)
        site.primary.mode, site.primary.fail_after = "up", calls
        assert store.generation() == 4
        site.primary.mode, site.primary.fail_after = "up", None
        after = site.open()
        assert after.latest_build() == Build(4, {}, b"3")
        assert stored_mrr(site) == [1, 2, 3]
        assert [found["created"] for found in after.events()] == [1, 2, 3]
        assert site.primary.real.generation() == 4


class TestBuilds:
    def test_a_build_published_meanwhile_keeps_its_number(self, site: Site) -> None:
        store = site.open()
        store.publish_build({}, b"one")
        site.primary.mode = "down"
        assert store.publish_build({"n": 2}, b"two") == 2
        assert store.latest_build() == Build(2, {"n": 2}, b"two")
        site.primary.mode = "up"
        assert store.latest_build() == Build(2, {"n": 2}, b"two")
        assert store.generation() == 2
        assert site.primary.real.generation() == 2

    def test_a_later_build_of_another_replica_stays_and_the_number_grows(self, site: Site) -> None:
        cut_off = site.open()
        cut_off.publish_build({}, b"one")
        site.primary.mode = "down"
        assert cut_off.publish_build({}, b"ours") == 2
        assert site.primary.real.publish_build({}, b"theirs") == 2
        site.primary.mode = "up"
        assert cut_off.generation() == 3
        assert cut_off.latest_build() == Build(3, {}, b"theirs")

    @pytest.mark.parametrize("seed", range(40))
    def test_no_number_goes_back_or_names_two_builds(self, site: Site, seed: int) -> None:
        chance = random.Random(seed)
        modes: list[Mode] = ["up", "down", "answers lost"]
        store, seen, last = site.open(), dict[int, bytes](), 0
        for step in range(25):
            match chance.choice(["mode", "publish", "other", "restart", "look", "look"]):
                case "mode":
                    site.primary.mode = chance.choice(modes)
                case "publish":
                    assert store.publish_build({}, b"ours %d" % step) > last
                case "other":
                    site.primary.real.publish_build({}, b"theirs %d" % step)
                case "restart":
                    store = site.open()
            try:
                generation, build = store.generation(), store.latest_build()
            except StoreUnavailable:
                assert not seen
                continue
            assert generation >= last
            last = generation
            if build is not None:
                assert build.generation >= generation
                assert seen.setdefault(build.generation, build.payload) == build.payload
                last = build.generation


class TestLeases:
    def test_one_leader_among_the_processes_that_share_the_spool(self, site: Site) -> None:
        site.primary.mode = "down"
        first, second = site.open(), site.open()
        lease = first.acquire_lease("sync", "first", 30)
        assert lease is not None
        assert second.acquire_lease("sync", "second", 30) is None
        assert first.publish_build({}, b"1", lease) == 1
        first.release_lease(lease)
        assert second.acquire_lease("sync", "second", 30) is not None
        with pytest.raises(LeaseLost):
            first.publish_build({}, b"2", lease)

    def test_a_local_lease_is_worth_nothing_to_the_server(self, site: Site) -> None:
        store = site.open()
        site.primary.mode = "down"
        lease = store.acquire_lease("sync", "me", 30)
        site.primary.mode = "up"
        with pytest.raises(LeaseLost):
            store.publish_build({}, b"", lease)

    def test_the_leader_may_publish_when_the_server_goes_away(self, site: Site) -> None:
        store = site.open()
        lease = store.acquire_lease("sync", "me", 30)
        site.primary.mode = "down"
        assert store.publish_build({}, b"1", lease) == 1
        site.primary.mode = "up"
        assert store.publish_build({}, b"2", lease) == 2
