from pathlib import Path

from tests.services.plain_account import (
    DAY,
    NOW,
    change,
    customer,
    invoice,
    pending_item,
    plain_account,
    price,
    subscription,
)
from tests.sync.rig import mirror, rig


def line_with_price(number: int, price_id: str, product_id: str = "prod_1") -> dict[str, object]:
    body = invoice(number, 1, NOW - 90)
    for line in body["lines"]["data"]:
        line["pricing"]["price_details"] = {"price": price_id, "product": product_id}
    return body


def test_an_inline_price_that_no_list_holds_is_fetched_by_id(tmp_path: Path) -> None:
    account = plain_account(5, 1)
    account.put("price", price(50), listed=False)
    account.put("invoice", line_with_price(500, "price_50"))
    account.put("invoice", line_with_price(501, "price_50"))
    with rig(account, tmp_path) as r:
        r.run()
        assert r.asked["prices/price_50"] == 1
        assert "price_50" in mirror(r.store)["price"]
        # A full pull does not take it for deleted, nor ask again.
        r.run(after=DAY)
        assert "prices/price_50" not in r.asked
        assert "price_50" in mirror(r.store)["price"]


def test_a_price_that_stands_in_the_subscription_costs_no_request(tmp_path: Path) -> None:
    account = plain_account(5, 1)
    body = subscription(500, NOW - 90)
    body["items"]["data"][0]["price"] = price(51)
    account.put("subscription", {**body, "customer": "cus_000001"})
    with rig(account, tmp_path) as r:
        r.run()
        assert "prices/price_51" not in r.asked
        assert mirror(r.store)["price"]["price_51"]["unit_amount"] == 10_000


def test_a_tiered_price_is_fetched_for_its_tiers(tmp_path: Path) -> None:
    account = plain_account(5, 1)
    tiers = [{"up_to": None, "unit_amount": 500, "flat_amount": None}]
    tiered = {**price(52), "billing_scheme": "tiered", "tiers_mode": "graduated"}
    account.put("price", {**tiered, "tiers": tiers}, listed=False)
    body = subscription(500, NOW - 90)
    body["items"]["data"][0]["price"] = tiered
    account.put("subscription", {**body, "customer": "cus_000001"})
    with rig(account, tmp_path) as r:
        r.run()
        assert r.asked["prices/price_52"] == 1
        assert mirror(r.store)["price"]["price_52"]["tiers"] == tiers


def test_what_stripe_does_not_know_is_asked_for_once_until_the_next_full_pull(tmp_path: Path) -> None:
    account = plain_account(5, 1)
    account.put("invoice", line_with_price(500, "price_gone", "prod_gone"))
    with rig(account, tmp_path) as r:
        r.run()
        assert (r.asked["prices/price_gone"], r.asked["products/prod_gone"]) == (1, 1)
        r.pass_time(900)
        change(account, "invoice", line_with_price(500, "price_gone", "prod_gone"), "invoice.updated")
        r.run()
        assert r.asked == {"events": 1, "invoices/in_000500": 1}
        r.run(after=DAY)
        assert r.asked["prices/price_gone"] == 1


def test_a_deleted_customer_is_known_as_deleted(tmp_path: Path) -> None:
    account = plain_account(5, 1)
    account.remove("customer", "cus_000003")
    with rig(account, tmp_path) as r:
        r.run()
        assert r.asked["customers/cus_000003"] == 1
        assert "cus_000003" not in mirror(r.store)["customer"]
        assert r.store.get_object("customer", "cus_000003") == {
            "id": "cus_000003",
            "object": "customer",
            "deleted": True,
        }
        r.run(after=DAY)
        assert "customers/cus_000003" not in r.asked


def test_a_deleted_coupon_lives_on_in_the_discount_that_holds_it(tmp_path: Path) -> None:
    account = plain_account(5, 1)
    coupon = {"id": "OLD", "object": "coupon", "percent_off": 25, "created": NOW - DAY, "livemode": False}
    discount = {"id": "di_1", "object": "discount", "source": {"type": "coupon", "coupon": coupon}}
    account.put("subscription", subscription(1, NOW - DAY, discounts=[discount]))
    with rig(account, tmp_path) as r:
        r.run()
        assert r.asked["coupons/OLD"] == 1
        assert mirror(r.store)["coupon"] == {}
        kept = r.store.get_object("coupon", "OLD")
        assert kept is not None
        assert kept["percent_off"] == 25


def test_prices_of_one_off_lines_are_not_worth_a_request(tmp_path: Path) -> None:
    account = plain_account(5, 1)
    body = line_with_price(500, "price_once")
    body["lines"]["data"][0]["parent"] = {  # type: ignore[index]
        "type": "invoice_item_details",
        "invoice_item_details": {"invoice_item": "ii_9", "subscription": None},
    }
    account.put("invoice", body)
    with rig(account, tmp_path) as r:
        r.run()
        assert "prices/price_once" not in r.asked


def test_a_new_subscription_brings_its_new_price_and_product(tmp_path: Path) -> None:
    """Created between two polls, with only the subscription's event seen so far."""
    account = plain_account(5, 1)
    with rig(account, tmp_path) as r:
        r.run()
        r.pass_time(900)
        account.put("product", {"id": "prod_2", "object": "product", "name": "FleetDesk", "created": NOW})
        account.put("customer", customer(900, r.now))
        account.put("invoiceitem", pending_item(1, 900, r.now))
        body = subscription(900, r.now)
        body["items"]["data"][0]["price"] = {**price(60), "product": "prod_2"}
        change(account, "subscription", body, "customer.subscription.created")
        r.run()
        found = mirror(r.store)
        assert found["price"]["price_60"]["product"] == "prod_2"
        assert found["product"]["prod_2"]["name"] == "FleetDesk"
        assert found["customer"]["cus_000900"]["name"] == "Customer 900"
