"""Whatever happens, the books of the simulated account agree with themselves and with the truth."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from eqho.stripe_simulator.calendar import per_month
from tests.oracle.simulator import Simulator
from tests.stripe_simulator.random_company import RandomCompany
from tests.stripe_simulator.simulated import parent

Raw = dict[str, Any]
SEEDS = range(40)


@pytest.fixture(scope="module", params=SEEDS)
def sim(request: pytest.FixtureRequest) -> Simulator:
    return RandomCompany(request.param).walk(400)


def _subscriptions(sim: Simulator) -> list[Raw]:
    return list(sim.account.every("subscription", status="all"))


def test_an_invoice_is_the_sum_of_its_lines(sim: Simulator) -> None:
    for bill in sim.account.every("invoice"):
        lines = bill["lines"]["data"]
        off = sum(d["amount"] for line in lines for d in line["discount_amounts"])
        on_top = sum(t["amount"] for line in lines for t in line["taxes"] if t["tax_behavior"] == "exclusive")
        assert bill["subtotal"] == sum(line["amount"] for line in lines)
        assert bill["total"] == bill["subtotal"] - off + on_top
        assert off == sum(d["amount"] for d in bill["total_discount_amounts"])
        assert all(
            0 <= sum(d["amount"] for d in line["discount_amounts"]) <= line["amount"]
            for line in lines
            if line["amount"] >= 0
        )


def test_full_lines_of_an_item_never_overlap_within_its_paid_invoices(sim: Simulator) -> None:
    """Only the start of a new cycle cuts an earlier period short, and then it is credited."""
    periods: dict[str, set[tuple[int, int]]] = {}
    credits: set[tuple[str, int]] = set()
    for bill in sim.account.every("invoice"):
        for line in bill["lines"]["data"]:
            details = parent(line)
            if not details["proration"]:
                period = (line["period"]["start"], line["period"]["end"])
                periods.setdefault(details["subscription_item"], set()).add(period)
            elif line["amount"] <= 0:
                credits.add((details["subscription_item"], line["period"]["start"]))
    assert periods
    for item, found in periods.items():
        for (_, end), (start, _) in pairwise(sorted(found)):
            assert end <= start or (item, start) in credits or _was_free(sim, item, start)


def _was_free(sim: Simulator, item: str, at: int) -> bool:
    """Free, discounted to nothing or not in service: there was nothing to credit."""
    return not any(f.item == item and f.end == at and f.list > 0 for f in sim.truth.facts())


def test_a_living_subscription_is_inside_its_period(sim: Simulator) -> None:
    for sub in _subscriptions(sim):
        if sub["status"] in ("active", "past_due", "trialing", "unpaid"):
            for item in sub["items"]["data"]:
                assert item["current_period_start"] <= sim.now < item["current_period_end"]


def test_the_truth_of_today_is_what_the_subscriptions_list(sim: Simulator) -> None:
    """List amounts, recomputed from nothing but Stripe's JSON."""
    open_facts = {f.item: f for f in sim.truth.facts() if f.covers(sim.now)}
    prices = {p["id"]: p for p in sim.account.every("price", ["data.tiers"])}
    items = 0
    for sub in _subscriptions(sim):
        if sub["status"] not in ("active", "past_due"):
            continue
        tax = sum(rate["percentage"] for rate in sub["default_tax_rates"] if rate["inclusive"])
        for item in sub["items"]["data"]:
            items += 1
            exact = _charge(prices[item["price"]["id"]], item["quantity"]) * Fraction(100, 100 + tax)
            recurring = item["price"]["recurring"]
            monthly = exact * per_month(recurring["interval"], recurring["interval_count"])
            assert open_facts[item["id"]].list == monthly
    assert items == len(open_facts)


def _charge(price: Raw, quantity: int) -> Fraction:
    if price["billing_scheme"] == "per_unit":
        return Fraction(price["unit_amount_decimal"]) * quantity
    first, second = price["tiers"]
    return (
        Fraction(first["unit_amount_decimal"]) * min(quantity, first["up_to"])
        + first["flat_amount"]
        + Fraction(second["unit_amount_decimal"]) * max(0, quantity - first["up_to"])
    )


def test_facts_of_an_item_follow_each_other_without_overlap(sim: Simulator) -> None:
    by_item: dict[str, list[tuple[int, int | None]]] = {}
    for fact in sim.truth.facts():
        by_item.setdefault(fact.item, []).append((fact.start, fact.end))
        assert 0 <= fact.net_eqho <= fact.net_stripe <= fact.list
    for stretches in by_item.values():
        for (_, end), (start, _) in pairwise(stretches):
            assert end is not None
            assert end <= start


def test_pending_items_are_on_no_invoice_and_others_on_theirs(sim: Simulator) -> None:
    on_invoices = {
        (parent(line)["invoice_item"], bill["id"])
        for bill in sim.account.every("invoice")
        if bill["from_invoice"] is None
        for line in bill["lines"]["data"]
        if parent(line)["invoice_item"]
    }
    items = list(sim.account.every("invoiceitem"))
    assert {(i["id"], i["invoice"]) for i in items if i["invoice"]} == on_invoices
