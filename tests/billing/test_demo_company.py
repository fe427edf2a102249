"""The whole demo company, written in the older shapes by code of its own, is read as the same account."""

from decimal import Decimal
from typing import Any, Literal

import msgspec
import pytest

from eqho.billing.normalise import read_account
from eqho.billing.objects import Account
from eqho.sources.base import KINDS, pages
from eqho.sources.demo import DemoSource
from tests.oracle.api_shapes import downgrade

NOW = 1_795_348_800  # 2026-11-22 12:00


@pytest.fixture(scope="module")
def demo() -> DemoSource:
    return DemoSource(lambda: NOW)


@pytest.fixture(scope="module")
def bodies(demo: DemoSource) -> dict[str, list[dict[str, Any]]]:
    return {kind: [body for page in pages(demo, kind, NOW) for body in page.objects] for kind in KINDS}


def without_unit_amounts_of_tiers(account: Account) -> Account:
    """acacia embeds the price in a line, which has no unit amount where the price has tiers."""
    tiered = {price.id for price in account.prices.values() if price.tiers}
    invoices = tuple(
        msgspec.structs.replace(
            invoice,
            lines=tuple(
                msgspec.structs.replace(line, unit_amount=None) if line.price in tiered else line
                for line in invoice.lines
            ),
        )
        for invoice in account.invoices
    )
    return msgspec.structs.replace(account, invoices=invoices)


def test_everything_is_read_and_every_line_discount_has_its_coupon(
    bodies: dict[str, list[dict[str, Any]]],
) -> None:
    account, issues = read_account(bodies)
    assert issues == []
    read = (account.products, account.customers, account.subscriptions, account.invoices, account.pending)
    kinds = ("product", "customer", "subscription", "invoice", "invoiceitem")
    assert [len(found) for found in read] == [len(bodies[kind]) for kind in kinds]
    lines = [line for invoice in account.invoices for line in invoice.lines]
    assert all(part.discount is not None for line in lines for part in line.discounts)
    assert {price.unit_amount for price in account.prices.values()} >= {Decimal("0.4"), Decimal("37.5")}


@pytest.mark.parametrize("version", ["acacia", "basil"])
def test_older_shapes_are_the_same_account(
    demo: DemoSource, bodies: dict[str, list[dict[str, Any]]], version: Literal["acacia", "basil"]
) -> None:
    older = {
        kind: [downgrade(kind, body, version, demo.retrieve) for body in found]
        for kind, found in bodies.items()
    }
    newest, _ = read_account(bodies)
    account, issues = read_account(older)
    assert issues == []
    assert without_unit_amounts_of_tiers(account) == without_unit_amounts_of_tiers(newest)
