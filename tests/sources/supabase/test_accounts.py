"""One schema may hold several Stripe accounts: they are never added up."""

from pathlib import Path

import pytest

from eqho.sources.base import SourceError
from eqho.sources.supabase import SupabaseSource
from eqho.sync import Owner, Sync
from tests.services import plain_account
from tests.services.plain_account import DAY, NOW
from tests.services.supabase_project import OpenProject, Project, key
from tests.services.supabase_tables import library_tables, managed_tables, put, put_columns
from tests.sources.supabase.rig import Rig, mrr


def rows_of(account: str, number: int, customers: int) -> str:
    """So many customers at $100 a month, from `number` on, under a price of their own."""
    price = plain_account.price(number)
    subscriptions = [plain_account.subscription(number + i, NOW - 40 * DAY) for i in range(customers)]
    for body in subscriptions:
        body["items"]["data"][0]["price"] = price
    numbers = range(number, number + customers)
    bodies = {
        "product": [plain_account.product(number)],
        "price": [price],
        "customer": [plain_account.customer(n, NOW - 40 * DAY) for n in numbers],
        "subscription": subscriptions,
        "invoice": [plain_account.invoice(n, n, NOW - 40 * DAY) for n in numbers],
    }
    return "".join(put(kind, found, account) for kind, found in bodies.items())


TWO = managed_tables() + rows_of("acct_1", 1, 2) + rows_of("acct_2", 11, 3)


def source(project: Project, chosen: str | None = None) -> SupabaseSource:
    return SupabaseSource(project.url, key(), chosen, clock=lambda: NOW)


def sentence(found: SupabaseSource) -> str:
    with pytest.raises(SourceError) as raised:
        found.check()
    return str(raised.value)


def test_two_accounts_are_named_and_none_is_shown_until_one_is_chosen(project: OpenProject) -> None:
    assert sentence(source(project(TWO))) == (
        "The tables of the schema stripe hold several Stripe accounts, acct_1 and acct_2 among them, which "
        "are never added up: set SUPABASE_ACCOUNT to the one to show."
    )


def test_of_the_chosen_account_alone_everything_is_read_now_and_with_every_refresh(
    project: OpenProject, tmp_path: Path
) -> None:
    opened = project(
        TWO + "insert into stripe._sync_runs values "
        "('acct_1', now(), now(), 'error', 'no more'), ('acct_2', now(), now(), 'complete', null);"
    )
    rig = Rig(source(opened, "acct_2"), tmp_path)
    issues = rig.run().issues
    assert mrr(rig.ledger()[0]) == 300 * 1_000_000
    assert "stale_source" not in {issue.code for issue in issues}  # the other one's run failed
    assert rig.store.object_ids("customer") == {f"cus_{number:06}" for number in (11, 12, 13)}
    assert rig.store.object_ids("invoice") == {f"in_{number:06}" for number in (11, 12, 13)}
    opened.sql(rows_of("acct_1", 3, 1) + rows_of("acct_2", 14, 1))
    rig.run()
    assert mrr(rig.ledger()[0]) == 400 * 1_000_000
    assert rig.run(full=True).deleted == 0
    assert mrr(rig.ledger()[0]) == 400 * 1_000_000
    assert rig.source.retrieve("customer", "cus_000001") is None
    assert rig.source.retrieve("customer", "cus_000011") is not None


def test_an_account_that_joins_later_stops_the_refresh_and_the_mirror_stays(
    project: OpenProject, tmp_path: Path
) -> None:
    opened = project(managed_tables() + rows_of("acct_1", 1, 2))
    rig = Rig(source(opened), tmp_path)
    rig.run()
    opened.sql(rows_of("acct_2", 11, 3))
    rig.run()  # of the account that was found: its rows only
    assert mrr(rig.ledger()[0]) == 200 * 1_000_000
    rig.sync = Sync(source(opened), rig.store, lambda: rig.now)
    with pytest.raises(SourceError, match="several Stripe accounts"):
        rig.run()
    assert mrr(rig.ledger()[0]) == 200 * 1_000_000


def test_choosing_another_account_begins_anew_and_shows_nothing_of_the_first(
    project: OpenProject, tmp_path: Path
) -> None:
    opened = project(TWO)
    first, second = source(opened, "acct_1"), source(opened, "acct_2")
    rig = Rig(first, tmp_path)
    owner = Owner(first, "supabase")
    Sync(first, rig.store, lambda: NOW, owner=owner).run()
    assert mrr(rig.ledger()[0]) == 200 * 1_000_000
    other = Owner(second, "supabase")
    assert owner.owns(owner.mark())
    assert not other.owns(owner.mark())
    issues = Sync(second, rig.store, lambda: NOW, owner=other).run().issues
    assert [i.message for i in issues if i.code == "other_account"] == [
        "The stored objects are of acct_1, and this key of acct_2: they were cleared and everything is read "
        "again."
    ]
    assert mrr(rig.ledger()[0]) == 300 * 1_000_000


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            TWO,
            "No rows of stripe.subscriptions are of acct_3 or visible to SUPABASE_KEY: check "
            "SUPABASE_ACCOUNT, row level security and grants.",
        ),
        (
            library_tables("0.48.5") + put_columns("subscription", [plain_account.subscription(1, NOW)]),
            "The tables of the schema stripe do not say which Stripe account a row is of: unset "
            "SUPABASE_ACCOUNT.",
        ),
    ],
    ids=["unknown", "older engine"],
)
def test_an_account_that_is_not_there_is_no_empty_account(
    project: OpenProject, tables: str, said: str
) -> None:
    assert sentence(source(project(tables), "acct_3")) == said
