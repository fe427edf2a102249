"""The truth against cases worked out by hand. Amounts are minor units per month."""

from fractions import Fraction

import pytest

from eqho.stripe_simulator.calendar import instant
from tests.stripe_simulator.simulated import monthly, mrr, starting


@pytest.mark.parametrize(
    ("unit", "terms", "quantity", "expected"),
    [
        (120_000, {"interval": "year"}, 1, Fraction(10_000)),
        (9_000, {"count": 3}, 1, Fraction(3_000)),
        (5_000, {"interval": "week", "count": 2}, 1, Fraction(5_000 * 26, 12)),
        (500, {"interval": "week"}, 1, Fraction(500 * 52, 12)),
        (119_600, {"interval": "week", "count": 6}, 1, Fraction(119_600 * 52, 72)),
        (1_900, {"interval": "day"}, 1, Fraction(1_900 * 365, 12)),
        (948_000, {"interval": "year", "count": 2}, 1, Fraction(39_500)),
        ("37.5", {}, 333, Fraction(24_975, 2)),
        (2_500, {"divide_by": 10}, 31, Fraction(10_000)),
        (
            None,
            {"tiers": [(5, 6_000, 9_900), (None, 4_500, 0)], "tiers_mode": "graduated"},
            7,
            Fraction(48_900),
        ),
        (None, {"tiers": [(25, 1_100, 0), (None, 950, 4_900)], "tiers_mode": "volume"}, 26, Fraction(29_600)),
    ],
)
def test_an_item_is_worth_its_price_times_quantity_per_month(
    unit: int | str | None, terms: dict[str, object], quantity: int, expected: Fraction
) -> None:
    sim, who = starting("2026-04-01")
    sim.subscribe(who, [(sim.create_price(sim.create_product("P"), unit, **terms), quantity)])  # type: ignore[arg-type]
    [fact] = sim.truth.facts()
    assert fact.list == fact.net_eqho == fact.net_stripe == expected


def test_metered_prices_are_not_mrr() -> None:
    sim, who = starting("2026-04-01")
    sim.subscribe(who, [(monthly(sim, 10_000), 1), (monthly(sim, 5, metered=True), None)])
    assert [fact.list for fact in sim.truth.facts()] == [10_000]


def test_policies_differ_in_repeating_coupons() -> None:
    """A forever 50 % halves both; a repeating 20 % counts for Eqho only, until it ends; once for none."""
    sim, who = starting("2026-01-31")
    sim.create_coupon("HALF", percent=50)
    sim.create_coupon("FIFTH", percent=20, duration="repeating", months=3)
    sim.create_coupon("ONCE", percent=90, duration="once")
    sim.subscribe(who, [(monthly(sim, 10_000), 1)], coupons=["HALF", "FIFTH", "ONCE"])
    sim.advance(instant("2026-06-01"))
    early, late = sim.truth.facts()
    assert (early.list, early.net_eqho, early.net_stripe) == (10_000, 4_000, 5_000)
    assert (early.end, late.start) == (instant("2026-04-30"), instant("2026-04-30"))
    assert (late.net_eqho, late.net_stripe) == (5_000, 5_000)


def test_amounts_off_are_shared_by_what_is_left_and_never_below_zero() -> None:
    sim, who = starting("2026-04-01")
    sim.create_coupon("CASH", amount=6_000, currency="usd")
    sim.create_coupon("MORE", amount=99_999, currency="usd")
    sim.create_coupon("HALF", percent=50)
    prices = [(monthly(sim, 20_000), 1), (monthly(sim, 10_000), 1)]
    sim.subscribe(who, prices, coupons=["CASH"], item_coupons=[(0, "HALF")])
    assert sorted(fact.net_eqho for fact in sim.truth.facts()) == [7_000, 7_000]
    sim.subscribe(who, prices, coupons=["MORE"])
    assert sorted(fact.net_eqho for fact in sim.truth.facts()) == [0, 0, 7_000, 7_000]


def test_a_yearly_amount_off_is_a_twelfth_a_month() -> None:
    sim, who = starting("2026-04-01")
    sim.create_coupon("CASH", amount=60_000, currency="usd")
    sim.subscribe(who, [(monthly(sim, 449_000, interval="year"), 1)], coupons=["CASH"])
    assert sim.truth.facts()[0].net_eqho == Fraction(389_000, 12)


def test_inclusive_tax_is_in_neither_list_nor_net() -> None:
    sim, who = starting("2026-04-01")
    sim.create_coupon("HALF", percent=50)
    vat = sim.create_tax_rate(25, inclusive=True)
    sim.subscribe(who, [(monthly(sim, 10_000), 1)], coupons=["HALF"], taxes=[vat])
    [fact] = sim.truth.facts()
    assert (fact.list, fact.net_eqho) == (8_000, 4_000)


def test_a_customers_discount_counts_where_the_subscription_has_none() -> None:
    sim, who = starting("2026-04-01")
    sim.create_coupon("YEAR", percent=30, duration="repeating", months=12)
    sim.create_coupon("HALF", percent=50)
    sim.subscribe(who, [(monthly(sim, 10_000), 1)])
    sim.advance(instant("2026-04-10"))
    sim.discount_customer(who, "YEAR")
    sim.subscribe(who, [(monthly(sim, 1_000), 1)], coupons=["HALF"])
    sim.advance(instant("2027-04-11"))
    assert (mrr(sim, "2026-04-09"), mrr(sim, "2026-04-10"), mrr(sim, "2027-04-10")) == (100, 75, 105)


def test_changes_count_from_the_second_they_are_made() -> None:
    sim, who = starting("2026-01-31")
    sub = sim.subscribe(who, [(monthly(sim, 44_900), 1)])
    sim.advance(instant("2026-03-10T15:42:07"))
    sim.change_quantity(sub, 3, proration="none")
    sim.advance(instant("2026-04-02T08:00:01"))
    sim.cancel(sub)
    assert [(f.quantity, f.start, f.end, f.list) for f in sim.truth.facts()] == [
        (1, instant("2026-01-31"), instant("2026-03-10T15:42:07"), 44_900),
        (3, instant("2026-03-10T15:42:07"), instant("2026-04-02T08:00:01"), 134_700),
    ]


def test_a_backdated_service_counts_from_its_start() -> None:
    sim, who = starting("2026-05-01")
    sim.subscribe(who, [(monthly(sim, 31_000), 1)], backdate=instant("2026-03-22"))
    assert (mrr(sim, "2026-03-21"), mrr(sim, "2026-03-22")) == (0, 310)


def test_churn_counts_at_the_end_for_eqho_and_at_the_request_for_stripe() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 10_000), 1)])
    sim.advance(instant("2026-04-10"))
    sim.cancel_at_period_end(sub)
    sim.advance(instant("2026-05-05"))
    assert [mrr(sim, f"2026-{day}") for day in ("04-09", "04-10", "04-30", "05-01")] == [100, 100, 100, 0]
    assert [mrr(sim, f"2026-{day}", "stripe") for day in ("04-09", "04-10", "05-01")] == [100, 0, 0]


def test_a_cancellation_taken_back_never_was_churn() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 10_000), 1)])
    sim.cancel_at_period_end(sub)
    sim.advance(instant("2026-04-20"))
    sim.uncancel(sub)
    assert mrr(sim, "2026-04-10", "stripe") == 100


def test_currencies_are_not_added() -> None:
    sim, who = starting("2026-04-01")
    for currency in ("usd", "jpy"):
        sim.subscribe(who, [(monthly(sim, 68_000, currency=currency), 1)])
    assert sim.truth.mrr(sim.now) == {"usd": 68_000, "jpy": 68_000}
