"""A pull whose pages do not arrive whole reads smaller ones, and goes on by what Stripe says follows."""

from pathlib import Path

import pytest

from eqho.store.base import LeaseLost
from tests.services.plain_account import plain_account
from tests.services.stripe_faults import Fault
from tests.sync.rig import mirror, rig


@pytest.mark.parametrize(("largest", "fate"), [(50, "truncated"), (30, "500"), (7, "not json")])
def test_a_list_of_which_whole_pages_do_not_arrive_is_read_to_its_end(
    tmp_path: Path, largest: int, fate: Fault
) -> None:
    with rig(plain_account(300, 2), tmp_path) as r:
        r.server.faults.largest_page = {"/v1/invoices": (largest, fate)}
        assert r.run().issues == ()
        found = mirror(r.store)
        assert (len(found["invoice"]), len(found["customer"]), len(found["subscription"])) == (600, 300, 300)
        # The smallest sizes that fit are 50, 25 and 6; some pages are asked for in vain.
        assert r.asked["invoices"] < 2 * 600 / {50: 50, 30: 25, 7: 6}[largest] + 12


def test_a_pull_of_small_pages_that_is_interrupted_goes_on_and_misses_nothing(tmp_path: Path) -> None:
    with rig(plain_account(300, 2), tmp_path) as r:
        r.server.faults.largest_page = {"/v1/invoices": (20, "truncated")}
        asked = [0]

        def still_leader() -> bool:
            asked[0] += 1
            return asked[0] < 45

        with pytest.raises(LeaseLost):
            r.run(still_leader=still_leader)
        assert 0 < len(mirror(r.store)["invoice"]) < 600
        r.server.faults.largest_page = {}
        r.new_process()
        r.run()
        assert len(mirror(r.store)["invoice"]) == 600
