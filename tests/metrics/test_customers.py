"""The list of customers: each with the status a person would give it, at the instant asked for."""

from typing import Any

from eqho.billing.pricing import Worth
from eqho.ledger.facts import SubscriptionFact
from eqho.ledger.promises import Promise
from eqho.ledger.spans import State
from tests.ledger.stripe_account import at
from tests.metrics.as_json import customer_rows, recent_changes
from tests.metrics.hand_made import UNITS, ledger_of, paid
from tests.metrics.queries import scene_of


def fact(customer: str, status: str = "active", line: str = "towpilot", **more) -> SubscriptionFact:
    return SubscriptionFact(f"sub_{customer}_{line}", customer, status, (line,), at("2026-01-01"), **more)


EVERYBODY = ledger_of(
    paid("large", 900, "2026-01-01"),
    paid("late", 300, "2026-01-01", state=State.PAST_DUE),
    paid("asleep", 200, "2026-01-01", state=State.PAUSED),
    paid("given", 150, "2026-01-01", state=State.FREE_PERIOD),
    paid("guest", 0, "2026-01-01"),
    paid("abroad", 100, "2026-01-01", currency="eur"),
    paid("gone", 400, "2026-01-01", "2026-03-01"),
    facts=(
        fact("trying", "trialing", trial_start=at("2026-06-10"), trial_end=at("2026-06-24")),
        fact("large", ending=at("2026-07-01")),
        fact("silent", "incomplete_expired", ended=at("2026-01-02")),
        fact("owing", "unpaid"),
        fact("abroad"),
    ),
)


def test_every_status_and_largest_first():
    rows = customer_rows(scene_of(EVERYBODY, "towpilot"))
    assert [(r["customer"], r["mrr"]) for r in rows[:3]] == [
        ("large", 900.0),
        ("late", 300.0),
        ("abroad", 0.0),
    ]
    assert {r["customer"]: r["status"] for r in rows} == {
        "large": "active",
        "late": "past_due",
        "asleep": "paused",
        "given": "free_period",
        "guest": "free",
        "abroad": "other_currency",
        "gone": "churned",
        "trying": "trialing",
        "silent": "never_paid",
        "owing": "unpaid",
    }


def promise(line: str, amount: float | None, currency: str = "usd") -> Promise:
    units = round((amount or 0) * UNITS)
    worth = None if amount is None else Worth(units, units, units)
    return Promise(line, f"prod_{line}", f"price_{line}", currency, worth)


def trial(*promises: Promise) -> dict[str, Any]:
    lasting = {"trial_start": at("2026-06-10"), "trial_end": at("2026-06-24"), "promises": promises}
    ledger = ledger_of(paid("large", 900, "2026-01-01"), facts=(fact("trying", "trialing", **lasting),))
    return next(r for r in customer_rows(scene_of(ledger, "all-products")) if r["customer"] == "trying")


def test_a_trial_has_its_line_its_plan_and_what_it_would_bring():
    row = trial(promise("towpilot", 449), promise("fleetdesk", 51))
    assert (row["status"], row["mrr"], row["trial_mrr"]) == ("trialing", 0.0, 500.0)
    assert row["lines"] == ["towpilot", "fleetdesk"]
    assert row["plans"] == ["Towpilot", "prod_fleetdesk"]


def test_what_a_trial_would_bring_is_not_known_without_an_amount_in_the_currency():
    assert trial(promise("towpilot", None))["trial_mrr"] is None
    assert trial(promise("towpilot", 90, "eur"))["trial_mrr"] is None
    assert trial(promise("towpilot", None), promise("towpilot", 90))["trial_mrr"] == 90.0


def test_the_past_is_told_as_it_was():
    rows = {r["customer"]: r for r in customer_rows(scene_of(EVERYBODY, "towpilot", at("2026-02-01")))}
    assert (rows["gone"]["status"], rows["gone"]["mrr"]) == ("active", 400.0)
    assert "trying" not in {c for c, r in rows.items() if r["status"] == "trialing"}


def test_what_is_ahead_is_a_day():
    rows = {r["customer"]: r for r in customer_rows(scene_of(EVERYBODY, "towpilot"))}
    assert rows["large"]["scheduled_churn"] == "2026-07-01"
    assert rows["trying"]["trial_end"] == "2026-06-24"
    assert rows["late"]["at_risk"] is True
    assert rows["large"]["at_risk"] is False


def test_lines_and_plans_of_one_customer():
    ledger = ledger_of(paid("both", 100, "2026-01-01"), paid("both", 50, "2026-02-01", line="fleetdesk"))
    (row,) = customer_rows(scene_of(ledger, "all-products"))
    assert (row["mrr"], row["lines"], row["plans"]) == (
        150.0,
        ["towpilot", "fleetdesk"],
        ["Towpilot", "Fleetdesk"],
    )
    assert row["since"] == "2026-01-01T00:00:00Z"


def test_the_changes_of_the_last_days_are_net_and_dated():
    ledger = ledger_of(
        paid("up", 100, "2026-01-01", "2026-06-10"),
        paid("up", 250, "2026-06-10"),
        paid("out", 80, "2026-01-01", "2026-06-12"),
        paid("same", 500, "2026-01-01"),
        paid("earlier", 70, "2026-06-01"),
    )
    assert [
        (c["customer"], c["kind"], c["change"], c["date"])
        for c in recent_changes(scene_of(ledger, "towpilot"), 7)
    ] == [
        ("up", "expansion", 150.0, "2026-06-10"),
        ("out", "churn", -80.0, "2026-06-12"),
    ]
