"""Every object validates against Stripe's own schemas, and every older shape says the same."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eqho.stripe_simulator.calendar import instant
from tests.oracle.api_shapes import downgrade
from tests.oracle.simulator import Simulator, build_company
from tests.stripe_simulator.simulated import monthly, starting, subscription

SHAPES = Path(__file__).parents[1] / "fixtures" / "stripe_shapes"
KINDS = ["product", "price", "coupon", "customer", "subscription", "subscription_schedule"]
KINDS += ["invoice", "invoiceitem", "credit_note", "refund", "event"]


@pytest.fixture(scope="module")
def company() -> Simulator:
    return build_company(instant("2026-11-22T12:00:00"))


def _schema(kind: str) -> Draft202012Validator:
    document = json.loads((SHAPES / "schemas.json").read_text())
    return Draft202012Validator({**document, "$ref": f"#/schemas/{kind}"})


def _every(sim: Simulator, kind: str) -> list[dict[str, Any]]:
    filters: Mapping[str, Any] = {"status": "all"} if kind == "subscription" else {}
    return list(sim.account.every(kind, **filters))


@pytest.mark.parametrize("kind", KINDS)
def test_the_demo_company_validates_against_stripes_schemas(company: Simulator, kind: str) -> None:
    """Of the many invoices every fifth is taken, which takes every kind of line."""
    schema = _schema(kind)
    bodies = _every(company, kind)
    assert bodies
    for body in bodies[:: 5 if kind == "invoice" else 1]:
        assert [error.message for error in schema.iter_errors(body)] == []


def test_the_schemas_see_into_nested_objects(company: Simulator) -> None:
    body = next(company.account.every("invoice"))
    body["lines"]["data"][0]["period"]["start"] = "yesterday"
    assert [e.message for e in _schema("invoice").iter_errors(body)] == [
        "'yesterday' is not of type 'integer'"
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_is_invented(company: Simulator, kind: str) -> None:
    """Beyond Stripe's schema and Stripe's own fixture of the newest version there is nothing."""
    known = set(json.loads((SHAPES / "latest.json").read_text())[kind])
    known |= set(json.loads((SHAPES / "schemas.json").read_text())["schemas"][kind]["properties"])
    for body in _every(company, kind)[:50]:
        assert set(body) - known == set()


def _older(sim: Simulator, kind: str, object_id: str, version: Any) -> dict[str, Any]:
    def find(wanted: str, wanted_id: str) -> dict[str, Any] | None:
        return sim.account.retrieve(wanted, wanted_id)

    body = sim.account.retrieve(kind, object_id, complete=True)
    assert body is not None
    return downgrade(kind, body, version, find)


@pytest.fixture
def changed() -> tuple[Simulator, str]:
    """A subscription with a discount and inclusive tax, changed in mid-period, one renewal later."""
    sim, who = starting("2026-04-01")
    sim.create_coupon("QUARTER", percent=25)
    vat = sim.create_tax_rate(19, inclusive=True)
    sub = sim.subscribe(who, [(monthly(sim, 60_000), 1)], coupons=["QUARTER"], taxes=[vat])
    sim.advance(instant("2026-04-16"))
    sim.change_quantity(sub, 2)
    sim.advance(instant("2026-05-10"))
    sim.change_quantity(sub, 3)
    return sim, sub


def test_periods_discounts_and_plans_of_an_older_subscription(changed: tuple[Simulator, str]) -> None:
    sim, sub = changed
    newest = subscription(sim, sub)["items"]["data"][0]
    basil = _older(sim, "subscription", sub, "basil")
    assert basil["items"]["data"][0]["current_period_end"] == newest["current_period_end"]
    assert "current_period_end" not in basil
    acacia = _older(sim, "subscription", sub, "acacia")
    assert acacia["current_period_end"] == instant("2026-06-01")
    assert "current_period_end" not in acacia["items"]["data"][0]
    assert acacia["discount"]["coupon"]["percent_off"] == 25
    assert "source" not in acacia["discount"]
    assert (acacia["plan"]["amount"], acacia["plan"]["interval"], acacia["quantity"]) == (60_000, "month", 3)


def test_an_older_discount_embeds_its_coupon(changed: tuple[Simulator, str]) -> None:
    sim, sub = changed
    body = sim.account.retrieve("subscription", sub, ["discounts"])
    assert body is not None
    [discount] = downgrade("subscription", body, "basil", sim.account.retrieve)["discounts"]
    assert (discount["coupon"]["id"], discount["coupon"]["percent_off"]) == ("QUARTER", 25)


def test_lines_of_an_older_invoice(changed: tuple[Simulator, str]) -> None:
    sim, sub = changed
    invoice_id = subscription(sim, sub)["latest_invoice"]
    basil = _older(sim, "invoice", invoice_id, "basil")
    assert basil["parent"]["subscription_details"]["subscription"] == sub
    assert "quantity_decimal" not in basil["lines"]["data"][0]
    acacia = _older(sim, "invoice", invoice_id, "acacia")
    assert (acacia["subscription"], acacia["paid"]) == (sub, True)
    assert not {"parent", "total_taxes"} & set(acacia)
    lines = acacia["lines"]["data"]
    assert [(line["type"], line["proration"], line["amount"]) for line in lines] == [
        ("invoiceitem", True, -22_500),
        ("invoiceitem", True, 45_000),
        ("subscription", False, 120_000),
    ]
    item = subscription(sim, sub)["items"]["data"][0]
    assert {line["subscription_item"] for line in lines} == {item["id"]}
    assert lines[2]["price"]["unit_amount"] == lines[2]["plan"]["amount"] == 60_000
    assert lines[2]["tax_amounts"][0]["inclusive"] is True
    assert lines[2]["tax_amounts"][0]["amount"] == 14_370  # 19/119 of 90,000
    assert not {"parent", "pricing", "taxes"} & set(lines[2])


def test_an_older_pending_item_and_event(changed: tuple[Simulator, str]) -> None:
    sim, sub = changed
    pending = sim.account.list("invoiceitem", pending=True)["data"][0]
    acacia = downgrade("invoiceitem", pending, "acacia", sim.account.retrieve)
    assert (acacia["subscription"], acacia["unit_amount"], acacia["price"]["recurring"]["interval"]) == (
        sub,
        60_000,
        "month",
    )
    event = sim.account.list("event", type="customer.subscription.updated")["data"][0]
    older = downgrade("event", event, "acacia", sim.account.retrieve)
    assert older["data"]["object"]["current_period_end"] == instant("2026-06-01")
    assert "current_period_end" not in event["data"]["object"]


@pytest.mark.parametrize("version", ["acacia", "basil"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_company_can_be_told_in_older_shapes(company: Simulator, kind: str, version: Any) -> None:
    for body in _every(company, kind)[:150]:
        before = json.dumps(body)
        older = downgrade(kind, body, version, company.account.retrieve)
        assert (older["id"], older["object"]) == (body["id"], body["object"])
        assert json.dumps(body) == before
