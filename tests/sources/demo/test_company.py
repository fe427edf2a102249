"""The demo company: always the same, never rewriting its past, with every edge of Stripe's billing in it."""

import time
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from eqho.sources.base import KINDS, Page, pages
from eqho.sources.demo import DemoSource
from eqho.sources.demo.company import EPOCH, INTERNAL_EMAIL_DOMAIN
from eqho.stripe_simulator.calendar import DAY, instant
from tests.oracle.simulator import Simulator, build_company
from tests.oracle.truth import Fact

Raw = dict[str, Any]
NOW = instant("2026-11-22T12:00:00")


@pytest.fixture(scope="module")
def company() -> Simulator:
    return build_company(NOW)


@pytest.fixture(scope="module")
def objects(company: Simulator) -> dict[str, list[Raw]]:
    expand = {
        "price": ["data.tiers"],
        "coupon": ["data.applies_to"],
        "subscription": ["data.discounts.source.coupon", "data.items.data.discounts"],
    }
    found = {kind: list(company.account.every(kind, expand.get(kind, ()))) for kind in KINDS}
    found["subscription"] = list(company.account.every("subscription", expand["subscription"], status="all"))
    found["line"] = [line for bill in found["invoice"] for line in bill["lines"]["data"]]
    found["item"] = [item for sub in found["subscription"] for item in sub["items"]["data"]]
    return found


WORDS = {"tow": "TowPilot", "fleet": "FleetDesk", "roadcall": "RoadCall"}


def _line_of(product: Raw, customer: Raw) -> str:
    """Metadata of the product, then its name, then the customer's tag."""
    texts = (
        product["metadata"].get("product_line", ""),
        product["name"],
        customer["metadata"].get("tag", ""),
    )
    return next((line for text in texts for word, line in WORDS.items() if word in text.lower()), "unmapped")


def _history(facts: list[Fact], until: int) -> list[tuple[Any, ...]]:
    """What was true before `until`: states as they began, without what ended them later."""
    return [
        (
            f.subscription,
            f.item,
            f.price,
            f.quantity,
            f.state,
            f.start,
            f.net_eqho,
            min(f.end or until, until),
        )
        for f in facts
        if f.start < until
    ]


def test_it_is_the_same_company_every_time(company: Simulator) -> None:
    again = build_company(NOW)
    for kind in (*KINDS, "event"):
        assert list(again.account.every(kind)) == list(company.account.every(kind))
    assert again.truth.facts() == company.truth.facts()


@pytest.mark.parametrize("later", [1, DAY, 31 * DAY, 400 * DAY])
def test_its_past_does_not_change_when_now_moves(company: Simulator, later: int) -> None:
    moved = build_company(NOW + later)
    assert _history(moved.truth.facts(), NOW) == _history(company.truth.facts(), NOW)
    for kind in ("customer", "subscription", "invoice", "credit_note"):
        filters: Raw = {"status": "all"} if kind == "subscription" else {}
        before = [body["id"] for body in company.account.every(kind, **filters)]
        after = {body["id"] for body in moved.account.every(kind, created={"lte": NOW}, **filters)}
        gone = set(before) - after
        assert gone == {c for c in gone if (moved.account.retrieve(kind, c) or {}).get("deleted")}
    settled = {
        bill["id"]: bill
        for bill in company.account.every("invoice", created={"lt": NOW - 90 * DAY}, status="paid")
    }
    assert len(settled) > 1_400
    for invoice_id, bill in settled.items():
        assert (moved.account.retrieve("invoice", invoice_id, complete=True) or {})["lines"] == bill["lines"]


def test_before_its_first_day_there_is_nothing() -> None:
    assert build_company(EPOCH - 1).account.count("product") == 0
    assert build_company(EPOCH).account.count("product") == 17


def test_its_size_and_its_lines(company: Simulator) -> None:
    products = {p["id"]: p for p in company.account.every("product")}
    customers = {c["id"]: c for c in company.account.every("customer")}
    mrr: dict[str, Fraction] = defaultdict(Fraction)
    for fact in company.truth.at(NOW):
        if fact.currency == "usd":
            line = _line_of(products[fact.product], customers[fact.customer])
            mrr[line] += fact.net_eqho / 100
    total = sum(mrr.values())
    assert 60_000 < total < 90_000
    assert 0.60 < mrr["TowPilot"] / total < 0.70
    assert set(mrr) == {*WORDS.values(), "unmapped"}
    assert 0 < mrr["unmapped"] < 2_000
    assert 140 <= company.account.count("customer") <= 165
    assert {fact.currency for fact in company.truth.at(NOW)} == {"usd", "eur", "jpy"}


def test_its_state_today(objects: dict[str, list[Raw]]) -> None:
    living = [sub for sub in objects["subscription"] if sub["ended_at"] is None]
    assert 3 <= sum(sub["status"] == "trialing" for sub in living) <= 6
    assert 2 <= sum(sub["status"] == "past_due" for sub in living) <= 4
    assert sum(sub["cancel_at_period_end"] for sub in living) == 3
    assert sum(sub["pause_collection"] is not None for sub in living) == 2


def test_it_grows_and_its_acquisition_accelerates(company: Simulator) -> None:
    created = [body["created"] for body in company.account.every("customer")]
    by_year = [
        sum(EPOCH + year * 365 * DAY <= at < EPOCH + (year + 1) * 365 * DAY for at in created)
        for year in range(3)
    ]
    assert by_year[0] < by_year[1] < by_year[2]
    mrr = [float(company.truth.mrr(instant(f"{day}-11-01")).get("usd", 0)) for day in (2024, 2025, 2026)]
    assert mrr[0] * 1.5 < mrr[1] < mrr[2] * 0.8


def test_monthly_churn_is_that_of_a_small_company(company: Simulator) -> None:
    """Over the last 12 months: customers at the start of a month who are at zero at its end."""
    months = [instant(f"2025-{m:02}-01") for m in (11, 12)] + [
        instant(f"2026-{m:02}-01") for m in range(1, 12)
    ]
    sets = [{f.customer for f in company.truth.at(at) if f.net_eqho > 0} for at in months]
    lost = sum(len(a - b) for a, b in pairwise(sets))
    assert 0.01 < lost / sum(len(s) for s in sets[:-1]) < 0.035


def test_the_internal_account_can_be_excluded_by_its_domain(objects: dict[str, list[Raw]]) -> None:
    internal = [c for c in objects["customer"] if c["email"].endswith(f"@{INTERNAL_EMAIL_DOMAIN}")]
    assert [c["name"] for c in internal] == ["Eqho (internal)"]


# What to look in, and what each occurrence looks like.
EDGES: dict[str, tuple[str, Callable[[Raw], Any]]] = {
    "trial line": ("line", lambda o: o["amount"] == 0 and "Trial" in o["description"]),
    "100 % coupon line": (
        "line",
        lambda o: o["amount"] > 0 and sum(d["amount"] for d in o["discount_amounts"]) == o["amount"],
    ),
    "partly discounted line": (
        "line",
        lambda o: 0 < sum(d["amount"] for d in o["discount_amounts"]) < o["amount"],
    ),
    "line with two discounts": ("line", lambda o: len(o["discount_amounts"]) > 1),
    "positive proration": ("line", lambda o: _parent(o)["proration"] and o["amount"] > 0),
    "negative proration": ("line", lambda o: _parent(o)["proration"] and o["amount"] < 0),
    "itemised proration discount": ("line", lambda o: _parent(o)["proration"] and o["discount_amounts"]),
    "flat fee line": ("line", lambda o: o["quantity"] == 0 and o["amount"] > 0),
    "one-time line": ("line", lambda o: o["parent"]["type"] == "invoice_item_details"),
    "inclusive tax": ("line", lambda o: any(t["tax_behavior"] == "inclusive" for t in o["taxes"])),
    "exclusive tax": ("line", lambda o: any(t["tax_behavior"] == "exclusive" for t in o["taxes"])),
    "annual line": ("line", lambda o: 360 * DAY < o["period"]["end"] - o["period"]["start"] < 370 * DAY),
    "daily line": ("line", lambda o: o["period"]["end"] - o["period"]["start"] == DAY),
    "weekly line": ("line", lambda o: o["period"]["end"] - o["period"]["start"] == 7 * DAY),
    "four-week line": ("line", lambda o: o["period"]["end"] - o["period"]["start"] == 28 * DAY),
    "six-week line": ("line", lambda o: o["period"]["end"] - o["period"]["start"] == 42 * DAY),
    "quarterly line": ("line", lambda o: 89 * DAY < o["period"]["end"] - o["period"]["start"] < 93 * DAY),
    "two-year line": ("line", lambda o: o["period"]["end"] - o["period"]["start"] > 725 * DAY),
    "period on the 31st": ("line", lambda o: time.gmtime(o["period"]["start"]).tm_mday == 31),
    "euro line": ("line", lambda o: o["currency"] == "eur"),
    "yen line": ("line", lambda o: o["currency"] == "jpy"),
    "voided invoice": ("invoice", lambda o: o["status"] == "void"),
    "reissued invoice": ("invoice", lambda o: o["from_invoice"] is not None),
    "uncollectible invoice": ("invoice", lambda o: o["status"] == "uncollectible"),
    "open invoice": ("invoice", lambda o: o["status"] == "open"),
    "sent invoice": ("invoice", lambda o: o["collection_method"] == "send_invoice"),
    "recovered invoice": ("invoice", lambda o: o["status"] == "paid" and o["attempt_count"] > 1),
    "manual invoice": ("invoice", lambda o: o["parent"] is None),
    "negative invoice": ("invoice", lambda o: o["total"] < 0),
    "invoice paid from balance": ("invoice", lambda o: o["total"] > 0 and o["amount_due"] == 0),
    "invoice of more than ten lines": ("invoice", lambda o: len(o["lines"]["data"]) > 10),
    "immediate change invoice": ("invoice", lambda o: o["billing_reason"] == "subscription_update"),
    "backdated start": ("subscription", lambda o: o["start_date"] < o["created"]),
    "never paid": ("subscription", lambda o: o["status"] == "incomplete_expired"),
    "lost trial": ("subscription", lambda o: o["status"] == "canceled" and o["ended_at"] == o["trial_end"]),
    "canceled by failed payment": (
        "subscription",
        lambda o: o["cancellation_details"]["reason"] == "payment_failed",
    ),
    "canceled at once": (
        "subscription",
        lambda o: o["ended_at"] is not None and o["ended_at"] == o["canceled_at"],
    ),
    "canceled at period end": (
        "subscription",
        lambda o: o["canceled_at"] and o["ended_at"] and o["canceled_at"] < o["ended_at"],
    ),
    "scheduled cancellation": ("subscription", lambda o: o["cancel_at_period_end"] and not o["ended_at"]),
    "paused": ("subscription", lambda o: o["pause_collection"] is not None),
    "past due": ("subscription", lambda o: o["status"] == "past_due"),
    "trialing": ("subscription", lambda o: o["status"] == "trialing"),
    "several products": (
        "subscription",
        lambda o: len({i["price"]["product"] for i in o["items"]["data"]}) > 1,
    ),
    "more than ten items": ("subscription", lambda o: len(o["items"]["data"]) > 10),
    "flexible billing": ("subscription", lambda o: o["billing_mode"]["type"] == "flexible"),
    "several discounts": ("subscription", lambda o: len(o["discounts"]) > 1),
    "item discount": ("item", lambda o: o["discounts"]),
    "metered item": ("item", lambda o: "quantity" not in o),
    "package item": ("item", lambda o: o["price"]["transform_quantity"]),
    "sub-cent item": ("item", lambda o: "." in (o["price"]["unit_amount_decimal"] or "")),
    "tiered item": ("item", lambda o: o["price"]["billing_scheme"] == "tiered"),
    "inline price item": (
        "item",
        lambda o: not o["price"]["active"] and o["price"]["unit_amount"] == 184_000,
    ),
    "free line": ("line", lambda o: o["pricing"] and o["pricing"]["unit_amount_decimal"] == "0"),
    "credit note": ("credit_note", lambda o: True),
    "refund": ("refund", lambda o: True),
    "dispute": ("dispute", lambda o: o["status"] == "needs_response"),
    "schedule that started a subscription": ("subscription_schedule", lambda o: len(o["phases"]) == 1),
    "schedule with phases": ("subscription_schedule", lambda o: len(o["phases"]) == 3),
    "tagged customer": ("customer", lambda o: o["metadata"].get("tag")),
    "repeating coupon": ("coupon", lambda o: o["duration"] == "repeating"),
    "coupon for some products": ("coupon", lambda o: "applies_to" in o),
}


def _parent(line: Raw) -> Raw:
    found: Raw = line["parent"][line["parent"]["type"]]
    return found


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_occurs_at_least_twice(objects: dict[str, list[Raw]], edge: str) -> None:
    kind, looks = EDGES[edge]
    assert sum(bool(looks(body)) for body in objects[kind]) >= 2


def _customers_where(company: Simulator, happens: Callable[[list[Fact]], bool]) -> int:
    by_customer: dict[str, list[Fact]] = defaultdict(list)
    for fact in company.truth.facts():
        by_customer[fact.customer].append(fact)
    return sum(happens(facts) for facts in by_customer.values())


def _gaps(facts: list[Fact]) -> list[int]:
    """Seconds without any state between two states of one customer."""
    end, gaps = facts[0].end, []
    for fact in facts[1:]:
        if end is not None and fact.start > end:
            gaps.append(fact.start - end)
        end = None if end is None or fact.end is None else max(end, fact.end)
    return gaps


@pytest.mark.parametrize(
    ("edge", "happens"),
    [
        ("cancel and recreate within a day", lambda facts: any(0 < gap < DAY for gap in _gaps(facts))),
        ("reactivation after months", lambda facts: any(gap > 90 * DAY for gap in _gaps(facts))),
        ("pause", lambda facts: any(fact.state == "paused" for fact in facts)),
        ("past due", lambda facts: any(fact.state == "past_due" for fact in facts)),
        ("two subscriptions", lambda facts: len({fact.subscription for fact in facts}) > 1),
        ("free, then paid", lambda facts: facts[0].list == 0 and facts[-1].list > 0),
        ("repeating coupon", lambda facts: any(fact.net_eqho < fact.net_stripe for fact in facts)),
        ("net of a fraction of a cent", lambda facts: any(fact.net_eqho.denominator > 1 for fact in facts)),
    ],
)
def test_every_course_of_events_is_taken_by_two_customers(
    company: Simulator, edge: str, happens: Callable[[list[Fact]], bool]
) -> None:
    assert _customers_where(company, happens) >= 2, edge


def test_two_customers_were_deleted_and_one_coupon(company: Simulator, objects: dict[str, list[Raw]]) -> None:
    listed = {customer["id"] for customer in objects["customer"]}
    deleted = {sub["customer"] for sub in objects["subscription"]} - listed
    assert len(deleted) >= 2
    assert {(company.account.retrieve("customer", c) or {})["deleted"] for c in deleted} == {True}
    assert company.account.retrieve("coupon", "FAIR2024") is None


def test_a_change_of_this_month_is_still_pending(objects: dict[str, list[Raw]]) -> None:
    running = [i for i in objects["invoiceitem"] if i["invoice"] is None and i["period"]["end"] > NOW]
    assert {item["proration"] for item in running} == {True}


def test_the_source_pages_are_complete_and_expanded() -> None:
    source = DemoSource(lambda: NOW)
    assert (source.name, source.requests, source.check()) == ("demo", 0, [])
    coming = list(pages(source, "invoice", NOW + 1))
    assert [page.last for page in coming] == [False] * (len(coming) - 1) + [True]
    bodies = [body for page in coming for body in page.objects]
    assert [b["created"] for b in bodies] == sorted((b["created"] for b in bodies), reverse=True)
    assert not any(body["lines"]["has_more"] for body in bodies)
    assert max(len(body["lines"]["data"]) for body in bodies) > 10
    assert all(d["source"]["coupon"]["id"] for body in bodies for d in body["discounts"])
    assert source.page("invoice", 0, NOW + 1, coming[0].objects[-1]["id"]) == coming[1]
    assert {body["status"] for page in pages(source, "subscription", NOW + 1) for body in page.objects} >= {
        "canceled",
        "trialing",
        "past_due",
    }
    assert all(i["invoice"] is None for page in pages(source, "invoiceitem", NOW + 1) for i in page.objects)
    assert list(pages(source, "refund", EPOCH)) == [Page([], True)]


def test_the_source_keeps_its_company_for_the_day_and_then_moves_on() -> None:
    clock = [NOW]
    source = DemoSource(lambda: clock[0])
    events = list(source.events(NOW - 5 * DAY))
    assert [e["created"] for e in events] == sorted((e["created"] for e in events), reverse=True)
    assert NOW - 5 * DAY <= events[-1]["created"] < events[0]["created"] <= NOW
    clock[0] += 6 * 3_600
    assert list(source.events(NOW - 5 * DAY)) == events
    clock[0] += DAY
    assert next(source.events(NOW))["created"] > NOW
    customer = next(pages(source, "customer", NOW)).objects[0]
    assert source.retrieve("customer", customer["id"]) == customer
    assert (source.retrieve("customer", "cus_unknown"), source.retrieve("unicorn", "x")) == (None, None)
