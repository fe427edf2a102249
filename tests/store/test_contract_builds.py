"""What every store promises about leases, builds and entered inputs."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from eqho.store.base import INPUTS, InputChange, InputsChanged, LeaseLost, Store
from tests.store.conftest import Opener

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class TestLeases:
    def test_one_holder_at_a_time(self, opener: Opener) -> None:
        mine, theirs = opener(), opener()
        lease = mine.acquire_lease("sync", "me", 30)
        assert lease is not None
        assert (lease.name, lease.holder) == ("sync", "me")
        assert theirs.acquire_lease("sync", "them", 30) is None
        assert theirs.acquire_lease("another", "them", 30) is not None

    def test_the_holder_renews_with_the_same_token(self, store: Store) -> None:
        first = store.acquire_lease("sync", "me", 5)
        time.sleep(0.01)
        renewed = store.acquire_lease("sync", "me", 30)
        assert first is not None
        assert renewed is not None
        assert renewed.token == first.token
        assert 24 < (renewed.expires - first.expires).total_seconds() < 26

    def test_an_expired_lease_is_taken_over_with_a_greater_token(self, store: Store) -> None:
        mine = store.acquire_lease("sync", "me", 1)
        assert store.acquire_lease("sync", "them", 30) is None
        time.sleep(1.1)
        theirs = store.acquire_lease("sync", "them", 30)
        assert mine is not None
        assert theirs is not None
        assert theirs.token > mine.token
        assert store.acquire_lease("sync", "me", 30) is None

    def test_a_released_lease_is_free_at_once(self, store: Store) -> None:
        mine = store.acquire_lease("sync", "me", 30)
        assert mine is not None
        store.release_lease(mine)
        theirs = store.acquire_lease("sync", "them", 30)
        assert theirs is not None
        assert theirs.token > mine.token

    def test_releasing_what_was_taken_over_changes_nothing(self, store: Store) -> None:
        mine = store.acquire_lease("sync", "me", 0.05)
        time.sleep(0.1)
        assert store.acquire_lease("sync", "them", 30) is not None
        assert mine is not None
        store.release_lease(mine)
        assert store.acquire_lease("sync", "me", 30) is None

    def test_a_lease_taken_while_the_clock_was_a_day_ahead_keeps_nobody_out(self, store: Store) -> None:
        ahead = store.acquire_lease("sync", "killed", 86_400)
        mine = store.acquire_lease("sync", "me", 30)
        assert ahead is not None
        assert mine is not None
        assert mine.token > ahead.token

    def test_names_with_dots_and_dollars(self, store: Store) -> None:
        lease = store.acquire_lease("$sync.eu", "$me", 30)
        assert lease is not None
        assert store.publish_build({}, b"", lease) == 1
        assert store.acquire_lease("$sync.us", "them", 30) is not None


class TestBuilds:
    def test_generations_count_from_one(self, store: Store) -> None:
        assert store.generation() == 0
        assert store.latest_build() is None
        assert store.publish_build({"spans": 3}, b"abc") == 1
        assert store.publish_build({"spans": 4, "$by": {"a.b": 1}}, b"\0\xff") == 2
        assert store.generation() == 2
        assert store.latest_build() == (2, {"spans": 4, "$by": {"a.b": 1}}, b"\0\xff")

    def test_a_build_of_more_than_16_mb(self, opener: Opener) -> None:
        payload = os.urandom(17 * 2**20)
        store = opener()
        assert store.publish_build({"size": len(payload)}, payload) == 1
        assert opener().latest_build() == (1, {"size": len(payload)}, payload)

    def test_the_holder_of_the_lease_publishes(self, store: Store) -> None:
        lease = store.acquire_lease("sync", "me", 30)
        assert store.publish_build({}, b"1", lease) == 1
        renewed = store.acquire_lease("sync", "me", 30)
        assert store.publish_build({}, b"2", lease) == 2
        assert store.publish_build({}, b"3", renewed) == 3

    def test_a_lease_that_ran_out_and_nobody_took_still_publishes(self, store: Store) -> None:
        lease = store.acquire_lease("sync", "me", 0.05)
        time.sleep(0.1)
        assert store.publish_build({}, b"1", lease) == 1

    def test_a_lease_that_was_taken_over_is_refused(self, opener: Opener) -> None:
        paused, leader = opener(), opener()
        old = paused.acquire_lease("sync", "paused", 0.05)
        time.sleep(0.1)
        new = leader.acquire_lease("sync", "leader", 30)
        with pytest.raises(LeaseLost, match=r"The lease sync has been taken over"):
            paused.publish_build({}, b"old", old)
        assert leader.generation() == 0
        assert leader.publish_build({}, b"new", new) == 1
        with pytest.raises(LeaseLost):
            paused.publish_build({}, b"old", old)
        build = paused.latest_build()
        assert build is not None
        assert (build.generation, build.payload) == (1, b"new")

    def test_a_lease_that_was_released_is_refused(self, store: Store) -> None:
        lease = store.acquire_lease("sync", "me", 30)
        assert lease is not None
        store.release_lease(lease)
        with pytest.raises(LeaseLost):
            store.publish_build({}, b"", lease)


class TestInputs:
    @pytest.mark.parametrize("name", INPUTS)
    def test_rows_come_back_in_their_order(self, store: Store, name: str) -> None:
        rows = [
            {"month": "2026-02", "category": "Ads", "amount": 1200.5, "currency": "usd"},
            {"month": "2026-01", "category": "Ads", "amount": 900, "currency": "usd", "$note": {"a.b": None}},
        ]
        assert store.inputs(name) == []
        store.replace_inputs(name, rows)
        assert store.inputs(name) == rows

    def test_replacing_leaves_nothing_of_the_old_rows(self, store: Store) -> None:
        store.replace_inputs("spend", [{"month": f"2026-{month:02d}"} for month in range(1, 13)])
        store.replace_inputs("margins", [{"month": "2026-01", "gross_margin": 0.8}])
        store.replace_inputs("spend", [{"month": "2027-01"}])
        assert store.inputs("spend") == [{"month": "2027-01"}]
        store.replace_inputs("spend", [])
        assert store.inputs("spend") == []
        assert store.inputs("margins") == [{"month": "2026-01", "gross_margin": 0.8}]

    def test_a_bad_row_changes_nothing(self, store: Store) -> None:
        store.replace_inputs("spend", [{"month": "2026-01"}])
        with pytest.raises(Exception, match="it holds a object"):
            store.replace_inputs("spend", [{"month": "2026-02"}, {"month": object()}])
        assert store.inputs("spend") == [{"month": "2026-01"}]

    def test_each_change_is_kept_under_a_number_of_its_own(self, store: Store) -> None:
        first, second = [{"month": "2026-01", "amount": "0.1"}], [{"month": "2026-02", "amount": "3"}]
        assert store.input_change("spend")._replace(at=NOON) == InputChange(0, NOON, [])
        assert store.input_numbers() == {}
        assert store.replace_inputs("spend", first).number == 1
        assert store.replace_inputs("spend", second, expected=1).number == 2
        store.replace_inputs("margins", [])
        changes = store.input_changes("spend")
        assert [(change.number, change.rows) for change in changes] == [(2, second), (1, first)]
        assert changes[1].at <= changes[0].at
        assert store.input_change("spend") == changes[0]
        assert store.input_numbers() == {"spend": 2, "margins": 1}

    def test_whoever_read_an_older_list_does_not_overwrite_the_newer(self, store: Store) -> None:
        store.replace_inputs("spend", [{"month": "2026-01"}], expected=0)
        with pytest.raises(InputsChanged, match="Somebody else has changed this list"):
            store.replace_inputs("spend", [{"month": "2026-02"}], expected=0)
        assert store.inputs("spend") == [{"month": "2026-01"}]
        assert store.input_numbers() == {"spend": 1}

    def test_of_many_writers_at_once_one_wins(self, store: Store) -> None:
        def write(worker: int) -> bool:
            try:
                store.replace_inputs("spend", [{"worker": worker}], expected=0)
            except InputsChanged:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(write, range(8)))
        assert won.count(True) == 1
        assert store.inputs("spend") == [{"worker": won.index(True)}]

    def test_the_last_hundred_changes_are_kept(self, store: Store) -> None:
        for number in range(103):
            store.replace_inputs("spend", [{"change": number}])
        assert [change.number for change in store.input_changes("spend")] == list(range(103, 3, -1))

    def test_other_names_are_not_inputs(self, store: Store) -> None:
        with pytest.raises(ValueError, match="'metrics' is not an input"):
            store.replace_inputs("metrics", [])
        with pytest.raises(ValueError, match="'builds' is not an input"):
            store.inputs("builds")
