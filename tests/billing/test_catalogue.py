"""Prices and coupons: what is sold, at which terms."""

from decimal import Decimal

import pytest

from eqho.billing.normalise import read_account
from eqho.billing.objects import Coupon, Price, Tier
from tests.billing import shapes
from tests.billing.shapes import JAN, TOW, Raw, subscribed, with_items


def only_price(raw: Raw) -> Price:
    account, issues = read_account({"price": [raw]})
    assert issues == []
    return account.prices[raw["id"]]


def test_a_price_by_the_tenth_of_a_cent() -> None:
    assert only_price(TOW | {"unit_amount": None, "unit_amount_decimal": "0.05"}).unit_amount == Decimal(
        "0.05"
    )
    assert only_price(TOW | {"unit_amount": 1, "unit_amount_decimal": "0.5"}).unit_amount == Decimal("0.5")
    assert only_price(TOW | {"unit_amount": 1, "unit_amount_decimal": 0.5}).unit_amount == Decimal("0.5")
    assert only_price(TOW | {"unit_amount": 1, "unit_amount_decimal": None}).unit_amount == Decimal(1)


@pytest.mark.parametrize("last", [None, "inf"])
def test_tiers_with_flat_fees_and_fractions_of_a_cent(last: str | None) -> None:
    raw = TOW | {
        "unit_amount": None,
        "unit_amount_decimal": None,
        "tiers_mode": "graduated",
        "tiers": [
            {"up_to": 10, "unit_amount": 0, "unit_amount_decimal": "0", "flat_amount": 500},
            {"up_to": last, "unit_amount": None, "unit_amount_decimal": "0.25", "flat_amount_decimal": "1.5"},
        ],
    }
    price = only_price(raw)
    assert price.tiers == (
        Tier(10, Decimal(0), Decimal(500)),
        Tier(None, Decimal("0.25"), Decimal("1.5")),
    )
    assert (price.tiers_mode, price.unit_amount) == ("graduated", None)


def test_packages_intervals_and_one_time_prices() -> None:
    price = only_price(
        TOW
        | {
            "transform_quantity": {"divide_by": 10, "round": "down"},
            "recurring": {"interval": "week", "interval_count": 6, "usage_type": "licensed"},
            "nickname": "Six weeks",
        }
    )
    assert (price.divide_by, price.round_up) == (10, False)
    assert (price.interval, price.interval_count, price.nickname) == ("week", 6, "Six weeks")
    assert only_price(TOW | {"recurring": None}).interval is None


def test_whole_numbers_may_come_as_floats() -> None:
    assert only_price(TOW | {"recurring": {"interval": "month", "interval_count": 3.0}}).interval_count == 3


def test_an_expanded_product_is_its_id() -> None:
    assert only_price(TOW | {"product": shapes.PRODUCT}).product == "prod_tow"


def test_a_plan_serves_where_there_is_no_price() -> None:
    item = {"id": "si_1", "plan": shapes.plan(TOW | {"id": "gold"}), "quantity": 2}
    account, issues = subscribed(with_items(item))
    assert issues == []
    assert account.subscriptions["sub_1"].items[0].price == Price("gold", "prod_tow", "usd", Decimal(50_000))
    assert account.prices["gold"].unit_amount == Decimal(50_000)


def test_a_price_that_is_not_listed_is_read_where_it_is_included() -> None:
    inline = TOW | {"id": "price_inline", "unit_amount_decimal": "123"}
    account, issues = subscribed(with_items({"id": "si_1", "price": inline}))
    assert issues == []
    assert account.subscriptions["sub_1"].items[0].price.unit_amount == Decimal(123)
    assert account.prices["price_inline"].unit_amount == Decimal(123)


def test_the_listed_price_goes_before_the_included_one_which_lacks_its_tiers() -> None:
    bare = TOW | {"unit_amount": None, "unit_amount_decimal": None, "tiers_mode": "volume"}
    tiered = bare | {"tiers": [{"up_to": None, "unit_amount": 700}]}
    account, issues = read_account(
        {"price": [tiered], "subscription": [with_items({"id": "si_1", "price": bare})]}
    )
    assert issues == []
    assert account.subscriptions["sub_1"].items[0].price.tiers == (Tier(None, Decimal(700), Decimal(0)),)


def test_a_price_in_the_currency_of_its_subscription() -> None:
    raw = TOW | {
        "currency_options": {"usd": {"unit_amount": 50_000}, "eur": {"unit_amount_decimal": "45000.5"}}
    }
    bodies = {"price": [raw], "subscription": [with_items({"id": "si_1", "price": TOW}, currency="eur")]}
    account, issues = read_account(bodies)
    item = account.subscriptions["sub_1"].items[0]
    assert issues == []
    assert (item.price.currency, item.price.unit_amount) == ("eur", Decimal("45000.5"))
    assert account.prices["price_tow"].currency == "usd"


def only_coupon(raw: Raw) -> Coupon:
    discounted = with_items({"id": "a", "price": TOW}, discounts=[shapes.discount("endive")])
    account, _ = read_account({"price": [TOW], "coupon": [raw], "subscription": [discounted]})
    return account.subscriptions["sub_1"].discounts[0].coupon


def test_amounts_off_by_currency() -> None:
    raw = {
        "id": "HALF",
        "duration": "repeating",
        "amount_off": 500,
        "currency": "usd",
        "currency_options": {"eur": {"amount_off": 450}},
    }
    assert only_coupon(raw) == Coupon("HALF", "repeating", None, {"usd": 500, "eur": 450})


def test_a_fraction_of_a_percent() -> None:
    assert only_coupon(shapes.COUPON | {"percent_off": 15.5}).percent_off == Decimal("15.5")
    precise = shapes.COUPON | {"percent_off": 33, "percent_off_precise": "33.33"}
    assert only_coupon(precise).percent_off == Decimal("33.33")


def test_an_earlier_coupon_under_the_same_id_keeps_its_own_terms() -> None:
    earlier = {"id": "HALF", "created": 1_600_000_000, "duration": "forever", "percent_off": 20}
    raw = with_items(
        {"id": "a", "price": TOW}, discounts=[{"id": "di_1", "start": JAN, "end": None, "coupon": earlier}]
    )
    account, _ = subscribed(raw)
    assert account.subscriptions["sub_1"].discounts[0].coupon == Coupon("HALF", "forever", Decimal(20))
