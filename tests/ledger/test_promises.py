"""What a trial would bring: today's items, at the discounts that hold when it ends."""

from decimal import Decimal
from typing import Any

from eqho.billing.objects import Price
from tests.ledger.stripe_account import BASIC, SEAT, YEARLY, at, coupon, item, ledger, subscription

TRIAL: dict[str, Any] = {"trial_start": at("2026-06-10"), "trial_end": at("2026-06-24")}


def promised(*items, prices=(), **more) -> list[tuple[str, str, float | None]]:
    """Line, price and dollars a month of each item on trial."""
    told = ledger(subscription(*items, status="trialing", start="2026-06-10", **TRIAL, **more), prices=prices)
    return [
        (one.line, one.price, one.worth and one.worth.after_repeating / 1_000_000)
        for one in told.subscriptions[0].promises
    ]


def test_a_trial_promises_its_items_per_month():
    assert promised(item(YEARLY), item(SEAT, 3, "si_2")) == [
        ("towpilot", "price_yearly", 100.0),
        ("towpilot", "price_seat", 30.0),
    ]


def test_a_coupon_that_ends_before_the_trial_takes_nothing_off():
    over = coupon(50, "repeating", "2026-06-10", "2026-06-20")
    stays = coupon(10, "forever", "2026-06-10")
    assert promised(item(), discounts=(over, stays)) == [("towpilot", "price_basic", 90.0)]


def test_usage_is_named_without_an_amount():
    metered = Price("price_usage", "prod_tow", "usd", Decimal(5), metered=True)
    assert promised(item(metered, None), prices=(metered,)) == [("towpilot", "price_usage", None)]


def test_without_a_trial_nothing_is_promised():
    assert ledger(subscription(item(BASIC))).subscriptions[0].promises == ()
