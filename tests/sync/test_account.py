from collections.abc import Iterator, Sequence
from pathlib import Path

from eqho.issues import Issue
from eqho.sources.base import KINDS, Page, Raw
from eqho.sync import Sync
from tests.services.plain_account import DAY, NOW, plain_account, subscription
from tests.services.stripe_server import stripe_server
from tests.sync.rig import Rig, mirror, rig


def whose(r: Rig) -> int:
    """How often the last run asked whose key it is."""
    return sum(request.path == "/v1/account" for request in r.server.requests)


def test_a_restart_with_the_same_key_recognises_the_account_by_one_object(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        assert whose(r) == 1
        r.new_process()
        result = r.run(after=900)
        assert (r.asked, whose(r)) == ({"subscriptions/sub_000000": 1, "events": 1}, 0)
        assert result.issues == ()
        r.run(after=900)
        assert (r.asked, whose(r)) == ({"events": 1}, 0)


def test_a_new_key_is_recognised_by_one_request(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.server.key = "rk_test_51TheKeyThatWasRolledOver"
        r.new_process(r.server.key)
        r.run(after=900)
        assert (r.asked, whose(r)) == ({"events": 1}, 1)


def test_a_key_that_may_not_read_the_account_is_recognised_by_what_stripe_says_of_it(tmp_path: Path) -> None:
    """The sentence that denies it names the account."""
    with rig(plain_account(20, 1), tmp_path) as r:
        r.server.names_account = False
        assert r.run().issues == ()
        r.server.key = "rk_test_51TheKeyThatWasRolledOver"
        r.new_process(r.server.key)
        result = r.run(after=900)
        assert (r.asked, result.issues, result.full) == ({"events": 1}, (), False)


def test_where_nothing_names_the_account_one_object_does(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.server.faults.plan("404 html", "/v1/account", times=99)
        r.run()
        r.server.key = "rk_test_51TheKeyThatWasRolledOver"
        r.new_process(r.server.key)
        result = r.run(after=900)
        assert r.asked == {"subscriptions/sub_000000": 1, "events": 1}
        assert (result.issues, result.full) == ((), False)


def test_a_stripe_in_trouble_is_not_taken_for_another_account(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.server.faults.plan("404 html", "/v1/account", times=99)
        r.run()
        r.server.key = "rk_test_51TheKeyThatWasRolledOver"
        r.new_process(r.server.key)
        r.server.faults.plan("400", "/v1/subscriptions/", times=3)
        assert r.run(after=900).issues == ()
        assert r.asked["invoices/in_000000"] == 1
        assert len(mirror(r.store)["subscription"]) == 20


def test_a_new_key_of_the_same_account_changes_nothing(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        r.server.key = "rk_test_51TheKeyThatWasRolledOver"
        r.new_process(r.server.key)
        assert not r.run(after=900).full


def test_another_account_is_read_from_its_beginning_and_said_so(tmp_path: Path) -> None:
    other = plain_account(0, 0)
    for number in range(500, 510):
        other.put("subscription", subscription(number, NOW - 9 * DAY))
    with rig(plain_account(20, 1), tmp_path) as r, stripe_server(other) as second:
        r.run()
        second.account_id = "acct_second"
        moved = Rig(second, r.store)
        result = moved.run(after=900)
        assert result.full
        assert [issue.code for issue in result.issues] == ["other_account"]
        assert result.issues[0].message == (
            "The stored objects are of acct_eqho, and this key of acct_second: they were cleared and "
            "everything is read again."
        )
        assert set(mirror(r.store)["subscription"]) == {f"sub_{n:06}" for n in range(500, 510)}


def test_objects_of_another_source_are_cleared(tmp_path: Path) -> None:
    with rig(plain_account(20, 1), tmp_path) as r:
        r.run()
        result = Sync(OneCustomer(), r.store, lambda: NOW + 60).run()
        assert [issue.message for issue in result.issues] == [
            "The stored objects came from stripe, not from demo: they were cleared and everything is read "
            "again."
        ]
        assert {kind: len(found) for kind, found in mirror(r.store).items() if found} == {"customer": 1}


class OneCustomer:
    """A source without windows."""

    name = "demo"
    splits = False
    requests = 0
    now = None

    def check(self) -> list[Issue]:
        return []

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        body = {"id": "cus_demo", "object": "customer", "created": NOW - DAY}
        found = [body] if kind == "customer" and after is None else []
        return Page(found, True)

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        return {"id": object_id} if object_id == "cus_demo" else None

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        return iter(())


def test_a_source_without_windows_is_read_page_after_page(tmp_path: Path) -> None:
    with rig(plain_account(0, 0), tmp_path) as r:
        result = Sync(OneCustomer(), r.store, lambda: NOW).run()
        assert (result.full, result.written, result.requests) == (True, 1, 0)
        assert not Sync(OneCustomer(), r.store, lambda: NOW + 900).run().full
    assert len(KINDS) == 11
