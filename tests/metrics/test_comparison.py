"""Exports under other definitions beside the ledger: every difference has its cause, and the parts add up."""

import random
from collections.abc import Iterable
from datetime import date

import pytest
from msgspec.structs import replace

from eqho.ledger.build import Ledger
from eqho.ledger.facts import Subscriber, Usage
from eqho.ledger.spans import Span, State
from eqho.metrics.comparison import Claim, Comparison, compare
from tests.ledger.stripe_account import at
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of
from tests.metrics.test_customers import fact

MAY = date(2026, 5, 31)


def claim(who: str, dollars: float, *, currency: str = "") -> Claim:
    return Claim("2026-05", MAY, round(dollars * 100), id=who, currency=currency)


def compared(ledger: Ledger, *claims: Claim, policy: str = "eqho") -> Comparison:
    found = compare(scene_of(ledger, "all-products", policy=policy), claims)
    parts = sum(round(part.amount * 100) for part in found.differences)
    assert parts == round(found.totals.difference * 100)
    assert parts == sum(round(total.amount * 100) for total in found.totals.by_cause)
    return found


def causes(found: Comparison) -> list[tuple[str, str, float]]:
    return [(part.customer, part.cause, part.amount) for part in found.differences]


@pytest.mark.parametrize(
    ("span", "theirs", "cause"),
    [
        (paid("ann", 80, "2026-01-01", stripe=100), 100, "coupon"),
        (paid("ann", 80, "2026-01-01", stripe=90, gross=120), 120, "coupon"),
        (paid("ann", 80, "2026-01-01", "2026-06-20", requested="2026-05-10"), 0, "cancel timing"),
        (paid("ann", 80, "2026-01-01", state=State.PAUSED), 80, "paused"),
        (paid("ann", 80, "2026-01-01", state=State.PAST_DUE), 0, "past due"),
        (paid("ann", 80, "2026-01-01"), 96.8, "tax"),
        (paid("ann", 80, "2026-01-01"), 77.77, "unexplained"),
    ],
)
def test_one_convention_explains_the_difference(span: Span, theirs: float, cause: str) -> None:
    found = compared(ledger_of(span), claim("ann", theirs))
    ours = 0.0 if cause == "paused" else 80.0
    assert causes(found) == [("ann", cause, round(theirs - ours, 2))]


def test_under_stripes_policy_the_same_export_agrees() -> None:
    ledger = ledger_of(
        paid("ann", 80, "2026-01-01", stripe=100),
        paid("bob", 50, "2026-01-01", "2026-06-20", requested="2026-05-10"),
    )
    export = (claim("ann", 100), claim("bob", 0))
    assert compared(ledger, *export, policy="stripe").agreeing == 2
    assert causes(compared(ledger, *export)) == [("bob", "cancel timing", -50.0), ("ann", "coupon", 20.0)]


def test_two_conventions_at_once_are_two_parts() -> None:
    ledger = ledger_of(
        paid("ann", 80, "2026-01-01", stripe=100),
        paid("ann", 30, "2026-01-01", state=State.PAUSED, subscription="sub_2"),
    )
    found = compared(ledger, claim("ann", 130))
    assert sorted(causes(found)) == [("ann", "coupon", 20.0), ("ann", "paused", 30.0)]


def test_usage_of_the_month_counted_as_mrr() -> None:
    used = Usage("ann", "towpilot", "usd", 1_250, at("2026-05-14"))
    found = compared(replace(ledger_of(paid("ann", 80, "2026-01-01")), usage=(used,)), claim("ann", 92.5))
    assert causes(found) == [("ann", "usage", 12.5)]


def test_a_trial_counted_as_mrr() -> None:
    trial = fact("ann", "trialing", trial_start=at("2026-05-20"), trial_end=at("2026-06-19"))
    ledger = replace(
        ledger_of(paid("bob", 10, "2026-01-01"), facts=(trial,)),
        customers={"ann": Subscriber("Ann"), "bob": Subscriber("Bob")},
    )
    assert causes(compared(ledger, claim("ann", 49), claim("bob", 10))) == [("ann", "trial", 49.0)]


def test_another_currency_and_who_is_missing_on_either_side() -> None:
    ledger = ledger_of(
        paid("ann", 80, "2026-01-01", currency="eur"),
        paid("bob", 60, "2026-01-01"),
        paid("cy", 10, "2026-01-01"),
    )
    found = compared(ledger, claim("ann", 80, currency="EUR"), claim("ghost", 25), claim("cy", 10))
    assert causes(found) == [
        ("ann", "currency", 80.0),
        ("bob", "not in theirs", -60.0),
        ("ghost", "not in Stripe", 25.0),
    ]
    assert (found.agreeing, found.matched) == (1, {"id": 2, "email": 0, "name": 0})


def test_customers_are_found_by_id_then_address_then_name_and_never_by_one_that_two_share() -> None:
    ledger = replace(
        ledger_of(*(paid(who, 10, "2026-01-01") for who in ("a", "b", "c", "d"))),
        customers={
            "a": Subscriber("Ann", "ann@eqho.example"),
            "b": Subscriber("Bob", "bob@eqho.example"),
            "c": Subscriber("Twin"),
            "d": Subscriber("Twin"),
        },
    )
    told = (
        Claim("2026-05", MAY, 1_000, email="ANN@eqho.example"),
        Claim("2026-05", MAY, 1_000, name=" bob "),
        Claim("2026-05", MAY, 1_000, name="Twin"),
    )
    found = compared(ledger, *told)
    assert found.matched == {"id": 0, "email": 1, "name": 1}
    assert sorted(causes(found)) == [
        ("Twin", "not in Stripe", 10.0),
        ("c", "not in theirs", -10.0),
        ("d", "not in theirs", -10.0),
    ]


def _other_definition(rng: random.Random, index: int) -> tuple[Span, float, str | None]:
    """A span, what a tool with another definition says of it, and why."""
    who, net = f"cus_{index}", rng.randrange(20, 900) + rng.choice((0, 0.01, 0.5, 0.99))
    off = rng.randrange(1, 15)
    match rng.choice(("same", "coupon", "cancel timing", "paused", "past due")):
        case "coupon":
            return paid(who, net, "2026-01-01", stripe=net + off), net + off, "coupon"
        case "cancel timing":
            ending = paid(who, net, "2026-01-01", "2026-07-01", requested="2026-05-02")
            return ending, 0, "cancel timing"
        case "paused":
            return paid(who, net, "2026-01-01", state=State.PAUSED), net, "paused"
        case "past due":
            return paid(who, net, "2026-01-01", state=State.PAST_DUE), 0, "past due"
        case _:
            return paid(who, net, "2026-01-01"), net, None


@pytest.mark.parametrize("seed", range(25))
def test_whole_exports_are_explained_and_only_what_was_planted_is_not(seed: int) -> None:
    rng = random.Random(seed)
    told = [_other_definition(rng, index) for index in range(60)]
    planted = {f"cus_{index}" for index in rng.sample(range(60), 3)}
    wrong = {who: 0.03 if who in planted else 0.0 for who in (span.customer for span, _, _ in told)}
    claims: Iterable[Claim] = [claim(s.customer, theirs + wrong[s.customer]) for s, theirs, _ in told]
    found = compared(ledger_of(*(span for span, _, _ in told)), *claims)
    explained = {part.customer: part.cause for part in found.differences}
    expected = {s.customer: cause for s, _, cause in told if cause} | dict.fromkeys(planted, "unexplained")
    assert explained == expected
