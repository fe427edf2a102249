"""One customer's MRR through time, over hand-written accounts."""

from typing import Any

import msgspec

from eqho.ledger.build import Ledger
from tests.ledger.stripe_account import (
    BASIC,
    FLEET,
    PRO,
    at,
    coupon,
    item,
    ledger,
    months,
    subscription,
)
from tests.metrics.as_json import customer_history
from tests.metrics.queries import scene_of


def upgraded() -> Ledger:
    """$100 of TowPilot from January, $500 from 1 March, and $200 of FleetDesk from February."""
    return ledger(
        subscription(item(PRO, period=("2026-06-01", "2026-07-01"))),
        subscription(
            item(FLEET, id="si_2", period=("2026-06-01", "2026-07-01")), id="sub_2", start="2026-02-01"
        ),
        invoices=[
            *months(BASIC, "2026-01-01", "2026-02-01", "2026-03-01"),
            *months(PRO, "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"),
        ],
    )


def history(found: Ledger, product: str = "all-products", **more: Any) -> dict[str, Any]:
    answer = customer_history(scene_of(found, product, **more), "cus_1")
    assert answer is not None
    return answer


def stretches(answer: dict[str, Any]) -> list[tuple[str, str, str | None, float]]:
    return [(s["line"], s["start"][:10], s["end"] and s["end"][:10], s["mrr"]) for s in answer["spans"]]


def test_stretches_come_newest_first_and_the_running_ones_have_no_end() -> None:
    assert stretches(history(upgraded())) == [
        ("towpilot", "2026-03-01", None, 500.0),
        ("fleetdesk", "2026-02-01", None, 200.0),
        ("towpilot", "2026-01-01", "2026-03-01", 100.0),
    ]


def test_each_stretch_names_the_record_it_rests_on() -> None:
    spans = history(upgraded())["spans"]
    assert [(s["evidence"], s["invoice"]) for s in spans] == [
        ("invoice", "in_2026-03-01"),
        ("today", None),
        ("invoice", "in_2026-01-01"),
    ]


def test_the_steps_of_lines_share_their_instants_and_end_now() -> None:
    steps = {step["line"]: step for step in history(upgraded())["steps"]}
    assert [i[:10] for i in steps["towpilot"]["at"]] == [
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
        "2026-06-15",
    ]
    assert steps["towpilot"]["mrr"] == [100.0, 100.0, 500.0, 500.0]
    assert steps["fleetdesk"]["mrr"] == [0.0, 200.0, 200.0, 200.0]
    assert steps["fleetdesk"]["at"] == steps["towpilot"]["at"]


def test_as_of_an_earlier_day_nothing_later_is_known() -> None:
    answer = history(upgraded(), at=at("2026-02-15"))
    assert stretches(answer) == [
        ("fleetdesk", "2026-02-01", None, 200.0),
        ("towpilot", "2026-01-01", None, 100.0),
    ]
    assert answer["steps"][0]["at"][-1] == "2026-02-15T00:00:00Z"


def test_a_product_line_shows_its_own_stretches_only() -> None:
    assert [line for line, *_ in stretches(history(upgraded(), "fleetdesk"))] == ["fleetdesk"]


def test_the_policy_decides_what_a_coupon_of_some_months_is_worth() -> None:
    half = coupon(50, "repeating", "2026-01-01", "2026-07-01")
    found = ledger(
        subscription(item(BASIC, period=("2026-06-01", "2026-07-01"), discounts=(half,))),
        invoices=months(
            BASIC,
            *(
                "2026-01-01",
                "2026-02-01",
                "2026-03-01",
                "2026-04-01",
                "2026-05-01",
                "2026-06-01",
                "2026-07-01",
            ),
            off=[(half, 5_000)],
        ),
    )
    assert stretches(history(found)) == [("towpilot", "2026-01-01", None, 50.0)]
    assert stretches(history(found, policy="stripe")) == [("towpilot", "2026-01-01", None, 100.0)]
    assert history(found)["spans"][0]["list_mrr"] == 100.0


def test_a_paused_stretch_is_shown_and_counts_nothing() -> None:
    found = ledger(subscription(item(BASIC, period=("2026-06-01", "2026-07-01")), pause="void"))
    last = history(found)["spans"][0]
    assert (last["state"], last["mrr"], last["list_mrr"]) == ("paused", 0.0, 100.0)


def test_nobody_of_that_id() -> None:
    assert customer_history(scene_of(upgraded(), "all-products"), "cus_9") is None
    assert customer_history(scene_of(upgraded(), "roadcall"), "cus_1") is None


def test_links_lead_into_stripes_dashboard_where_there_is_one() -> None:
    linked = msgspec.structs.replace(upgraded(), customer_url="https://dashboard.stripe.com/customers/")
    answer = history(linked)
    assert answer["stripe_url"] == "https://dashboard.stripe.com/customers/cus_1"
    assert answer["spans"][0]["invoice_url"] == "https://dashboard.stripe.com/invoices/in_2026-03-01"
    assert answer["spans"][1]["invoice_url"] is None
    assert history(upgraded())["spans"][0]["invoice_url"] is None
