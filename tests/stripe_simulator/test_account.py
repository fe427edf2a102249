"""What Stripe's list and retrieve endpoints answer about an account."""

from typing import Any

import pytest

from eqho.stripe_simulator.account import AccountError, StripeAccount
from eqho.stripe_simulator.calendar import DAY, instant
from tests.oracle.simulator import Simulator
from tests.stripe_simulator.simulated import monthly, starting

NOW = instant("2026-11-22")


def _customers(count: int) -> StripeAccount:
    """`cus_0` is the oldest; two are created in each second."""
    account = StripeAccount(NOW)
    for n in range(count):
        account.put("customer", {"id": f"cus_{n}", "object": "customer", "created": 1_000 + n // 2})
    return account


def _ids(page: dict[str, Any]) -> list[str]:
    return [body["id"] for body in page["data"]]


def test_lists_are_newest_first_and_paged_without_gap_or_repetition() -> None:
    account = _customers(25)
    first = account.list("customer")
    assert (len(first["data"]), first["has_more"], first["url"]) == (10, True, "/v1/customers")
    seen = _ids(first)
    while first["has_more"]:
        first = account.list("customer", starting_after=seen[-1])
        seen += _ids(first)
    assert seen == [f"cus_{n}" for n in range(24, -1, -1)]


def test_ending_before_gives_the_page_just_before() -> None:
    account = _customers(25)
    page = account.list("customer", limit=3, ending_before="cus_10")
    assert (_ids(page), page["has_more"]) == (["cus_13", "cus_12", "cus_11"], True)
    assert account.list("customer", limit=3, ending_before="cus_23")["has_more"] is False


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ({"gte": 1_002, "lt": 1_004}, ["cus_7", "cus_6", "cus_5", "cus_4"]),
        ({"gt": 1_002, "lte": 1_003}, ["cus_7", "cus_6"]),
        ({"gte": 1_004, "lt": 1_004}, []),
    ],
)
def test_created_bounds(created: dict[str, int], expected: list[str]) -> None:
    assert _ids(_customers(10).list("customer", created=created)) == expected


@pytest.mark.parametrize(
    ("kind", "arguments", "param"),
    [
        ("customer", {"limit": 101}, "limit"),
        ("customer", {"limit": 0}, "limit"),
        ("customer", {"starting_after": "cus_unknown"}, "starting_after"),
        ("customer", {"canceled_at": 1}, "canceled_at"),
        ("customer", {"created": {"before": 1}}, "created[before]"),
        ("customer", {"expand": ["discount"]}, "expand"),
        ("subscription", {"expand": ["data.items.data.discounts.source"]}, "expand"),
    ],
)
def test_wrong_parameters_are_refused(kind: str, arguments: dict[str, Any], param: str) -> None:
    with pytest.raises(AccountError) as refused:
        _customers(3).list(kind, **arguments)
    assert (refused.value.status, refused.value.param) == (400, param)


def test_an_unknown_kind_is_not_found() -> None:
    with pytest.raises(AccountError) as refused:
        _customers(1).list("unicorn")
    assert refused.value.status == 404


def test_what_is_handed_out_is_a_copy() -> None:
    account = _customers(1)
    account.list("customer")["data"][0]["created"] = 0
    assert account.retrieve("customer", "cus_0") == {"id": "cus_0", "object": "customer", "created": 1_000}


def test_putting_an_object_again_replaces_it_in_its_place() -> None:
    account = _customers(3)
    account.put("customer", {"id": "cus_1", "object": "customer", "created": 1_000, "name": "New"})
    assert _ids(account.list("customer")) == ["cus_2", "cus_1", "cus_0"]
    assert account.list("customer")["data"][1]["name"] == "New"


def _with_statuses() -> tuple[Simulator, dict[str, str]]:
    sim, who = starting("2026-04-01")
    price = monthly(sim, 10_000)
    subs = {
        "active": sim.subscribe(who, [(price, 1)]),
        "canceled": sim.subscribe(who, [(price, 1)]),
        "incomplete_expired": sim.subscribe(who, [(price, 1)], first_payment_fails=True),
        "trialing": sim.subscribe(who, [(price, 1)], trial_days=90),
    }
    sim.cancel(subs["canceled"])
    sim.advance(instant("2026-04-20"))
    return sim, subs


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, {"active", "incomplete_expired", "trialing"}),
        ("all", {"active", "canceled", "incomplete_expired", "trialing"}),
        ("ended", {"canceled", "incomplete_expired"}),
        ("canceled", {"canceled"}),
        ("trialing", {"trialing"}),
    ],
)
def test_subscriptions_without_status_all_omit_canceled_ones(status: str | None, expected: set[str]) -> None:
    sim, subs = _with_statuses()
    assert set(_ids(sim.account.list("subscription", status=status))) == {subs[name] for name in expected}


def test_filters_by_customer_subscription_pending_and_active() -> None:
    sim, who = starting("2026-04-01")
    price = monthly(sim, 10_000)
    sub = sim.subscribe(who, [(price, 1)])
    other = sim.subscribe(sim.create_customer("Fox", "a@fox.example"), [(price, 1)])
    sim.change_quantity(sub, 2)
    sim.archive_price(price)
    account = sim.account
    assert _ids(account.list("subscription", customer=who)) == [sub]
    assert len(account.list("invoice", subscription=other)["data"]) == 1
    assert len(account.list("invoiceitem", pending=True)["data"]) == 2
    assert account.list("invoiceitem", pending=False)["data"] == []
    assert (account.list("price", active=True)["data"], _ids(account.list("price"))) == ([], [price])


def test_nested_lists_are_cut_at_ten_and_paged_on_their_own() -> None:
    sim, who = starting("2026-04-01")
    sub = sim.subscribe(who, [(monthly(sim, 100 + n), 1) for n in range(23)])
    shown = sim.account.list("subscription")["data"][0]["items"]
    assert (len(shown["data"]), shown["has_more"]) == (10, True)
    invoice = sim.account.list("invoice")["data"][0]
    assert (len(invoice["lines"]["data"]), invoice["lines"]["has_more"]) == (10, True)
    rest = sim.account.nested(
        "invoice", invoice["id"], "lines", limit=100, starting_after=invoice["lines"]["data"][-1]["id"]
    )
    assert (len(rest["data"]), rest["has_more"]) == (13, False)
    assert [line["amount"] for line in rest["data"]] == [110 + n for n in range(13)]
    assert len(sim.account.retrieve("subscription", sub, complete=True)["items"]["data"]) == 23  # type: ignore[index]
    event = sim.account.list("event", type="invoice.created")["data"][0]
    assert event["data"]["object"]["lines"]["has_more"] is True


def test_tiers_and_applies_to_are_shown_only_when_expanded() -> None:
    sim, _ = starting("2026-04-01")
    product = sim.create_product("Trucks")
    tiers = [(5, 6_000, 9_900), (None, 4_500, 0)]
    price = sim.create_price(product, None, tiers=tiers, tiers_mode="graduated")
    sim.create_coupon("SEATS", percent=10, products=[product])
    assert "tiers" not in sim.account.list("price")["data"][0]
    assert [t["up_to"] for t in sim.account.list("price", expand=["data.tiers"])["data"][0]["tiers"]] == [
        5,
        None,
    ]
    assert "tiers" in (sim.account.retrieve("price", price, ["tiers"]) or {})
    assert "applies_to" not in sim.account.list("coupon")["data"][0]
    coupon = sim.account.list("coupon", expand=["data.applies_to"])["data"][0]
    assert coupon["applies_to"] == {"products": [product]}


def test_discounts_are_ids_until_they_and_their_coupons_are_expanded() -> None:
    sim, who = starting("2026-04-01")
    sim.create_coupon("HALF", percent="12.5")
    sim.subscribe(who, [(monthly(sim, 10_000), 1)], coupons=["HALF"], item_coupons=[(0, "HALF")])
    account = sim.account
    [discount_id] = account.list("subscription")["data"][0]["discounts"]
    assert discount_id.startswith("di_")
    [discount] = account.list("subscription", expand=["data.discounts"])["data"][0]["discounts"]
    assert discount["source"] == {"coupon": "HALF", "type": "coupon"}
    sim.delete_coupon("HALF")
    assert account.retrieve("coupon", "HALF") is None
    expand = ["data.discounts.source.coupon", "data.items.data.discounts"]
    body = account.list("subscription", expand=expand)["data"][0]
    assert body["discounts"][0]["source"]["coupon"]["percent_off"] == 12.5
    assert body["items"]["data"][0]["discounts"][0]["subscription_item"] == body["items"]["data"][0]["id"]


def test_inline_prices_are_retrieved_but_not_listed() -> None:
    sim, _ = starting("2026-04-01")
    inline = monthly(sim, 184_000, listed=False)
    assert sim.account.list("price")["data"] == []
    assert sim.account.retrieve("price", inline)["unit_amount"] == 184_000  # type: ignore[index]


def test_events_are_kept_for_thirty_days_and_filtered_by_type() -> None:
    sim, who = starting("2026-04-01")
    sim.subscribe(who, [(monthly(sim, 10_000), 1)])
    sim.advance(instant("2026-05-02"))
    recent = sim.account.list("event", limit=100)["data"]
    assert {event["created"] // DAY for event in recent} == {instant("2026-05-01") // DAY}
    assert [
        e["type"] for e in sim.account.list("event", types=["invoice.paid", "invoice.finalized"])["data"]
    ] == [
        "invoice.paid",
        "invoice.finalized",
    ]
    assert recent[0]["api_version"] == "2026-10-28.endive"
