"""What can go wrong outside: each gets a sentence that says what to do, and the rest goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import KEY, Dashboard, free_port
from tests.acceptance.stripe_objects import Billed, Company, Sold, sold
from tests.services.mongod import Mongod
from tests.services.plain_account import plain_account
from tests.services.stripe_server import StripeServer, stripe_server

UNREACHABLE = "does not answer: check the network, a proxy, and STRIPE_API_BASE if it is set."


@pytest.fixture
def account() -> StripeAccount:
    """Three customers at $100 a month."""
    return plain_account(3)


@pytest.fixture
def stripe(account: StripeAccount) -> Iterator[StripeServer]:
    with stripe_server(account, KEY) as server:
        yield server


def assert_nothing_is_served_but(dashboard: Dashboard, sentence: str) -> None:
    """503 with the sentence in the API, and the same reason in `/health`."""
    assert dashboard.refused() == (503, sentence)
    status, health = dashboard.health()
    assert (status, health["status"], health["reason"]) == (503, "starting", sentence)


def issues(document: Any) -> list[tuple[str, int, str]]:
    return sorted((issue["code"], issue["count"], issue["message"]) for issue in document["issues"])


def test_a_wrong_key(run: Run, stripe: StripeServer) -> None:
    dashboard = run(STRIPE_API_BASE=stripe.url, STRIPE_SECRET_KEY="rk_test_somebody_elses_1234")
    assert_nothing_is_served_but(
        dashboard,
        "Stripe refuses the key ending in 1234: set STRIPE_SECRET_KEY to a valid restricted key (rk_…) of "
        "your account.",
    )
    assert "somebody_elses" not in dashboard.log


def test_a_key_that_may_not_read_subscriptions(run: Run, stripe: StripeServer) -> None:
    stripe.denied = {"subscription"}
    assert_nothing_is_served_but(
        run(**of_stripe(stripe)),
        "Stripe does not let the key ending in ance read Subscriptions: give it the permission "
        "rak_subscription_read, as Stripe calls it (“Subscriptions: Read” in Stripe's dashboard under "
        "Developers → API keys).",
    )


def test_a_key_that_may_not_read_invoices_and_coupons(run: Run, stripe: StripeServer) -> None:
    """Today's numbers are right without them; what is lost is named."""
    stripe.denied = {"invoice", "invoiceitem", "coupon"}
    found = run(**of_stripe(stripe)).get("metrics/towpilot")
    assert found["revenue_metrics"]["mrr"] == 300.0
    messages = [i["message"] for i in found["issues"] if i["code"] == "missing_permission"]
    assert messages == [
        f"Stripe does not let the key ending in ance read {name}: give it the permission rak_{right}_read, "
        f"as Stripe calls it (“{name}: Read” in Stripe's dashboard under Developers → API keys). Until then "
        f"missing: {lost}."
        for name, right, lost in (
            ("Coupons", "coupon", "discounts limited to some products"),
            ("Invoices", "invoice", "history before today, movements, retention and cohorts"),
            ("Invoice items", "invoice_item", "the dates of changes made since the last invoice"),
        )
    ]


def test_stripe_cannot_be_reached(run: Run) -> None:
    port = free_port()
    dashboard = run(STRIPE_API_BASE=f"http://127.0.0.1:{port}", STRIPE_SECRET_KEY=KEY)
    assert_nothing_is_served_but(dashboard, f"Stripe (127.0.0.1:{port}) {UNREACHABLE}")


def test_a_page_that_is_not_json(run: Run, stripe: StripeServer) -> None:
    """During a later refresh: what was served stays, and the reason is told."""
    dashboard = run(**of_stripe(stripe))
    assert dashboard.get("metrics/towpilot")["revenue_metrics"]["mrr"] == 300.0
    stripe.faults.plan("not json", "/v1/events", times=1_000)
    sentence = (
        f"Stripe (127.0.0.1:{stripe.port}), asked for the list of events, sent an answer that is not JSON; "
        "try again later."
    )
    failed = dashboard.refresh()
    assert (failed.status_code, failed.json()["detail"]) == (503, sentence)
    found = dashboard.get("metrics/towpilot")
    assert found["revenue_metrics"]["mrr"] == 300.0
    assert (found["provenance"]["stale"], found["provenance"]["stale_reason"]) == (True, sentence)
    assert dashboard.health()[1]["reason"] == sentence


def test_a_page_that_is_not_json_at_the_first_sync(run: Run, stripe: StripeServer) -> None:
    stripe.faults.plan("truncated", "/v1/customers", times=1_000)
    sentence = f"Stripe (127.0.0.1:{stripe.port}), asked for the list of customers, cuts its answer short: "
    dashboard = run(**of_stripe(stripe))
    status, detail = dashboard.refused()
    assert status == 503
    assert detail.startswith(sentence)


def test_objects_that_cannot_be_valued_are_left_out_and_named(run: Run) -> None:
    """One sound subscription of $100 among those that nobody can value."""
    with stripe_server(_defective_company().account, KEY) as server:
        found = run(**of_stripe(server)).get("metrics/towpilot")
    # $100, $30 whose price is deleted but still stands in the subscription, and $2 as they were billed: the
    # tiers are gone with their price.
    assert (found["revenue_metrics"]["mrr"], found["customer_metrics"]["customers"]) == (132.0, 3)
    rest = "the item is left out, the rest of its subscription stays."
    assert issues(found) == [
        (
            "missing_price", 1,
            f"A subscription item's price is neither listed nor included in it: {rest}",
        ),
        ("price_without_amount", 1, f"A price has neither an amount nor tiers: {rest}"),
        ("unknown_currency", 1, "A price has the unknown currency 'zzz': what is billed on it is left out."),
        ("unknown_currency", 1, "A subscription has the unknown currency 'zzz' and is left out."),
        ("unknown_currency", 3, "An invoice has the unknown currency 'zzz' and is left out."),
        (
            "unknown_interval", 1,
            "A price has the unknown interval 'fortnight': what is billed on it is left out.",
        ),
        (
            "unreadable_subscription", 1,
            "This subscription cannot be read and is left out: Invalid enum value 'who knows' - at "
            "`$.status`.",
        ),
    ]  # fmt: skip


def _defective_company() -> Company:
    company = Company()
    tow = company.product("prod_tow", "TowPilot")
    company.buys("sound", sold(company.price("price_sound", tow, 10_000), 10_000))
    fortnight = company.price("price_fortnight", tow, 7_000)
    recurring = fortnight["recurring"] | {"interval": "fortnight"}
    fortnight = company.price("price_fortnight", tow, 7_000, recurring=recurring)
    company.buys("fortnightly", sold(fortnight, 7_000))
    company.buys("foreign", sold(company.price("price_zzz", tow, 5_000, currency="zzz"), 5_000))
    company.buys("worthless", sold(company.price("price_null", tow, None), 4_000))
    deleted = company.price("price_deleted", tow, 3_000)
    company.buys("deleted", sold(deleted, 3_000))
    tiers = [{"up_to": None, "unit_amount": 100, "unit_amount_decimal": "100", "flat_amount": None}]
    tiered = company.price(
        "price_tiers_deleted", tow, None, billing_scheme="tiered", tiers_mode="volume", tiers=tiers
    )
    company.buys("tiers-deleted", Sold(tiered, 2, (Billed(200, 2),)))
    for price in (deleted, tiered):
        company.account.remove("price", price["id"])
    broken = company.buys("broken", sold(company.price("price_broken", tow, 2_000), 2_000))
    broken["status"] = "who knows"
    return company


def test_an_unknown_product_names_the_known_ones(known: Dashboard) -> None:
    for path in ("metrics/tow-pilot", "history/tow-pilot", "customers/tow-pilot", "cohorts/tow-pilot"):
        assert known.refused(path) == (
            404,
            "There is no product 'tow-pilot'; the products are towpilot, all-products, fleetdesk, roadcall, "
            "other, unmapped.",
        )
    answer = known.ask("POST", "/api/v1/cache/refresh/tow-pilot")
    assert answer.status_code == 404


def test_a_wrong_password_for_mongodb(
    run: Run, stripe: StripeServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = Mongod(tmp_path_factory.mktemp("guarded"), "--auth").start()
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(server.url)
        with client:
            client.admin.command("createUser", "eqho", pwd="right", roles=["root"])
        host = server.url.removeprefix("mongodb://")
        dashboard = run(
            **of_stripe(stripe), MONGODB_URL=f"mongodb://eqho:planted-password@{host}/?authSource=admin"
        )
        assert_nothing_is_served_but(
            dashboard,
            f"MongoDB at {host} refused the user name or the password: correct them in MONGODB_URL.",
        )
        assert "planted-password" not in dashboard.log
        assert "Traceback" not in dashboard.log
    finally:
        server.stop()


def test_a_user_who_may_use_one_database_only_is_enough(
    run: Run, stripe: StripeServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The role of docs/mongodb/least_privilege.js, from the first refresh to the next start."""
    server = Mongod(tmp_path_factory.mktemp("guarded"), "--auth").start()
    try:
        first: MongoClient[dict[str, Any]] = MongoClient(server.url)
        with first:
            first.admin.command("createUser", "eqho", pwd="right", roles=["root"])
        host = server.url.removeprefix("mongodb://")
        owner: MongoClient[dict[str, Any]] = MongoClient(f"mongodb://eqho:right@{host}/")
        with owner:
            roles = [{"role": "readWrite", "db": "eqho_metrics"}]
            owner["eqho_metrics"].command("createUser", "eqho_dashboard", pwd="its own", roles=roles)
        url = f"mongodb://eqho_dashboard:its%20own@{host}/?authSource=eqho_metrics"
        dashboard = run(**of_stripe(stripe), MONGODB_URL=url)
        assert dashboard.get("metrics/towpilot")["revenue_metrics"]["mrr"] == 300.0
        assert dashboard.ask("POST", "/api/v1/cache/clear").status_code == 200
        assert dashboard.refresh().status_code == 200
        dashboard.restart()
        found = dashboard.get("metrics/towpilot")
        assert (found["revenue_metrics"]["mrr"], found["provenance"]["tier"]) == (300.0, "L2")
        assert dashboard.health()[1]["status"] == "healthy"
        assert " WARNING " not in dashboard.log.replace("WHOEVER REACHES", "")
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"CACHE_TTL": "soon"},
            "CACHE_TTL is 'soon': allowed is a whole number of seconds from 1 to 86400.",
        ),
        (
            {"MONGODB_URL": "localhost:27017"},
            "MONGODB_URL does not begin with mongodb:// or mongodb+srv:// and a host: allowed is "
            "mongodb://host:port/… or mongodb+srv://host/….",
        ),
        (
            {"MONGODB_URL": "mongodb://eqho:planted@pass/word@127.0.0.1:1/"},
            "MONGODB_URL cannot be read: write it as mongodb://user:password@host:27017/?authSource=admin, "
            "with the special characters of the password percent-encoded.",
        ),
        (
            {"STRIPE_SECRET_KEY": "pk_test_planted"},
            "STRIPE_SECRET_KEY is a publishable key (pk_…), which cannot read anything: allowed is a "
            "restricted key (rk_…) or a secret key (sk_…).",
        ),
        (
            {"EQHO_SOURCE": "supabase", "SUPABASE_URL": "http://127.0.0.1:1"},
            "EQHO_SOURCE is 'supabase' but SUPABASE_KEY is not set: set it, or choose auto or demo.",
        ),
    ],
    ids=["ttl", "mongodb scheme", "mongodb password", "publishable key", "supabase"],
)
def test_a_setting_that_cannot_be_used_stops_the_start_with_one_sentence(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    code, stderr = Dashboard(tmp_path, **settings).fails_to_start()
    assert (code, stderr) == (1, sentence + "\n")
