"""The simulator bills as Stripe does: periods, prorations to the second, tiers, discounts, taxes."""

import pytest

from eqho.stripe_simulator.calendar import DAY, HOUR, instant, shift
from eqho.stripe_simulator.engine import SimulationError
from tests.stripe_simulator.simulated import (
    amounts,
    customer,
    invoices,
    monthly,
    parent,
    starting,
    subscription,
)


def test_a_renewal_falls_on_the_anchors_day_or_the_last_of_the_month() -> None:
    sim, who = starting("2026-01-31T09:30:00")
    sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-06-01"))
    starts = [bill["lines"]["data"][0]["period"]["start"] for bill in invoices(sim)]
    assert starts == [
        instant(f"2026-{day}T09:30:00") for day in ("01-31", "02-28", "03-31", "04-30", "05-31")
    ]


@pytest.mark.parametrize(
    ("anchor", "interval", "steps", "expected"),
    [
        ("2024-01-31", "month", 1, "2024-02-29"),
        ("2024-02-29", "year", 1, "2025-02-28"),
        ("2024-02-29", "year", 4, "2028-02-29"),
        ("2025-12-31", "month", 2, "2026-02-28"),
        ("2026-03-31", "month", -1, "2026-02-28"),
        ("2026-03-28T23:59:59", "week", 6, "2026-05-09T23:59:59"),
        ("2026-02-28", "day", 1, "2026-03-01"),
    ],
)
def test_steps_from_an_anchor(anchor: str, interval: str, steps: int, expected: str) -> None:
    assert shift(instant(anchor), interval, steps) == instant(expected)  # type: ignore[arg-type]


def test_a_renewal_is_a_draft_for_an_hour() -> None:
    sim, who = starting("2026-03-01")
    sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-04-01T00:59:59"))
    draft = invoices(sim)[-1]
    assert (draft["status"], draft["number"], draft["billing_reason"]) == (
        "draft",
        None,
        "subscription_cycle",
    )
    assert draft["automatically_finalizes_at"] == instant("2026-04-01T01:00:00")
    sim.advance(instant("2026-04-01T01:00:00"))
    paid = invoices(sim)[-1]
    assert (paid["status"], paid["amount_paid"]) == ("paid", 44_900)
    assert paid["status_transitions"]["finalized_at"] == instant("2026-04-01T01:00:00")


def test_more_seats_are_credited_and_charged_for_the_rest_of_the_period() -> None:
    """21 of 31 days: 44,900 × 21/31 = 30,416.1 and 134,700 × 21/31 = 91,248.4."""
    sim, who = starting("2026-01-31")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-03-10"))
    sim.change_quantity(sub, 3)
    pending = sim.account.list("invoiceitem", pending=True)["data"]
    assert sorted(item["amount"] for item in pending) == [-30_416, 91_248]
    assert {(i["period"]["start"], i["period"]["end"]) for i in pending} == {
        (instant("2026-03-10"), instant("2026-03-31"))
    }
    sim.advance(instant("2026-04-01"))
    bill = invoices(sim, sub)[-1]
    assert amounts(bill) == [-30_416, 91_248, 134_700]
    assert [parent(line)["proration"] for line in bill["lines"]["data"]] == [True, True, False]
    assert sim.account.list("invoiceitem", pending=True)["data"] == []


def test_prorations_are_exact_to_the_second() -> None:
    """At one cent a second in a month of 30 days, the credit is the number of seconds left."""
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 30 * DAY), 1)])
    sim.advance(instant("2026-05-01") - 1_000_003)
    sim.change_quantity(sub, 2, proration="always_invoice")
    bill = invoices(sim)[-1]
    assert amounts(bill) == [-1_000_003, 2_000_006]
    assert (bill["status"], bill["billing_reason"]) == ("paid", "subscription_update")


def test_half_a_minor_unit_is_rounded_away_from_zero_on_both_sides() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 101), 1)])
    sim.advance(instant("2026-04-16"))
    sim.change_quantity(sub, 3, proration="always_invoice")
    assert amounts(invoices(sim)[-1]) == [-51, 152]


def test_an_annual_plan_upgraded_at_half_time() -> None:
    sim, who = starting("2025-01-01")
    small, large = (monthly(sim, amount, interval="year") for amount in (449_000, 649_000))
    sub = sim.subscribe(who, [(small, 1)])
    sim.advance(instant("2025-07-02T12:00:00"))
    sim.change_price(sub, large)
    sim.advance(instant("2026-01-02"))
    assert amounts(invoices(sim)[-1]) == [-224_500, 324_500, 649_000]
    credited = parent(invoices(sim)[-1]["lines"]["data"][0])["proration_details"]["credited_items"]
    assert credited["invoice"] == invoices(sim)[0]["id"]
    assert credited["invoice_line_items"] == [invoices(sim)[0]["lines"]["data"][0]["id"]]


def test_another_interval_starts_a_new_cycle_and_is_billed_at_once() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 60_000), 1)])
    sim.advance(instant("2026-04-21"))
    sim.change_price(sub, monthly(sim, 600_000, interval="year"))
    bill = invoices(sim)[-1]
    assert amounts(bill) == [-20_000, 600_000]
    assert [parent(line)["proration"] for line in bill["lines"]["data"]] == [True, False]
    item = subscription(sim, sub)["items"]["data"][0]
    assert (item["current_period_start"], item["current_period_end"]) == (
        instant("2026-04-21"),
        instant("2027-04-21"),
    )
    sim.advance(instant("2026-06-01"))
    assert len(invoices(sim)) == 2


def test_from_free_to_paid_is_billed_at_once_and_credits_nothing() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 0), 1)])
    sim.advance(instant("2026-05-11"))
    sim.change_price(sub, monthly(sim, 32_900))
    assert [amounts(bill) for bill in invoices(sim)] == [[0], [0], [32_900]]
    assert subscription(sim, sub)["billing_cycle_anchor"] == instant("2026-05-11")


def test_without_proration_the_next_invoice_is_the_first_to_tell() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 60_000), 1)])
    sim.advance(instant("2026-04-21"))
    sim.change_quantity(sub, 2, proration="none")
    sim.advance(instant("2026-05-02"))
    assert [amounts(bill) for bill in invoices(sim)] == [[60_000], [120_000]]


def test_items_added_and_removed() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 60_000), 1)])
    sim.advance(instant("2026-04-11"))
    yard = sim.add_item(sub, monthly(sim, 9_000), 2)
    sim.advance(instant("2026-05-16T12:00:00"))
    sim.remove_item(sub, yard)
    sim.advance(instant("2026-06-02"))
    assert [amounts(bill) for bill in invoices(sim)] == [[60_000], [12_000, 60_000, 18_000], [-9_000, 60_000]]


def test_graduated_tiers_emit_a_line_for_each_tier_and_flat_fee() -> None:
    """7 trucks: 5 × 60 + flat 99 + 2 × 45."""
    sim, who = starting("2026-04-01")
    tiers = [(5, 6_000, 9_900), (None, "4500", 0)]
    price = sim.create_price(sim.create_product("Trucks"), None, tiers=tiers, tiers_mode="graduated")
    sim.subscribe(who, [(price, 7)])
    lines = invoices(sim)[0]["lines"]["data"]
    assert [(line["quantity"], line["amount"]) for line in lines] == [(5, 30_000), (0, 9_900), (2, 9_000)]
    assert len({parent(line)["subscription_item"] for line in lines}) == 1


def test_volume_tiers_price_every_unit_alike() -> None:
    sim, who = starting("2026-04-01")
    tiers = [(25, 1_100, 0), (100, 950, 4_900), (None, 800, 0)]
    price = sim.create_price(sim.create_product("Fleet"), None, tiers=tiers, tiers_mode="volume")
    sim.subscribe(who, [(price, 26)])
    assert amounts(invoices(sim)[0]) == [24_700, 4_900]


def test_packages_round_up_and_fractions_of_a_cent_round_once_per_line() -> None:
    sim, who = starting("2026-04-01")
    reports = monthly(sim, 2_500, divide_by=10)
    sensors = sim.create_price(sim.create_product("Sensors"), "37.5")
    sim.subscribe(who, [(reports, 31), (sensors, 333)])
    assert amounts(invoices(sim)[0]) == [10_000, 12_488]  # 4 packages; 12,487.5
    unit = invoices(sim)[0]["lines"]["data"][1]["pricing"]["unit_amount_decimal"]
    assert unit == "37.5"


def test_usage_is_charged_in_arrears_for_the_period_it_fell_in() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 24_900), 1), (monthly(sim, 2, metered=True), None)])
    sim.report_usage(sub, 1_500)
    sim.advance(instant("2026-05-02"))
    usage, plan = invoices(sim)[-1]["lines"]["data"]
    assert (usage["amount"], usage["quantity"], plan["amount"]) == (3_000, 1_500, 24_900)
    assert usage["period"] == {"start": instant("2026-04-01"), "end": instant("2026-05-01")}
    assert "quantity" not in subscription(sim, sub)["items"]["data"][1]


def test_percentages_compound_then_amounts_are_shared_out_to_the_cent() -> None:
    """449 − 10 % = 404.10; three seats 117 − 10 % − 50 % = 52.65; $75 off 456.75 in proportion."""
    sim, who = starting("2026-04-01")
    seat_product = sim.create_product("Seat")
    for coupon, terms in (("TEN", {"percent": 10}), ("CASH", {"amount": 7_500, "currency": "usd"})):
        sim.create_coupon(coupon, **terms)  # type: ignore[arg-type]
    sim.create_coupon("SEATS", percent=50, products=[seat_product])
    items = [(monthly(sim, 44_900), 1), (sim.create_price(seat_product, 3_900), 3)]
    sim.subscribe(who, items, coupons=["TEN", "CASH", "SEATS"])
    bill = invoices(sim)[0]
    off = [[d["amount"] for d in line["discount_amounts"]] for line in bill["lines"]["data"]]
    assert off == [[4_490, 6_635], [1_170, 5_265, 865]]
    assert (bill["subtotal"], bill["total"]) == (56_600, 38_175)
    assert sorted(d["amount"] for d in bill["total_discount_amounts"]) == [5_265, 5_660, 7_500]


def test_a_full_discount_is_not_a_trial() -> None:
    sim, who = starting("2026-04-01")
    sim.create_coupon("ALL", percent=100)
    price = monthly(sim, 44_900)
    sim.subscribe(who, [(price, 1)], coupons=["ALL"])
    sim.subscribe(who, [(price, 1)], trial_days=14)
    free, trial = (bill["lines"]["data"][0] for bill in invoices(sim))
    assert (free["amount"], [d["amount"] for d in free["discount_amounts"]]) == (44_900, [44_900])
    assert (trial["amount"], trial["discount_amounts"]) == (0, [])
    assert trial["pricing"]["unit_amount_decimal"] == "44900"
    assert {bill["status"] for bill in invoices(sim)} == {"paid"}


def test_coupons_are_used_once_or_for_their_months() -> None:
    sim, who = starting("2026-01-31")
    sim.create_coupon("ONCE", percent=50, duration="once")
    sim.create_coupon("QUARTER", percent=10, duration="repeating", months=3)
    sub = sim.subscribe(who, [(monthly(sim, 10_000), 1)], coupons=["ONCE", "QUARTER"])
    sim.advance(instant("2026-06-01"))
    assert [bill["total"] for bill in invoices(sim)] == [4_500, 9_000, 9_000, 10_000, 10_000]
    assert subscription(sim, sub)["discounts"] == []


@pytest.mark.parametrize(
    ("mode", "expected"), [("classic", [-22_500, 67_500]), ("flexible", [-30_000, 90_000])]
)
def test_prorations_are_net_of_discounts_in_classic_billing_and_itemised_in_flexible(
    mode: str, expected: list[int]
) -> None:
    sim, who = starting("2026-04-01")
    sim.create_coupon("QUARTER", percent=25)
    sub = sim.subscribe(
        who,
        [(monthly(sim, 60_000), 1)],
        coupons=["QUARTER"],
        billing_mode=mode,  # type: ignore[arg-type]
    )
    sim.advance(instant("2026-04-16"))
    sim.change_quantity(sub, 3, proration="always_invoice")
    bill = invoices(sim)[-1]
    assert amounts(bill) == expected
    assert bill["total"] == 45_000


def test_tax_inside_and_on_top_of_the_price() -> None:
    """€419 holds 66.90 of 19 % tax; $1,840 bears 8.25 %, which is 151.80."""
    sim, who = starting("2026-04-01")
    vat = sim.create_tax_rate(19, inclusive=True)
    sales = sim.create_tax_rate("8.25", inclusive=False)
    sim.subscribe(who, [(monthly(sim, 41_900, currency="eur"), 1)], taxes=[vat])
    sim.subscribe(customer(sim), [(monthly(sim, 184_000), 1)], taxes=[sales])
    inside, on_top = invoices(sim)
    assert (inside["total"], inside["total_taxes"][0]["amount"]) == (41_900, 6_690)
    assert inside["lines"]["data"][0]["taxes"][0]["tax_behavior"] == "inclusive"
    assert (on_top["subtotal"], on_top["total"]) == (184_000, 199_180)


def test_a_credit_larger_than_the_charge_becomes_balance_and_pays_what_follows() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 90_000), 1)])
    sim.advance(instant("2026-04-11"))
    sim.change_price(sub, monthly(sim, 30_000), proration="always_invoice")
    assert invoices(sim)[-1]["total"] == -40_000
    assert sim.account.retrieve("customer", who)["balance"] == -40_000  # type: ignore[index]
    sim.advance(instant("2026-06-02"))
    assert [(b["total"], b["amount_due"]) for b in invoices(sim)[-2:]] == [(30_000, 0), (30_000, 20_000)]


def test_a_backdated_start_is_billed_as_a_proration_of_its_periods() -> None:
    """Ten days of March (31 days) and all of April on top of the month that begins."""
    sim, who = starting("2026-05-01")
    sim.subscribe(who, [(monthly(sim, 31_000), 1)], backdate=instant("2026-03-22"))
    past, full = invoices(sim)[0]["lines"]["data"]
    assert (past["amount"], parent(past)["proration"], full["amount"]) == (41_000, True, 31_000)
    assert past["period"] == {"start": instant("2026-03-22"), "end": instant("2026-05-01")}


def test_items_of_one_subscription_share_interval_and_currency() -> None:
    sim, who = starting("2026-05-01")
    with pytest.raises(SimulationError, match="share one currency and one interval"):
        sim.subscribe(who, [(monthly(sim, 100), 1), (monthly(sim, 100, interval="year"), 1)])


def test_time_does_not_run_back() -> None:
    sim, _ = starting("2026-05-01")
    with pytest.raises(SimulationError, match="does not run back"):
        sim.advance(sim.now - HOUR)
