"""What weak and contradictory evidence of discounts comes to: events that deny them, coupons nobody sees."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from eqho.billing.objects import Coupon, Discount, Snapshot
from tests.ledger.stripe_account import (
    BASIC,
    FLEET,
    at,
    column,
    coupon,
    invoice,
    item,
    ledger,
    line,
    months,
    rows,
    subscription,
)


@pytest.mark.parametrize(
    "start",
    [
        # The customer's discount, older than the subscription's own, counts only once that one is gone.
        "2026-03-01",
        # It began while the subscription had its own, and an event would have followed had it counted then.
        "2026-04-25",
    ],
)
def test_an_event_without_a_discount_denies_it(start):
    theirs, own = coupon(50, start=start), coupon(20, start="2026-04-15")
    before = subscription(item(), start="2026-04-15", discounts=(own,))
    after = replace(before, discounts=(theirs,))
    told = ledger(
        after,
        invoices=months(BASIC, "2026-04-15", "2026-05-15", off=[(own, 2000)]),
        snapshots=(Snapshot(at("2026-04-15"), before), Snapshot(at("2026-05-05"), after)),
        now="2026-05-10",
    )
    assert rows(told.spans) == [("2026-04-15", "2026-05-05", 80.0), ("2026-05-05", "…", 50.0)]


def test_backdated_service_is_billed_with_the_coupon_of_the_day_it_was_made():
    half = coupon(50, start="2026-04-15")
    backdated = replace(subscription(item(), start="2026-03-01", discounts=(half,)), created=at("2026-04-15"))
    told = ledger(
        backdated,
        invoices=[
            invoice(
                line(BASIC, "2026-03-01", "2026-04-15", 7000, proration=True),
                line(BASIC, "2026-04-15", "2026-05-15", off=[(half, 5000)]),
                created="2026-04-15",
            )
        ],
        now="2026-05-01",
    )
    assert rows(told.spans) == [("2026-03-01", "…", 50.0)]


def test_backdated_service_is_billed_with_a_coupon_that_another_hides():
    whole = coupon(100, "repeating", "2026-04-15", "2026-06-15")
    third = Discount("di_third", Coupon("c", "forever", percent_off=Decimal(30)), at("2026-04-15"))
    made = replace(
        subscription(item(), start="2026-03-01", discounts=(whole, third)), created=at("2026-04-15")
    )
    told = ledger(
        made,
        invoices=[
            invoice(
                line(BASIC, "2026-03-01", "2026-04-15", 0, proration=True),
                line(BASIC, "2026-04-15", "2026-05-15", off=[(whole, 10000)]),
                created="2026-04-15",
            )
        ],
        snapshots=(Snapshot(at("2026-04-15"), made),),
        now="2026-05-01",
    )
    assert rows(told.spans) == [("2026-03-01", "…", 0.0)]
    assert column(told.spans, "net_stripe") == [70_000_000]


def test_a_bill_that_a_coupon_takes_off_whole_does_not_deny_the_other():
    whole, third = (
        coupon(100, "repeating", "2026-04-15", "2026-06-15"),
        Discount("di_amount", Coupon("c", "forever", amounts_off={"usd": 3000}), at("2026-04-01")),
    )
    told = ledger(
        subscription(item(), start="2026-04-15", discounts=(third,)),
        invoices=[
            *months(BASIC, "2026-04-15", "2026-05-15", "2026-06-15", off=[(whole, 10000)]),
            *months(BASIC, "2026-06-15", "2026-07-15", off=[(third, 3000)]),
        ],
        now="2026-07-01",
    )
    assert rows(told.spans) == [("2026-04-15", "2026-06-15", 0.0), ("2026-06-15", "…", 70.0)]
    assert column(told.spans, "net_stripe") == [70_000_000, 70_000_000]


def test_a_bill_for_another_product_does_not_deny_a_coupon():
    seats_only = Discount(
        "di_seats",
        Coupon("c", "forever", percent_off=Decimal(50), products=frozenset({"prod_fleet"})),
        at("2026-05-01"),
    )
    told = ledger(
        subscription(item(BASIC, discounts=(seats_only,)), start="2026-04-15"),
        invoices=[*months(FLEET, "2026-04-15", "2026-05-15"), *months(BASIC, "2026-05-15", "2026-06-15")],
        now="2026-06-01",
    )
    assert rows(told.spans) == [
        ("2026-04-15", "2026-05-01", 200.0),
        ("2026-05-01", "2026-05-15", 100.0),
        ("2026-05-15", "…", 100.0),
    ]
