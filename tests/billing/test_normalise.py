"""The rules of the normaliser that do not depend on the API's version."""

import json
from decimal import Decimal
from pathlib import Path

from eqho.billing.normalise import read_account
from eqho.billing.objects import Customer, Discount
from tests.billing import shapes
from tests.billing.shapes import FEB, JAN, MID, TOW, Raw, subscribed, with_items

SHIPPED = Path(__file__).resolve().parent.parent / "fixtures" / "stripe_shapes" / "latest.json"


# Subscriptions


def test_no_quantity_is_one_unless_usage_is_metered() -> None:
    metered = shapes.CALLS
    account, _ = subscribed(with_items({"id": "a", "price": TOW}, {"id": "b", "price": metered}))
    assert [item.quantity for item in account.subscriptions["sub_1"].items] == [1, None]


def test_inclusive_rates_add_up_and_an_items_own_go_before_the_default() -> None:
    default = [{"inclusive": True, "percentage": 5}, {"inclusive": True, "percentage": "2.5"}]
    own = [{"inclusive": True, "percentage": 20, "effective_percentage": 19.6}]
    account, _ = subscribed(
        with_items(
            {"id": "a", "price": TOW}, {"id": "b", "price": TOW, "tax_rates": own}, default_tax_rates=default
        )
    )
    items = account.subscriptions["sub_1"].items
    assert [item.inclusive_tax_percent for item in items] == [Decimal("7.5"), Decimal("19.6")]


def test_expanded_objects_are_their_ids() -> None:
    raw = with_items(
        customer={"id": "cus_9", "object": "customer"},
        schedule={"id": "sub_sched_9"},
        latest_invoice={"id": "in_9"},
    )
    found = subscribed(raw)[0].subscriptions["sub_1"]
    assert (found.customer, found.schedule, found.latest_invoice) == ("cus_9", "sub_sched_9", "in_9")


def test_the_subscriptions_currency_is_its_prices_where_it_states_none() -> None:
    account, issues = subscribed(with_items({"id": "a", "price": TOW}, currency=None))
    assert (account.subscriptions["sub_1"].currency, issues) == ("usd", [])


def test_a_discount_named_by_id_is_found_where_it_is_included() -> None:
    listed = with_items({"id": "a", "price": TOW}, discounts=["di_customer"])
    buyers = [shapes.customer("endive", discounted=True)]
    account, issues = subscribed(listed, customer=buyers)
    assert issues == []
    assert [d.id for d in account.subscriptions["sub_1"].discounts] == ["di_customer"]


def test_the_same_discount_as_discount_and_in_discounts_counts_once() -> None:
    raw = with_items({"id": "a", "price": TOW}, discount=shapes.discount("acacia"), discounts=["di_1"])
    account, issues = subscribed(raw)
    assert [d.id for d in account.subscriptions["sub_1"].discounts] == ["di_1"]
    assert issues == []


# Invoices and pending items


def test_inclusive_tax_and_the_discounts_of_a_line_that_costs_nothing_are_not_said() -> None:
    raw = shapes.invoice("endive")
    nothing = {"taxes": None, "amount": 0, "discount_amounts": [{"amount": 0, "discount": "di_1"}]}
    line = raw["lines"]["data"][0] | nothing
    account, _ = read_account({"price": [TOW], "invoice": [raw | {"lines": {"data": [line]}}]})
    assert (account.invoices[0].lines[0].discounts, account.invoices[0].lines[0].inclusive_tax) == ((), 0)


def test_a_discount_for_which_another_left_nothing_is_said() -> None:
    raw = shapes.invoice("endive", discounts=["di_1"])
    line = raw["lines"]["data"][0] | {"discount_amounts": [{"amount": 0, "discount": "di_1"}]}
    bodies = shapes.company("endive", invoice=[raw | {"lines": {"data": [line]}}])
    account, _ = read_account(bodies)
    (part,) = account.invoices[0].lines[0].discounts
    assert (part.amount, part.discount and part.discount.id) == (0, "di_1")


def test_a_proration_gives_back_what_it_names_even_where_that_was_nothing() -> None:
    raw = shapes.invoice("endive")
    line = raw["lines"]["data"][1]
    details = line["parent"]["subscription_item_details"]
    given = {"credited_items": {"invoice": "in_0", "invoice_line_items": ["il_0"]}}
    back = line | {
        "amount": 0,
        "parent": line["parent"] | {"subscription_item_details": details | {"proration_details": given}},
    }
    charge = line | {"id": "il_charge", "amount": 0}
    lines = {"lines": {"data": [line, back, charge]}}
    account, _ = read_account({"price": [TOW], "invoice": [raw | lines]})
    assert [(told.amount, told.credit) for told in account.invoices[0].lines] == [
        (-25_000, True),
        (0, True),
        (0, False),
    ]


def test_a_lines_discount_is_found_on_the_line_the_invoice_or_the_subscription() -> None:
    found = {"amount": 5, "discount": "di_1"}
    raw = shapes.invoice("endive", discounts=["di_1"])
    bare = raw["lines"]["data"][0] | {"discount_amounts": [found]}
    own = bare | {"id": "il_own", "discounts": [shapes.discount("endive", end=FEB)]}
    bodies = shapes.company("endive", invoice=[raw | {"lines": {"data": [bare, own]}}])
    account, issues = read_account(bodies)
    ends = [line.discounts[0].discount for line in account.invoices[0].lines]
    assert [d and (d.id, d.end) for d in ends] == [("di_1", None), ("di_1", FEB)]
    assert issues == []


def test_an_invoice_of_old_without_a_status() -> None:
    paid, open_ = (
        shapes.invoice("acacia", id=i, status=None, paid=p) for i, p in (("in_a", True), ("in_b", False))
    )
    account, _ = read_account({"price": [TOW], "invoice": [paid, open_]})
    assert [i.status for i in account.invoices] == ["paid", "open"]


def test_an_object_that_comes_twice_counts_once() -> None:
    again = shapes.invoice("endive", number="A-2")
    account, _ = read_account(shapes.company("endive", invoice=[shapes.invoice("endive"), again]))
    assert [i.number for i in account.invoices] == ["A-2"]


def test_an_item_that_an_invoice_has_taken_up_is_no_longer_pending() -> None:
    account, issues = read_account(
        shapes.company("endive", invoice=[], invoiceitem=[shapes.pending_item("endive", invoice="in_1")])
    )
    assert (account.pending, issues) == ((), [])


# Schedules


def planned(discount: Raw, coupon: Raw = shapes.COUPON) -> tuple[Discount, ...]:
    raw = shapes.schedule("endive")
    raw["phases"][0]["discounts"] = [discount]
    account, _ = read_account({"coupon": [coupon], "subscription_schedule": [raw]})
    return account.schedules["sub_sched_1"].phases[0].discounts


def test_a_phases_discount_may_be_a_coupon_or_a_discount_expanded_or_not() -> None:
    assert [d.id for d in planned({"coupon": "HALF"})] == ["HALF"]
    assert [d.id for d in planned({"coupon": shapes.COUPON})] == ["HALF"]
    assert [d.id for d in planned({"discount": shapes.discount("endive")})] == ["di_1"]


def test_a_repeating_coupon_of_a_phase_ends_with_its_months() -> None:
    coupon = shapes.COUPON | {"duration": "repeating", "duration_in_months": 3}
    raw = shapes.schedule("endive")
    raw["phases"][0]["start_date"] = 1_764_504_000  # 2025-11-30 12:00
    account, _ = read_account({"coupon": [coupon], "subscription_schedule": [raw]})
    ends = [d.end for d in account.schedules["sub_sched_1"].phases[0].discounts]
    assert ends == [1_772_280_000]  # 2026-02-28 12:00


def test_a_released_schedule_says_nothing_from_then_on() -> None:
    raw = shapes.schedule("endive", subscription=None, released_subscription="sub_1", released_at=MID)
    raw["phases"].append(raw["phases"][0] | {"start_date": FEB, "end_date": FEB + 86_400})
    account, _ = read_account({"coupon": [shapes.COUPON], "subscription_schedule": [raw]})
    schedule = account.schedules["sub_sched_1"]
    assert schedule.subscription == "sub_1"
    assert [(phase.start, phase.end) for phase in schedule.phases] == [(JAN, MID)]


def test_a_phases_item_without_a_quantity_is_one_unless_metered() -> None:
    raw = shapes.schedule("endive")
    raw["phases"][0]["items"] = [{"price": {"id": "price_tow"}}, {"plan": "price_calls"}]
    account, _ = read_account({"price": [TOW, shapes.CALLS], "subscription_schedule": [raw]})
    items = account.schedules["sub_sched_1"].phases[0].items
    assert [(item.price, item.quantity) for item in items] == [("price_tow", 1), ("price_calls", None)]


# Customers and events


def test_a_deleted_customer_is_kept() -> None:
    stub = {"id": "cus_1", "object": "customer", "deleted": True}
    whole = shapes.customer("endive", id="cus_2", deleted=True)
    account, issues = read_account({"customer": [stub, whole]})
    assert issues == []
    assert account.customers["cus_1"] == Customer("cus_1", 0, deleted=True)
    assert account.customers["cus_2"].deleted
    assert account.customers["cus_2"].name == "Ann's Towing"


def test_the_stub_of_a_deleted_product_or_price_says_nothing() -> None:
    stub = {"id": "x", "deleted": True}
    account, issues = read_account({"product": [stub], "price": [stub], "coupon": [stub]})
    assert (account.products, account.prices, issues) == ({}, {}, [])


def test_events_of_subscriptions_are_snapshots_in_any_shape() -> None:
    discounted = with_items({"id": "a", "price": TOW}, discounts=["di_9"])
    events = [
        {
            "id": "evt_2",
            "type": "customer.subscription.updated",
            "created": FEB,
            "data": {"object": discounted},
        },
        {
            "id": "evt_1",
            "type": "customer.subscription.created",
            "created": JAN,
            "data": {"object": shapes.subscription("acacia", status="trialing")},
        },
        {
            "id": "evt_0",
            "type": "customer.discount.created",
            "created": FEB,
            "data": {"object": shapes.discount("endive", "di_9")},
        },
        {"id": "evt_3", "type": "invoice.paid", "created": FEB, "data": {"object": {"id": "in_1"}}},
    ]
    account, issues = read_account({"price": [TOW, shapes.CALLS], "coupon": [shapes.COUPON], "event": events})
    assert issues == []
    assert [(s.at, s.subscription.status) for s in account.snapshots] == [(JAN, "trialing"), (FEB, "active")]
    assert [d.id for d in account.snapshots[1].subscription.discounts] == ["di_9"]


# Stripe's own fixtures


def test_every_object_of_stripes_own_fixtures_is_read() -> None:
    shipped = json.loads(SHIPPED.read_text())
    kinds = ("product", "price", "coupon", "customer", "subscription", "subscription_schedule", "invoice")
    account, issues = read_account(
        {kind: [shipped[kind]] for kind in (*kinds, "invoiceitem", "credit_note", "refund", "event")}
    )
    assert {i.code for i in issues} == {"missing_coupon"}  # its discount's source names no coupon
    assert account.prices["price_1PgafmB7WZ01zgkW6dKueIc5"].unit_amount == Decimal(2000)
    (subscription,) = account.subscriptions.values()
    assert [(i.id, i.quantity) for i in subscription.items] == [("si_QXhVnC2h0Jczwc", 1)]
    assert subscription.pause == "mark_uncollectible"
    assert [(line.amount, line.proration) for line in account.invoices[0].lines] == [(1000, True)]
    assert [(line.id, line.quantity) for line in account.pending] == [
        ("ii_1Pgc6sB7WZ01zgkWrG16hkdl", Decimal(174352450))
    ]
    assert [(note.amount, note.status) for note in account.credit_notes] == [(1690, "issued")]
    assert [refund.amount for refund in account.refunds] == [100]
    assert len(account.schedules) == len(account.customers) == len(account.products) == 1
