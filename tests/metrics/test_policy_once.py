"""The kind of CASES.md 17: a policy is applied once, to the spans, and every figure, status, list and label
reads the result."""

from collections import Counter

import pytest
from hypothesis import given, settings

from eqho.ledger.spans import Span, State
from eqho.ui.vocabulary import STATUSES
from tests.metrics.as_json import customer_history, customer_rows, snapshot
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of
from tests.metrics.random_spans import CURRENCY, HISTORIES, NOWS, POLICY, PRODUCT, scene

ENDING = ledger_of(
    paid("one", 100, "2026-01-01", "2026-07-01", requested="2026-06-01"),
    paid("two", 80, "2026-01-01", "2026-07-01", requested="2026-06-01"),
    paid("three", 60, "2026-01-01", "2026-07-01", requested="2026-06-01"),
    paid("guest", 0, "2026-01-01"),
)


def test_who_asked_to_cancel_and_pays_to_the_end_is_cancelling_and_not_free():
    asked = scene_of(ENDING, "towpilot", policy="stripe")
    assert snapshot(asked)["customer_metrics"]["free_customers"] == 1
    rows = {row["customer"]: row for row in customer_rows(asked)}
    assert {customer: row["status"] for customer, row in rows.items()} == {
        "one": "cancelling",
        "two": "cancelling",
        "three": "cancelling",
        "guest": "free",
    }
    assert (rows["one"]["mrr"], rows["one"]["lines"], rows["one"]["plans"]) == (
        0.0,
        ["towpilot"],
        ["Towpilot"],
    )
    assert STATUSES["cancelling"] == "Cancelling"


def test_the_same_customers_before_the_request_after_the_end_and_under_the_other_policy():
    def statuses(day: str, policy: str) -> Counter[str]:
        at = ledger_of(paid("x", 1, day)).spans.start[0]
        return Counter(r["status"] for r in customer_rows(scene_of(ENDING, "towpilot", int(at), policy)))

    assert statuses("2026-05-31", "stripe") == {"active": 3, "free": 1}
    assert statuses("2026-07-01", "stripe") == {"churned": 3, "free": 1}
    assert statuses("2026-06-15", "eqho") == {"active": 3, "free": 1}


def test_what_is_at_risk_is_part_of_mrr():
    ledger = ledger_of(
        paid("late", 100, "2026-01-01", "2026-07-01", requested="2026-06-01", state=State.PAST_DUE),
        paid("going", 80, "2026-01-01", "2026-07-01", requested="2026-06-01"),
        paid("plain", 50, "2026-01-01"),
    )
    revenue = snapshot(scene_of(ledger, "towpilot", policy="stripe"))["revenue_metrics"]
    assert (revenue["mrr"], revenue["at_risk_mrr"], revenue["committed_mrr"]) == (50.0, 0.0, 50.0)
    revenue = snapshot(scene_of(ledger, "towpilot"))["revenue_metrics"]
    assert (revenue["mrr"], revenue["at_risk_mrr"], revenue["committed_mrr"]) == (230.0, 100.0, 50.0)


def test_a_customer_with_another_subscription_goes_on_being_active():
    ledger = ledger_of(
        paid("both", 100, "2026-01-01", "2026-07-01", requested="2026-06-01", subscription="sub_1"),
        paid("both", 40, "2026-01-01", subscription="sub_2"),
    )
    (row,) = customer_rows(scene_of(ledger, "towpilot", policy="stripe"))
    assert (row["status"], row["mrr"]) == ("active", 40.0)


def test_who_pays_in_a_currency_that_is_shown_apart_is_not_free():
    ledger = ledger_of(paid("abroad", 90, "2026-01-01", currency="eur"), paid("abroad", 0, "2026-01-01"))
    asked = scene_of(ledger, "towpilot")
    assert customer_rows(asked)[0]["status"] == "other_currency"
    assert snapshot(asked)["customer_metrics"]["free_customers"] == 0


@settings(max_examples=150, deadline=None)
@given(HISTORIES, NOWS, PRODUCT, POLICY, CURRENCY)
def test_every_figure_status_and_list_reads_the_same_spans(
    spans: list[Span], now: int, product: str, policy: str, currency: str
) -> None:
    asked = scene(spans, product, now, policy, currency)
    document, rows = snapshot(asked), customer_rows(asked)
    revenue, customers = document["revenue_metrics"], document["customer_metrics"]
    assert 0 <= revenue["at_risk_mrr"] <= revenue["mrr"]
    assert 0 <= revenue["committed_mrr"] <= revenue["mrr"]
    assert sum(row["mrr"] for row in rows) == pytest.approx(revenue["mrr"], abs=0.05)
    counts = Counter(row["status"] for row in rows)
    assert counts["active"] + counts["past_due"] == customers["customers"]
    assert counts["free"] == customers["free_customers"]
    assert counts.keys() <= STATUSES.keys()
    for row in rows:
        assert (row["mrr"] > 0) == (row["status"] in {"active", "past_due"})
        pays = any(
            span.customer == row["customer"]
            and span.start <= now < span.end
            and (asked.product in ("all-products", span.line))
            and span.currency == currency
            and span.state != State.PAUSED
            and (span.net_eqho if policy == "eqho" else span.net_stripe) > 0
            for span in spans
        )
        if pays:
            assert row["status"] in {"active", "past_due", "cancelling"}
        history = customer_history(asked, row["customer"])
        assert history is not None
        stands = sum(step["mrr"][-1] for step in history["steps"] if step["currency"] == currency)
        assert stands == pytest.approx(row["mrr"], abs=0.05)
