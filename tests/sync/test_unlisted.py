"""A list of which one object fails, however few are asked for, loses that object alone; it is named as far as
anything tells its name, with the list and the cause, and asked for again."""

from pathlib import Path

import pytest

from eqho.history.evidence import lacks, suffices
from eqho.periods import rfc3339
from eqho.sources.base import ObjectUnreadable
from tests.services.plain_account import DAY, NOW, change, customer, invoice, plain_account, subscription
from tests.services.stripe_faults import Fault, Refusal
from tests.sync.rig import Rig, mirror, rig

CAUSES: dict[Fault | Refusal, str] = {
    "500": "answers with status 500; try again later.",
    "400": "refuses with status 400: This object is not supported by your API version.",
    "lock_timeout": "answers with status 429 (lock_timeout): another request holds it; try again later.",
    "404 html": "answers with status 404 and nothing that Stripe would send: check STRIPE_API_BASE, if it is "
    "set, and any proxy in between.",
}


def invoices(r: Rig) -> set[str]:
    return set(mirror(r.store)["invoice"])


def every(r: Rig, kind: str = "invoice") -> list[str]:
    """Newest first."""
    return [body["id"] for body in r.server.account.every(kind)]


def created(r: Rig, name: str) -> int:
    body = r.server.account.stored("invoice", name)
    assert body is not None
    return int(body["created"])


@pytest.mark.parametrize("fault", CAUSES)
def test_a_first_pull_loses_one_invoice_and_says_which_second_list_and_cause(
    tmp_path: Path, fault: Fault | Refusal
) -> None:
    with rig(plain_account(60, 5), tmp_path) as r:
        lost = every(r)[150]
        r.server.faults.poisoned = {lost: fault}
        result = r.run()
        assert invoices(r) == set(every(r)) - {lost}
        assert [(issue.code, issue.message) for issue in result.issues] == [
            (
                "unreadable_object",
                f"The invoice created at {rfc3339(created(r, lost))} could not be read, nor its id: it is "
                f"left out, and every refresh asks for it again. Stripe (127.0.0.1:{r.server.port}), asked "
                f"for the list of invoices, {CAUSES[fault]}",
            )
        ]
        assert suffices(lacks(result.issues))


@pytest.mark.parametrize("place", [0, 1, -2, -1])
def test_wherever_in_the_list_it_stands(tmp_path: Path, place: int) -> None:
    """The newest is also what the key's permission is probed with."""
    with rig(plain_account(30, 5), tmp_path) as r:
        lost = every(r)[place]
        r.server.faults.poisoned = {lost: "500"}
        result = r.run()
        assert invoices(r) == set(every(r)) - {lost}
        assert len(result.issues) == 1


def test_what_was_created_in_the_same_second_is_not_lost(tmp_path: Path) -> None:
    account = plain_account(30, 2)
    for number in range(901, 906):
        account.put("invoice", invoice(number, 1, NOW - 100 * DAY))
    with rig(account, tmp_path) as r:
        r.server.faults.poisoned = {"in_000903": "500"}
        r.run()
        assert invoices(r) == set(every(r)) - {"in_000903"}


def test_several_of_several_kinds(tmp_path: Path) -> None:
    with rig(plain_account(40, 5), tmp_path) as r:
        lost = {*every(r)[10:12], every(r)[77], *every(r, "subscription")[3:4], *every(r, "customer")[5:6]}
        r.server.faults.poisoned = dict.fromkeys(lost, "500")
        result = r.run()
        found = mirror(r.store)
        assert {*every(r), *every(r, "customer")} - found["invoice"].keys() - found["customer"].keys() == {
            name for name in lost if not name.startswith("sub_")
        }
        assert len(result.issues) >= 4


def test_it_is_asked_for_again_until_it_comes_and_then_forgotten(tmp_path: Path) -> None:
    with rig(plain_account(30, 3), tmp_path) as r:
        lost = every(r)[40]
        r.server.faults.poisoned = {lost: "500"}
        assert len(r.run().issues) == 1
        r.new_process()
        assert len(r.run(after=900).issues) == 1
        r.server.faults.poisoned = {}
        assert r.run(after=900).issues == ()
        assert lost in invoices(r)
        r.run(after=900)
        assert "invoices" not in r.asked


def test_what_the_mirror_has_of_it_stays_and_is_named(tmp_path: Path) -> None:
    with rig(plain_account(30, 3), tmp_path) as r:
        r.run()
        lost = every(r)[40]
        r.server.faults.poisoned = {lost: "500"}
        result = r.run(full=True, after=DAY)
        assert [issue.subjects for issue in result.issues] == [(lost,)]
        assert "asked for invoices/" in result.issues[0].message
        assert lost in invoices(r)
        r.server.faults.poisoned = {}
        assert r.run(full=True, after=DAY).issues == ()


def test_what_comes_by_its_id_though_not_in_a_list_is_up_to_date(tmp_path: Path) -> None:
    with rig(plain_account(30, 3), tmp_path) as r:
        r.run()
        lost = every(r)[40]
        body = r.server.account.stored("invoice", lost)
        assert body is not None
        r.server.account.put("invoice", {**body, "status": "uncollectible"})
        r.server.faults.poisoned_lists = {lost: "500"}
        assert r.run(full=True, after=DAY).issues == ()
        assert mirror(r.store)["invoice"][lost]["status"] == "uncollectible"


def test_one_that_is_gone_meanwhile_is_buried(tmp_path: Path) -> None:
    """Not kept for ever because its second is that of one that cannot be listed."""
    account = plain_account(30, 1)
    for number in (901, 902, 903):
        account.put("customer", customer(number, NOW - 100 * DAY))
    with rig(account, tmp_path) as r:
        r.run()
        r.server.account.remove("customer", "cus_000901")
        r.server.faults.poisoned = {"cus_000902": "500"}
        result = r.run(full=True, after=DAY)
        assert [issue.subjects for issue in result.issues] == [("cus_000902",)]
        found = mirror(r.store)["customer"]
        assert "cus_000901" not in found
        assert {"cus_000902", "cus_000903"} <= found.keys()


def test_changes_that_are_read_by_list_lose_one_alone(tmp_path: Path) -> None:
    """Sixty new ones in one list, of which one is poisoned: its event stands in."""
    with rig(plain_account(30, 1), tmp_path) as r:
        r.run()
        r.pass_time(60)
        for number in range(500, 560):
            made = r.now - 600 + number - 500
            change(r.server.account, "customer", customer(number, made), "customer.created")
            change(
                r.server.account, "subscription", subscription(number, made), "customer.subscription.created"
            )
        r.server.faults.poisoned = {"sub_000530": "500"}
        result = r.run(after=840)
        assert [issue.subjects for issue in result.issues] == [("sub_000530",)]
        assert {f"sub_{number:06}" for number in range(500, 560)} <= mirror(r.store)["subscription"].keys()


def test_a_list_that_fails_as_a_whole_is_told_as_that(tmp_path: Path) -> None:
    with rig(plain_account(30, 3), tmp_path) as r:
        r.server.faults.plan("500", "/v1/invoices", times=10_000)
        with pytest.raises(ObjectUnreadable, match="asked for the list of invoices, answers with status 500"):
            r.run()


@pytest.mark.parametrize(("kind", "path"), [("refund", "/v1/refunds"), ("credit_note", "/v1/credit_notes")])
def test_a_list_of_cash_that_fails_as_a_whole_costs_cash_alone(tmp_path: Path, kind: str, path: str) -> None:
    """On a first pull, and when everything is read again; it is asked for again with every refresh."""
    with rig(plain_account(30, 3), tmp_path) as r:
        r.server.faults.plan("500", path, times=1_000_000)
        for after in (0, 900, DAY):
            result = r.run(after=after)
            assert [(issue.code, issue.subjects) for issue in result.issues] == [("unreadable_list", (kind,))]
            assert f"asked for the list of {path[4:]}, answers with status 500" in result.issues[0].message
            assert suffices(lacks(result.issues))
            assert len(invoices(r)) == 90
        r.server.faults.clear()
        assert r.run(after=900).issues == ()
