"""A re-list that was interrupted and goes on later takes nothing away that events brought in between."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eqho.sources.base import SourceError
from eqho.stripe_simulator.account import StripeAccount
from tests.services.plain_account import DAY, NOW, change, customer, invoice, plain_account, subscription
from tests.sync.rig import Rig, mirror, rig


class PowerCut(BaseException):
    pass


def cut_short(r: Rig, path: str) -> None:
    """A re-list that ends at the first page of a list; the rest is due with the next run."""

    asked = Counter[str]()

    def switch_off(of: str) -> None:
        asked[of] += 1
        r.server.down = asked[path] >= 2  # the first is the probe

    r.server.before = switch_off
    with pytest.raises(SourceError):
        r.run(after=DAY, full=True)
    r.server.before = lambda path: None
    r.server.down = False


def join(account: StripeAccount, number: int) -> None:
    change(account, "customer", customer(number, account.now), "customer.created")
    change(account, "subscription", subscription(number, account.now), "customer.subscription.created")
    change(account, "invoice", invoice(number, number, account.now), "invoice.paid")


def test_what_was_created_since_is_not_taken_for_deleted(tmp_path: Path) -> None:
    with rig(plain_account(50, 2), tmp_path) as r:
        r.run()
        cut_short(r, "/v1/subscription_schedules")
        r.pass_time(600)
        join(r.server.account, 900)
        r.new_process()
        result = r.run(after=900)
        assert result.full
        assert result.deleted == 0
        found = mirror(r.store)
        assert "in_000900" in found["invoice"]
        assert "sub_000900" in found["subscription"]


def test_what_was_created_in_the_second_in_which_it_began_is_not_taken_for_deleted(tmp_path: Path) -> None:
    """Seed 431 of the random lives: behind the page that was read, and before the bound all the same."""
    with rig(plain_account(50, 2), tmp_path) as r:
        r.run()
        cut_short(r, "/v1/refunds")
        join(r.server.account, 900)
        r.new_process()
        result = r.run(after=900)
        assert result.deleted == 0
        assert {"in_000900"} <= mirror(r.store)["invoice"].keys()


def test_what_was_deleted_before_is_found_all_the_same(tmp_path: Path) -> None:
    with rig(plain_account(50, 2), tmp_path) as r:
        r.run()
        r.server.account.remove("invoice", "in_000007")
        cut_short(r, "/v1/subscription_schedules")
        join(r.server.account, 900)
        assert r.run(after=900).deleted == 1
        assert "in_000007" not in mirror(r.store)["invoice"]


def test_a_page_from_before_the_cut_never_overwrites_what_is_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power went between the page and its cursor: the page is kept for an hour."""
    with rig(plain_account(50, 2), tmp_path) as r:
        r.run()
        store, put_state = r.store, r.store.put_state
        written = []

        def put_page(key: str, data: list[dict[str, Any]]) -> None:
            written.append(key)
            type(store).put_page(store, key, data)

        def cut(name: str, document: dict[str, Any]) -> None:
            if name == "pull:subscription" and any(key.startswith("subscriptions:") for key in written):
                raise PowerCut
            put_state(name, document)

        monkeypatch.setattr(store, "put_page", put_page)
        monkeypatch.setattr(store, "put_state", cut)
        with pytest.raises(PowerCut):
            r.run(after=DAY, full=True)
        monkeypatch.undo()
        late = subscription(3, NOW - 50 * DAY, status="past_due")
        r.pass_time(60)
        change(r.server.account, "subscription", late, "customer.subscription.updated")
        r.new_process()
        assert r.run(after=60).full
        assert mirror(r.store)["subscription"]["sub_000003"]["status"] == "past_due"
