"""What an item is worth per month. Expected values are computed by hand, in minor units per month."""

from decimal import Decimal
from fractions import Fraction

import pytest

from eqho.billing.objects import Coupon, Discount, Price, Tier
from eqho.billing.pricing import ItemState, charge, worths
from eqho.money import MRR_SCALE, major


def price(unit_amount="10000", interval="month", count=1, currency="usd", **terms) -> Price:
    return Price("price_1", "prod_1", currency, Decimal(unit_amount), interval, count, **terms)


def off(percent=None, amount=None, duration="forever", products=(), discount_id="di_1") -> Discount:
    amounts = {} if amount is None else {"usd": amount}
    percent = None if percent is None else Decimal(percent)
    return Discount(discount_id, Coupon("c", duration, percent, amounts, frozenset(products)), start=0)


def mrr(state: ItemState) -> float:
    return major(worths([state])[0].after_repeating, state.price.currency)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (("120000", "year", 1), 100.00),
        (("9000", "month", 3), 30.00),
        (("5000", "week", 2), 108.33),
        (("500", "week", 1), 21.67),
        (("119600", "week", 6), 863.78),
        (("100", "day", 1), 30.42),
        (("240000", "year", 2), 100.00),
        (("220000", "year", 1), 183.33),
    ],
)
def test_intervals_are_normalised_by_exact_factors(terms, expected):
    assert mrr(ItemState(price(*terms), 1)) == expected


def test_yen_have_no_cents_and_dinars_have_three_digits():
    assert mrr(ItemState(price("1000", "year", currency="jpy"), 1)) == 83.0
    assert mrr(ItemState(price("1000", "year", currency="kwd"), 1)) == 0.083


def test_sub_cent_prices_stay_exact():
    state = ItemState(price("0.333"), 1000)
    assert worths([state])[0].gross == 333 * MRR_SCALE


TIERS = (
    Tier(5, Decimal(1000), Decimal(500)),
    Tier(10, Decimal(800), Decimal(0)),
    Tier(None, Decimal(600), Decimal(200)),
)


@pytest.mark.parametrize(
    ("quantity", "graduated", "volume"),
    [
        (0, 500, 500),
        (5, 5 * 1000 + 500, 5 * 1000 + 500),
        (6, 5500 + 800, 6 * 800),
        (10, 5500 + 5 * 800, 10 * 800),
        (12, 5500 + 4000 + 2 * 600 + 200, 12 * 600 + 200),
    ],
)
def test_tiers_with_flat_fees(quantity, graduated, volume):
    assert charge(price(tiers_mode="graduated", tiers=TIERS), quantity) == graduated
    assert charge(price(tiers_mode="volume", tiers=TIERS), quantity) == volume


def test_packages_round_as_the_price_says():
    assert charge(price("500", divide_by=10, round_up=True), 21) == 1500
    assert charge(price("500", divide_by=10, round_up=False), 21) == 1000


def test_percentages_compound_and_amounts_come_after():
    state = ItemState(
        price("10000"), 1, (off("50"), off("10", discount_id="di_2"), off(amount=500, discount_id="di_3"))
    )
    assert mrr(state) == 40.00


def test_a_discount_never_makes_mrr_negative():
    assert mrr(ItemState(price("300"), 1, (off(amount=500),))) == 0.0


def test_an_amount_coupon_belongs_to_an_invoice_and_is_normalised_by_its_interval():
    assert mrr(ItemState(price("120000", "year"), 1, (off(amount=12000),))) == 90.00


def test_one_amount_coupon_is_spread_over_the_items_it_discounts():
    coupon = off(amount=3000)
    small, large = ItemState(price("10000"), 1, (coupon,)), ItemState(price("20000"), 1, (coupon,))
    assert [major(w.after_repeating, "usd") for w in worths([small, large])] == [90.00, 180.00]


def test_an_items_own_amount_goes_before_one_that_is_spread():
    """$40 off the first alone leaves 60 and 200; $52 spread over 260 leaves four fifths of each."""
    own, shared = off(amount=4000, discount_id="di_z"), off(amount=5200, discount_id="di_a")
    first = ItemState(price("10000"), 1, (shared, own))
    second = ItemState(price("20000"), 1, (shared,))
    assert [major(w.after_repeating, "usd") for w in worths([first, second])] == [48.00, 160.00]


@pytest.mark.parametrize(
    ("terms", "quantity", "sentence"),
    [
        ({"unit_amount": None}, 1, "price price_1 has no amount"),
        ({"tiers_mode": "volume"}, 13, "price price_1 has no tier for 13 units"),
        ({"tiers_mode": "graduated"}, 13, "price price_1 has no tier for 13 units"),
    ],
)
def test_what_cannot_be_valued_says_so(terms, quantity, sentence):
    closed = (*TIERS[:-1], Tier(12, TIERS[-1].unit_amount, TIERS[-1].flat_amount))
    known = {"unit_amount": Decimal(1), **terms}
    with pytest.raises(ValueError, match=sentence):
        charge(Price("price_1", "prod_1", "usd", tiers=closed, **known), quantity)


def test_applies_to_leaves_other_products_alone():
    assert mrr(ItemState(price(), 1, (off("50", products=["prod_2"]),))) == 100.00
    assert mrr(ItemState(price(), 1, (off("50", products=["prod_1"]),))) == 50.00


def test_repeating_coupons_are_told_apart_from_forever_ones():
    worth = worths([ItemState(price(), 1, (off("10"), off("50", duration="repeating", discount_id="di_2")))])[
        0
    ]
    assert [major(w, "usd") for w in worth] == [100.00, 90.00, 45.00]


def test_inclusive_tax_is_subtracted_after_discount():
    state = ItemState(price("12000"), 1, (off("50"),), inclusive_tax_percent=Fraction(20))
    assert mrr(state) == 50.00


def test_a_metered_or_free_quantity_of_nothing_is_worth_nothing():
    assert mrr(ItemState(price(), 0)) == 0.0
