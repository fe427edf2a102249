"""One company in three API shapes normalises to the same structs, and those say what the company is."""

from decimal import Decimal

import pytest

from eqho.billing.normalise import read_account
from eqho.billing.objects import (
    Coupon,
    CreditNote,
    Customer,
    Discount,
    Invoice,
    Item,
    Line,
    LineDiscount,
    Phase,
    PhaseItem,
    Price,
    Product,
    Refund,
    Schedule,
    Subscription,
)
from tests.billing import shapes
from tests.billing.shapes import FEB, JAN, MID, SHAPES, Shape

HALF = Coupon("HALF", "forever", Decimal(50), {}, frozenset({"prod_tow"}), "Half")
TOW = Price("price_tow", "prod_tow", "usd", Decimal(50_000))
CALLS = Price("price_calls", "prod_tow", "usd", Decimal("0.4"), metered=True)


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Shape:
    return request.param


def test_catalogue_and_customers(shape: Shape) -> None:
    account, _ = read_account(shapes.company(shape))
    assert account.products == {"prod_tow": Product("prod_tow", "TowPilot", True, {"a": "b"})}
    assert account.prices == {"price_tow": TOW, "price_calls": CALLS}
    assert account.customers == {
        "cus_1": Customer("cus_1", JAN, "Ann's Towing", "ann@example.com", {"tag": "tow"})
    }


def test_subscription(shape: Shape) -> None:
    account, issues = read_account(shapes.company(shape, invoice=[]))
    assert issues == []
    assert account.subscriptions["sub_1"] == Subscription(
        id="sub_1",
        customer="cus_1",
        status="active",
        currency="usd",
        items=(
            Item(
                id="si_tow",
                price=TOW,
                quantity=3,
                created=JAN,
                discounts=(Discount("di_item", HALF, JAN),),
                period_start=JAN,
                period_end=FEB,
                inclusive_tax_percent=Decimal(19),
            ),
            Item("si_calls", CALLS, None, JAN, (), JAN, FEB, Decimal(0)),
        ),
        created=JAN,
        start=JAN - 86_400,
        discounts=(Discount("di_1", HALF, JAN),),
        trial_start=JAN,
        trial_end=MID,
        cancel_at_period_end=True,
        canceled_at=MID,
        pause="void",
        pause_resumes_at=FEB,
        collection_method="send_invoice",
        schedule="sub_sched_1",
        latest_invoice="in_1",
    )


def test_invoice_and_its_lines(shape: Shape) -> None:
    account, issues = read_account(shapes.company(shape))
    facts = {"invoice": "in_1", "subscription": "sub_1", "product": "prod_tow", "currency": "usd"}
    tow = facts | {"item": "si_tow", "price": "price_tow", "unit_amount": Decimal(50_000), "end": FEB}
    half_off = LineDiscount(75_000, Discount("di_1", HALF, JAN))
    full = Line(
        id="il_full",
        quantity=Decimal(3),
        amount=150_000,
        start=JAN,
        proration=False,
        discounts=(half_off,),
        inclusive_tax=100,
        **tow,
    )
    credit = Line(
        id="il_credit",
        quantity=Decimal(1),
        amount=-25_000,
        start=MID,
        proration=True,
        inclusive_tax=100,
        credit=True,
        **tow,
    )
    extra = Line(
        id="il_extra",
        item=None,
        price="price_calls",
        quantity=None,
        unit_amount=Decimal("0.4"),
        amount=4_000,
        start=JAN,
        end=FEB,
        proration=False,
        discounts=(LineDiscount(10, None),),
        inclusive_tax=100,
        **facts,
    )
    assert account.invoices == (
        Invoice(
            id="in_1",
            customer="cus_1",
            subscription="sub_1",
            status="paid",
            currency="usd",
            created=JAN,
            lines=(full, credit, extra),
            billing_reason="subscription_cycle",
            number="A-1",
            finalized_at=JAN + 3_600,
            paid_at=JAN + 3_700,
            attempt_count=1,
            amount_due=54_000,
            amount_paid=54_000,
            total=54_000,
        ),
    )
    assert [(i.code, i.subjects) for i in issues] == [("unknown_line_discount", ("di_gone",))]


def test_pending_item(shape: Shape) -> None:
    account, _ = read_account(shapes.company(shape))
    assert account.pending == (
        Line(
            id="ii_1",
            invoice=None,
            subscription="sub_1",
            item="si_tow",
            price="price_tow",
            product="prod_tow",
            quantity=Decimal(1),
            unit_amount=Decimal(50_000),
            amount=25_000,
            currency="usd",
            start=MID,
            end=FEB,
            proration=True,
        ),
    )


def test_schedule_and_cash(shape: Shape) -> None:
    account, _ = read_account(shapes.company(shape))
    phase = Phase(JAN, FEB, (PhaseItem("price_tow", 2),), (Discount("HALF", HALF, JAN),))
    assert account.schedules == {"sub_sched_1": Schedule("sub_sched_1", "sub_1", (phase,), "active")}
    assert account.credit_notes == (CreditNote("cn_1", "in_1", "cus_1", "usd", 1_000, FEB, "issued"),)
    assert account.refunds == (Refund("re_1", 500, "usd", FEB, "succeeded", "ch_1"),)


def test_the_customers_discount_stands_in_where_the_subscription_has_none(shape: Shape) -> None:
    raw = shapes.subscription(shape, discount=None, discounts=[])
    for item in raw["items"]["data"]:
        item["discounts"] = []
    buyers = [shapes.customer(shape, discounted=True)]
    account, _ = read_account(shapes.company(shape, customer=buyers, subscription=[raw]))
    assert account.subscriptions["sub_1"].discounts == (Discount("di_customer", HALF, JAN),)

    with_item_discount = shapes.subscription(shape, discount=None, discounts=[])
    account, _ = read_account(shapes.company(shape, customer=buyers, subscription=[with_item_discount]))
    assert account.subscriptions["sub_1"].discounts == ()

    account, _ = read_account(shapes.company(shape, customer=buyers))
    assert account.subscriptions["sub_1"].discounts == (Discount("di_1", HALF, JAN),)


def test_the_three_shapes_are_one_account() -> None:
    accounts = [read_account(shapes.company(shape)) for shape in SHAPES]
    assert accounts[0] == accounts[1] == accounts[2]
