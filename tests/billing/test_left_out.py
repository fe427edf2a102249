"""What cannot be read is left out with one sentence and its ids, and never takes anything else along."""

from typing import Any

import pytest
from msgspec.structs import replace

from eqho.billing.normalise import read_account
from eqho.billing.objects import Account
from eqho.issues import Issue
from tests.billing import shapes
from tests.billing.shapes import JAN, TOW, Raw


def item(item_id: str, price: Any) -> Raw:
    return {"id": item_id, "price": price, "created": JAN, "quantity": 1}


def subscribed(*items: Raw, prices: tuple[Raw, ...] = (TOW,), **changes: Any) -> tuple[Account, list[Issue]]:
    """A subscription to those items and a sound one beside them."""
    listed = {"object": "list", "data": [item("si_sound", TOW), *items], "has_more": False}
    raw = shapes.subscription("endive", items=listed, discounts=[], default_tax_rates=[], **changes)
    return read_account({"price": list(prices), "subscription": [raw]})


def items_of(account: Account) -> list[str]:
    return [i.id for i in account.subscriptions["sub_1"].items]


def only(issues: list[Issue]) -> Issue:
    assert len(issues) == 1, issues
    return issues[0]


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        (
            "product",
            {"id": "x", "name": 5},
            "This product cannot be read and is left out: Expected `str`, got `int` - at `$.name`.",
        ),
        (
            "price",
            TOW | {"id": "x", "recurring": {"interval": "month", "interval_count": 0}},
            "This price cannot be read and is left out: Expected `int` >= 1 - at "
            "`$.recurring.interval_count`.",
        ),
        (
            "price",
            TOW | {"id": "x", "unit_amount_decimal": "much"},
            "This price cannot be read and is left out: Invalid decimal string - at `$.unit_amount_decimal`.",
        ),
        (
            "coupon",
            shapes.COUPON | {"id": "x", "duration": "sometimes"},
            "This coupon cannot be read and is left out: Invalid enum value 'sometimes' - at `$.duration`.",
        ),
        (
            "customer",
            {"id": "x", "created": "yesterday"},
            "This customer cannot be read and is left out: Expected `int`, got `str` - at `$.created`.",
        ),
        (
            "subscription",
            shapes.subscription("endive", id="x", status="dormant"),
            "This subscription cannot be read and is left out: Invalid enum value 'dormant' - at `$.status`.",
        ),
        (
            "subscription_schedule",
            shapes.schedule("endive", id="x", phases=None),
            "This subscription schedule cannot be read and is left out: Expected `array`, got `null` - at "
            "`$.phases`.",
        ),
        (
            "invoice",
            shapes.invoice("endive", id="x", created=None),
            "This invoice cannot be read and is left out: Expected `int`, got `null` - at `$.created`.",
        ),
        (
            "invoiceitem",
            shapes.pending_item("endive", id="x", amount=1.5),
            "This invoiceitem cannot be read and is left out: Expected `int`, got `float` - at `$.amount`.",
        ),
        (
            "credit_note",
            {"id": "x", "invoice": "in_1"},
            "This credit note cannot be read and is left out: Object missing required field `customer`.",
        ),
        (
            "refund",
            {"id": "x"},
            "This refund cannot be read and is left out: Object missing required field `amount`.",
        ),
    ],
)
def test_an_unreadable_object_is_left_out_alone(kind: str, body: Raw, message: str) -> None:
    company = shapes.company("endive", invoice=[])
    sound, _ = read_account(company)
    account, issues = read_account(company | {kind: [body, *company[kind]]})
    assert only(issues) == Issue(f"unreadable_{kind}", message, ("x",))
    unread = frozenset({"x"} if kind == "subscription" else ())
    assert account == replace(sound, unread_subscriptions=unread)


@pytest.mark.parametrize("body", [None, [], "sub_1", 5, {}, {"id": 7}])
def test_what_is_no_object_at_all_is_left_out(body: Any) -> None:
    account, issues = read_account({"subscription": [body]})
    assert account.subscriptions == {}
    assert (only(issues).code, only(issues).subjects) == ("unreadable_subscription", ("without id",))


def test_an_unreadable_item_does_not_lose_its_subscription() -> None:
    account, issues = subscribed(item("si_x", TOW) | {"quantity": "many"})
    assert items_of(account) == ["si_sound"]
    assert only(issues) == Issue(
        "unreadable_subscription_item",
        "This subscription item cannot be read and is left out: Expected `int | null`, got `str` - at "
        "`$.quantity`.",
        ("si_x",),
    )


def test_an_unreadable_line_does_not_lose_its_invoice() -> None:
    raw = shapes.invoice("endive", discounts=[])
    sound, bad = raw["lines"]["data"][1], raw["lines"]["data"][0] | {"id": "il_x", "period": None}
    account, issues = read_account({"invoice": [raw | {"lines": {"data": [bad, sound]}}]})
    assert [line.id for line in account.invoices[0].lines] == ["il_credit"]
    assert (only(issues).code, only(issues).subjects) == ("unreadable_line", ("il_x",))


def test_an_unknown_interval() -> None:
    price = TOW | {"id": "price_x", "recurring": {"interval": "fortnight", "interval_count": 1}}
    account, issues = subscribed(item("si_x", price), prices=(TOW, price))
    assert items_of(account) == ["si_sound"]
    assert list(account.prices) == ["price_tow"]
    assert issues[0] == Issue(
        "unknown_interval",
        "A price has the unknown interval 'fortnight': what is billed on it is left out.",
        ("price_x",),
    )


def test_unknown_currencies_are_left_out_wherever_they_are() -> None:
    bodies = {
        "price": [TOW | {"id": "price_x", "currency": "zzy"}, TOW],
        "subscription": [shapes.subscription("endive", id="sub_x", currency="zzy", discounts=[])],
        "invoice": [shapes.invoice("endive", id="in_x", currency="zzy")],
        "invoiceitem": [shapes.pending_item("endive", id="ii_x", currency="zzy")],
        "credit_note": [shapes.company("endive")["credit_note"][0] | {"id": "cn_x", "currency": "zzy"}],
        "refund": [shapes.company("endive")["refund"][0] | {"id": "re_x", "currency": "zzy"}],
    }
    account, issues = read_account(bodies)
    assert {i.code for i in issues} == {"unknown_currency"}
    assert [i.subjects[0] for i in issues] == ["price_x", "sub_x", "in_x", "ii_x", "cn_x", "re_x"]
    assert issues[0].message == "A price has the unknown currency 'zzy': what is billed on it is left out."
    assert issues[1].message == "A subscription has the unknown currency 'zzy' and is left out."
    assert (account.subscriptions, account.invoices, account.pending, account.refunds) == ({}, (), (), ())
    assert list(account.prices) == ["price_tow"]


def test_a_price_without_an_amount() -> None:
    custom = TOW | {"id": "price_x", "unit_amount": None, "unit_amount_decimal": None}
    account, issues = subscribed(item("si_x", custom))
    assert items_of(account) == ["si_sound"]
    assert only(issues) == Issue(
        "price_without_amount",
        "A price has neither an amount nor tiers: the item is left out, the rest of its subscription stays.",
        ("price_x",),
    )
    metered = custom | {"recurring": {"interval": "month", "interval_count": 1, "usage_type": "metered"}}
    account, issues = subscribed(item("si_x", metered))
    assert (items_of(account), issues) == (["si_sound", "si_x"], [])


def test_an_amount_that_is_not_a_number() -> None:
    account, issues = subscribed(item("si_x", TOW | {"id": "price_x", "unit_amount_decimal": "NaN"}))
    assert items_of(account) == ["si_sound"]
    assert (issues[0].code, issues[0].subjects) == ("unreadable_price", ("price_x",))


def test_a_price_that_is_only_named_and_not_listed() -> None:
    account, issues = subscribed(item("si_x", "price_gone"), item("si_y", None))
    assert items_of(account) == ["si_sound"]
    assert only(issues) == Issue(
        "missing_price",
        "A subscription item's price is neither listed nor included in it: the item is left out, the rest "
        "of its subscription stays.",
        ("price_gone", "si_y"),
    )


def test_a_schedules_item_without_a_price() -> None:
    raw = shapes.schedule("endive")
    raw["phases"][0]["items"] = [{"quantity": 1}, {"price": "price_tow"}]
    account, issues = read_account({"coupon": [shapes.COUPON], "subscription_schedule": [raw]})
    assert [i.price for i in account.schedules["sub_sched_1"].phases[0].items] == ["price_tow"]
    assert (only(issues).code, only(issues).subjects) == ("missing_price", ("sub_sched_1",))


def test_a_price_in_another_currency_than_its_subscription() -> None:
    euro = TOW | {"id": "price_x", "currency": "eur"}
    account, issues = subscribed(item("si_x", euro))
    assert items_of(account) == ["si_sound"]
    assert (only(issues).code, only(issues).subjects) == ("missing_currency_option", ("price_x",))


def test_a_one_time_price_on_a_subscription() -> None:
    account, issues = subscribed(item("si_x", TOW | {"id": "price_x", "recurring": None}))
    assert items_of(account) == ["si_sound"]
    assert (only(issues).code, only(issues).subjects) == ("one_time_price", ("price_x",))


@pytest.mark.parametrize(
    "coupons", [[], [shapes.COUPON | {"percent_off": None}], [{"id": "HALF", "deleted": True}]]
)
def test_a_coupon_that_is_gone(coupons: list[Raw]) -> None:
    raw = shapes.subscription("endive")
    account, issues = read_account({"price": [TOW, shapes.CALLS], "coupon": coupons, "subscription": [raw]})
    found = account.subscriptions["sub_1"]
    assert (found.discounts, found.items[0].discounts, len(found.items)) == ((), (), 2)
    assert issues[-1] == Issue(
        "missing_coupon",
        "A discount's coupon is neither listed nor included (deleted at Stripe, or not readable): the "
        "discount is left out.",
        ("HALF",),
    )


@pytest.mark.parametrize(
    "terms", [{"percent_off": None}, {"percent_off": 101}, {"percent_off": "NaN"}, {"percent_off": -1}]
)
def test_a_coupon_that_takes_nothing_sensible_off(terms: Raw) -> None:
    _, issues = read_account({"coupon": [shapes.COUPON | terms]})
    assert (only(issues).code, only(issues).subjects) == ("unreadable_coupon", ("HALF",))


def test_a_discount_that_is_only_named() -> None:
    raw = shapes.subscription("endive", discounts=["di_x"])
    account, issues = read_account({"price": [TOW], "coupon": [shapes.COUPON], "subscription": [raw]})
    assert account.subscriptions["sub_1"].discounts == ()
    assert (only(issues).code, only(issues).subjects) == ("unknown_discount", ("di_x",))


def test_lists_that_are_cut_off() -> None:
    raw = shapes.subscription("endive")
    raw["items"]["has_more"] = True
    bill = shapes.invoice("endive", discounts=[shapes.discount("endive")])
    bill["lines"] = {"data": bill["lines"]["data"][1:2], "has_more": True}
    account, issues = read_account(shapes.company("endive", subscription=[raw], invoice=[bill]))
    assert only(issues) == Issue(
        "truncated_list",
        "A list inside an object is cut off and the rest of it is left out: fetch the list whole.",
        ("sub_1", "in_1"),
    )
    assert len(account.subscriptions["sub_1"].items) == 2
    assert len(account.invoices[0].lines) == 1


@pytest.mark.parametrize(("kept", "left_out"), [(True, "test"), (False, "live")])
def test_of_two_modes_the_rarer_is_left_out(kept: bool, left_out: str) -> None:
    customers = [
        shapes.customer("endive", id="cus_a", livemode=kept),
        shapes.customer("endive", id="cus_b", livemode=kept),
        shapes.customer("endive", id="cus_x", livemode=not kept),
    ]
    bill = shapes.invoice("endive", id="in_a", livemode=kept, discounts=[], lines={"data": []})
    other = bill | {"id": "in_x", "livemode": not kept}
    account, issues = read_account({"customer": customers, "invoice": [bill, other]})
    assert list(account.customers) == ["cus_a", "cus_b"]
    assert [i.id for i in account.invoices] == ["in_a"]
    assert only(issues) == Issue(
        "mixed_modes",
        f"Live-mode and test-mode objects are mixed: the {left_out}-mode ones are left out; connect one "
        "account in one mode.",
        ("cus_x", "in_x"),
    )
