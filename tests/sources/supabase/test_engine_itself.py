"""The engine that Supabase's dashboard installs makes and fills the database; this dashboard reads it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from eqho.sources.base import Raw, SourceError
from eqho.sources.demo.company import demo_account
from eqho.sources.supabase import SupabaseSource
from eqho.sources.supabase.shapes import Shape
from eqho.stripe_simulator.account import StripeAccount
from tests.services.plain_account import DAY, NOW
from tests.services.postgres import Postgres
from tests.services.stripe_server import stripe_server
from tests.services.supabase_project import OpenProject, supabase_project
from tests.services.supabase_tables import GRANTS, put
from tests.services.sync_engine import fill, find_node
from tests.sources.supabase.rig import Rig, company, for_some_products, from_stripe, mrr, of_each, source_of

DATABASE = "filled_by_the_engine"


@pytest.fixture(scope="module")
def account() -> StripeAccount:
    return demo_account(NOW)


@pytest.fixture(scope="module")
def counts(postgres: Postgres, account: StripeAccount) -> dict[str, int]:
    """What the engine says it wrote. Tests open copies of its database."""
    find_node()
    with stripe_server(account) as server:
        return fill(postgres, DATABASE, server)


@pytest.fixture(scope="module")
def filled(
    postgres: Postgres, counts: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    """A dashboard over a copy, after its first refresh, with the grants that the README says."""
    folder = tmp_path_factory.mktemp("filled")
    with supabase_project(postgres, "filled_and_read", GRANTS, folder, template=DATABASE) as project:
        rig = Rig(source_of(project), folder)
        rig.run()
        yield rig


def lost(body: Raw) -> bool:
    """Whether it carries what the engine does not store: a second discount, one of an item, a coupon's
    products."""
    more = len(body["discounts"]) > 1 or for_some_products(body)
    return more or any(item["discounts"] for item in body["items"]["data"])


def test_it_writes_all_but_the_ended_subscriptions_and_the_coupons(
    counts: dict[str, int], account: StripeAccount
) -> None:
    for table, kind in (("invoices", "invoice"), ("customers", "customer"), ("prices", "price")):
        assert counts[table] == account.count(kind)
    ended = [body for body in company()["subscription"] if body["status"] == "canceled"]
    assert counts["subscriptions"] == account.count("subscription") - len(ended) > 0
    assert "coupons" not in counts


def test_without_the_grants_the_sentence_says_which(project: OpenProject, counts: dict[str, int]) -> None:
    with pytest.raises(SourceError, match="run 'grant usage on schema stripe'"):
        source_of(project("", template=DATABASE)).check()


def test_today_is_worth_what_stripe_says_but_for_what_has_no_coupon(filled: Rig) -> None:
    assert isinstance(filled.source, SupabaseSource)
    assert filled.source.shape is Shape.MANAGED
    told, _ = filled.ledger()
    ours, truth = of_each(told), of_each(from_stripe())
    excluded = {body["id"] for body in company()["subscription"] if lost(body)}
    different = {name for name in ours.keys() | truth.keys() if ours.get(name, 0) != truth.get(name, 0)}
    assert different <= excluded
    kept = sum(value for name, value in ours.items() if name not in excluded)
    assert kept == sum(value for name, value in truth.items() if name not in excluded)
    assert kept > 0.9 * mrr(from_stripe())


def test_rows_that_webhooks_wrote_in_the_newest_shape_are_worth_the_same(
    project: OpenProject, counts: dict[str, int], account: StripeAccount, tmp_path: Path
) -> None:
    """The engine asks for 2020-08-27, its webhooks bring the account's version: both stand in one table."""
    running = list(account.every("subscription"))
    newer = [body for body in running[::2] if not body["discounts"]]
    assert newer
    rows = put("subscription", newer, account="acct_eqho")
    rig = Rig(source_of(project(GRANTS + rows, template=DATABASE)), tmp_path)
    rig.run()
    mixed, plain = of_each(rig.ledger()[0]), of_each(from_stripe())
    assert {n: mixed.get(n) for n in (b["id"] for b in newer)} == {b["id"]: plain.get(b["id"]) for b in newer}


def test_what_ended_is_told_by_invoices_and_differs_from_the_truth_by_these_kinds(
    filled: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    told, _ = filled.ledger()
    truth = from_stripe()
    forgotten = {body["id"] for body in company()["subscription"] if body["status"] == "canceled"}
    brought_back = {fact.id for fact in told.subscriptions} & forgotten
    assert len(brought_back) > 0.9 * len(forgotten)
    unlisted = next(issue for issue in told.issues if issue.code == "unlisted_subscriptions")
    assert set(unlisted.subjects) == brought_back
    spans = told.spans
    certain = {spans.names["subscription"][i] for i in spans.subscription[~spans.inferred]}
    assert brought_back.isdisjoint(certain)
    discounted, cut = _billed_with_discounts(), _billed_by_long_invoices()
    found: Counter[str] = Counter()
    for at in range(NOW - 720 * DAY, NOW, 30 * DAY):
        ours, theirs = of_each(told, at), of_each(truth, at)
        for name in ours.keys() | theirs.keys():
            if ours.get(name) == theirs.get(name):
                found["equal"] += 1
            elif name in discounted:
                found["a discount whose coupon is not stored"] += 1
            elif name in cut:
                found["an invoice of more lines than are stored"] += 1
            else:
                assert name in forgotten
                assert name not in ours or name not in theirs
                found["ended too early" if name not in ours else "not ended yet"] += 1
    with capsys.disabled():
        print(f"\nsubscriptions at 24 month ends out of the engine's tables: {dict(found)}")
    assert found["equal"] > 0.95 * found.total()


def _billed_with_discounts() -> set[str]:
    return {owner for _, line, owner in _lines() if line["discount_amounts"]}


def _billed_by_long_invoices() -> set[str]:
    return {owner for invoice, _, owner in _lines() if len(invoice["lines"]["data"]) > 10}


def _lines() -> Iterator[tuple[Raw, Raw, str]]:
    """Invoice, line, subscription."""
    for invoice in company()["invoice"]:
        for line in invoice["lines"]["data"]:
            details = (line["parent"] or {}).get("subscription_item_details")
            if details:
                yield invoice, line, details["subscription"]
