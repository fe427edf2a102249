"""The older engine keeps columns only: what they hold is told as Stripe does, the rest is named as lost."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from eqho.ledger.build import Ledger
from eqho.metrics.document import snapshot
from eqho.metrics.document_fields import MetricsDocument
from eqho.periods import period_of
from eqho.sources.base import Raw
from eqho.sources.demo.company import demo_account
from eqho.sources.supabase.columns import stripe_object
from eqho.sources.supabase.shapes import Shape
from tests.metrics.queries import scene_of
from tests.oracle.api_shapes import downgrade
from tests.services.plain_account import NOW
from tests.services.supabase_project import OpenProject
from tests.services.supabase_tables import ENGINE_TABLES, library_tables, put_columns
from tests.sources.supabase.rig import (
    Rig,
    company,
    for_some_products,
    from_stripe,
    month_ends,
    mrr,
    of_each,
    source_of,
)


@pytest.fixture(scope="module")
def rows() -> str:
    """The demo company in the API version that engine asks for: discounts with their coupons inside."""
    account = demo_account(NOW)

    def find(kind: str, name: str) -> Raw | None:
        return account.retrieve(kind, name, complete=True)

    return "".join(
        put_columns(kind, [downgrade(kind, body, "acacia", find) for body in company()[kind]])
        for kind in ENGINE_TABLES
    )


def lost(subscription: Raw) -> bool:
    """Whether it is worth what no column holds: a second discount, one of an item, a coupon's products."""
    items = subscription["items"]["data"]
    more = len(subscription["discounts"]) > 1 or for_some_products(subscription)
    return more or any(item["discounts"] for item in items)


def buyers_of(prices: Iterable[str]) -> frozenset[str]:
    """Where nobody else pays a tiered price at a quantity, no bill tells what it costs."""
    named = set(prices)
    return frozenset(
        body["customer"]
        for body in company()["subscription"]
        if any(item["price"]["id"] in named for item in body["items"]["data"])
    )


def documents(ledger: Ledger) -> dict[tuple[str, date | None], MetricsDocument]:
    """Every metric at the end of each month, and now, by product."""
    ends: dict[date | None, int] = {None: NOW}
    ends |= {day: period_of(day, "day", ZoneInfo("UTC")).end - 1 for day in month_ends()}
    return {
        (product, day): snapshot(scene_of(ledger, product, at))
        for product in ("all-products", "towpilot")
        for day, at in ends.items()
    }


@cache
def documents_from_stripe(without: frozenset[str]) -> dict[tuple[str, date | None], MetricsDocument]:
    return documents(from_stripe(without))


@pytest.mark.parametrize("version", ["0.39.0", "0.48.5"])
def test_today_and_every_month_end_equal_stripe_but_for_what_has_no_column(
    project: OpenProject, tmp_path: Path, rows: str, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = source_of(project(library_tables(version) + rows))
    assert source.shape is Shape.LIBRARY
    rig = Rig(source, tmp_path)
    result = rig.run()
    told, _ = rig.ledger()
    ours, truth = of_each(told), of_each(from_stripe())
    excluded = {body["id"] for body in company()["subscription"] if lost(body)}
    different = {name for name in ours.keys() | truth.keys() if ours.get(name, 0) != truth.get(name, 0)}
    assert different <= excluded
    assert sum(value for name, value in ours.items() if name not in excluded) > 0.8 * mrr(from_stripe())
    assert {fact.id for fact in told.subscriptions} == {fact.id for fact in from_stripe().subscriptions}
    assert {issue.code for issue in result.issues} == {"not_in_source"}
    # Tables without a time of their last write are read whole, and are no change while they stay the same.
    again = rig.run()
    assert (again.full, again.changed) == (False, False)

    bought = frozenset(body["customer"] for body in company()["subscription"] if lost(body))
    _, unread = rig.ledger(bought)
    assert {issue.code for issue in unread} <= {"price_without_amount"}
    bought |= buyers_of(name for issue in unread for name in issue.subjects)
    assert len(bought) < 0.4 * len(company()["customer"])
    told, unread = rig.ledger(bought)
    assert unread == []
    truth_without = documents_from_stripe(bought)
    assert documents(told) == truth_without
    kept = len(company()["customer"]) - len(bought)
    with capsys.disabled():
        print(f"\n{len(truth_without)} documents of {kept} customers equal those from Stripe ({version})")


def test_an_invoice_of_a_newer_api_version_names_its_subscription_by_its_lines() -> None:
    details = {"subscription_item_details": {"subscription": "sub_1"}}
    row = {"id": "in_1", "subscription": None, "lines": {"data": [{"id": "il_1", "parent": details}]}}
    assert stripe_object("invoice", row) == {
        "id": "in_1", "object": "invoice", "subscription": "sub_1", "lines": row["lines"],
    }  # fmt: skip


@pytest.mark.parametrize("row", [{"id": "in_1", "status": "deleted"}, {"id": "cus_1", "deleted": True}])
def test_what_is_kept_as_deleted_is_gone(row: Raw) -> None:
    assert stripe_object("invoice", row) is None
