import bson
import stripe as sdk

from eqho.sources.base import KINDS, pages
from eqho.sources.stripe.client import API_VERSION
from tests.services.plain_account import DAY, NOW, change, customer, invoice, price, subscription
from tests.services.stripe_server import StripeServer
from tests.sources.stripe.patient import ids, source


def test_the_pinned_version_is_the_one_the_sdk_was_made_for() -> None:
    assert API_VERSION == sdk.api_version == "2026-10-28.endive"


# Lists


def test_every_object_comes_once_newest_first_a_hundred_a_page(stripe: StripeServer) -> None:
    coming = list(pages(source(stripe), "invoice", NOW))
    assert [len(page.objects) for page in coming] == [100, 100, 100, 100, 100]
    assert [page.last for page in coming] == [False, False, False, False, True]
    created = [body["created"] for page in coming for body in page.objects]
    assert created == sorted(created, reverse=True)
    assert len({body["id"] for page in coming for body in page.objects}) == 500
    assert len(stripe.requests) == 5


def test_a_list_can_be_gone_on_with_behind_an_id(stripe: StripeServer) -> None:
    everything = ids(source(stripe), "customer")
    behind = source(stripe).page("customer", 0, NOW, everything[99])
    assert [body["id"] for body in behind.objects] == everything[100:200]
    assert not behind.last


def test_a_window_holds_what_was_created_in_it(stripe: StripeServer) -> None:
    assert source(stripe).splits
    page = source(stripe).page("customer", NOW - 100 * DAY, NOW - 50 * DAY, None)
    assert page.last
    assert 0 < len(page.objects) < 100
    assert all(NOW - 100 * DAY <= body["created"] < NOW - 50 * DAY for body in page.objects)


def test_the_requests_name_version_status_and_expansions(stripe: StripeServer) -> None:
    reader = source(stripe)
    for kind in KINDS:
        list(pages(reader, kind, NOW))
    first = {request.path.removeprefix("/v1/"): request.query for request in reversed(stripe.requests)}
    assert first["subscriptions"]["status"] == "all"
    assert first["subscriptions"]["expand"] == ["data.discounts.source.coupon", "data.items.data.discounts"]
    assert first["invoices"]["expand"] == ["data.discounts.source.coupon", "data.lines.data.discounts"]
    assert first["prices"]["expand"] == ["data.tiers", "data.currency_options"]
    assert "active" not in first["prices"]
    assert first["coupons"]["expand"] == ["data.applies_to"]
    assert first["invoiceitems"]["pending"] == "true"
    assert all(query["limit"] == "100" for query in first.values())
    assert all(query["created"] == {"lt": str(NOW)} for query in first.values())
    assert {request.headers["Stripe-Version"] for request in stripe.requests} == {API_VERSION}


def test_ended_subscriptions_and_inactive_prices_are_listed(stripe: StripeServer) -> None:
    stripe.account.put("subscription", subscription(900, NOW - DAY, status="canceled", ended_at=NOW - 9))
    stripe.account.put("price", {**price(9), "active": False})
    assert "sub_000900" in ids(source(stripe), "subscription")
    assert "price_9" in ids(source(stripe), "price")


def test_nested_lists_are_complete(stripe: StripeServer) -> None:
    stripe.account.put("subscription", subscription(901, NOW - 60, items=14))
    stripe.account.put("invoice", invoice(901, 1, NOW - DAY, lines=230))
    reader = source(stripe)
    newest = next(pages(reader, "subscription", NOW)).objects[0]
    assert [item["id"] for item in newest["items"]["data"]] == [f"si_000901_{n}" for n in range(14)]
    assert newest["items"]["has_more"] is False
    stripe.requests.clear()
    newest = reader.retrieve("invoice", "in_000901")
    assert newest is not None
    assert [line["id"] for line in newest["lines"]["data"]] == [f"il_000901_{n}" for n in range(230)]
    assert len(stripe.requests) == 4  # the invoice, then lines 11–110, 111–210, 211–230


def test_numbers_with_a_fraction_stay_exact_strings_that_bson_takes(stripe: StripeServer) -> None:
    coupon = {
        "id": "TEN",
        "object": "coupon",
        "percent_off": 33.333333,
        "created": NOW - DAY,
        "livemode": False,
    }
    stripe.account.put("coupon", coupon)
    found = source(stripe).retrieve("coupon", "TEN")
    assert found is not None
    assert found["percent_off"] == "33.333333"
    assert bson.decode(bson.encode(found)) == found


def test_a_deleted_cursor_object_is_stepped_over(stripe: StripeServer) -> None:
    """Stripe answers 400 to `starting_after` an object that is gone."""
    reader = source(stripe)
    coming = pages(reader, "customer", NOW)
    first = next(coming).objects
    stripe.account.remove("customer", first[-1]["id"])
    rest = [body["id"] for page in coming for body in page.objects]
    assert sorted([*(body["id"] for body in first), *rest]) == [f"cus_{n:06}" for n in range(250)]


# Single objects


def test_retrieve_gives_the_object_as_it_is_now_or_none(stripe: StripeServer) -> None:
    reader = source(stripe)
    found = reader.retrieve("customer", "cus_000007")
    assert found is not None
    assert found["name"] == "Customer 7"
    assert reader.retrieve("customer", "cus_unknown") is None
    stripe.account.remove("customer", "cus_000007")
    assert reader.retrieve("customer", "cus_000007") == {
        "id": "cus_000007",
        "object": "customer",
        "deleted": True,
    }


def test_ids_are_data_not_paths(stripe: StripeServer) -> None:
    odd = {"id": "SPRING 50/50?", "object": "coupon", "created": NOW - DAY, "livemode": False}
    stripe.account.put("coupon", odd)
    found = source(stripe).retrieve("coupon", "SPRING 50/50?")
    assert found is not None
    assert found["id"] == "SPRING 50/50?"
    assert source(stripe).retrieve("coupon", "../customers/cus_000001") is None


# Events


def test_events_come_newest_first_in_one_request_where_little_happened(stripe: StripeServer) -> None:
    for number in range(3):
        change(stripe.account, "customer", customer(number, NOW - DAY), "customer.updated", NOW - 30 + number)
    assert [event["id"] for event in source(stripe).events(NOW - 60)] == [
        "evt_000003",
        "evt_000002",
        "evt_000001",
    ]
    assert len(stripe.requests) == 1


def test_many_events_are_read_a_hundred_at_a_time(stripe: StripeServer) -> None:
    for number in range(450):
        at = NOW - 3 * DAY + number * 500
        change(stripe.account, "customer", customer(1, NOW - DAY), "customer.updated", at)
    found = [event["id"] for event in source(stripe).events(NOW - 3 * DAY)]
    assert found == [f"evt_{number:06}" for number in range(450, 0, -1)]
    assert len(stripe.requests) == 5


def test_events_of_some_types_only(stripe: StripeServer) -> None:
    change(stripe.account, "customer", customer(1, NOW - DAY), "customer.updated", NOW - 30)
    change(stripe.account, "customer", customer(1, NOW - DAY), "customer.deleted", NOW - 20)
    found = source(stripe).events(NOW - 60, ["customer.deleted", "coupon.deleted"])
    assert [event["id"] for event in found] == ["evt_000002"]


def test_the_clock_is_that_of_the_server(stripe: StripeServer) -> None:
    stripe.now = NOW + 7_777
    reader = source(stripe)
    assert reader.now is None
    list(reader.events(NOW))
    assert reader.now is not None
    assert NOW + 7_777 <= reader.now <= NOW + 7_777 + 60
