"""Exports of a whole company, written from what is true of it, under the definitions of other tools: every
difference has the cause that was planted, and nothing else is unexplained."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from eqho.ledger.build import Ledger
from eqho.metrics.comparison import Claim, Comparison, compare
from eqho.periods import Period, closed_months
from eqho.sources.demo import company
from eqho.stripe_simulator import account
from eqho.stripe_simulator.calendar import DAY, instant
from tests.ledger.comparison import Written
from tests.metrics.queries import scene_of
from tests.oracle.simulator import Simulator, build_company
from tests.oracle.truth import Fact

NOW = instant("2026-11-22T12:00:00")
MONTHS = closed_months(NOW, 12, ZoneInfo("UTC"))
Parts = Mapping[str, Fraction]
"""By cause: what another definition makes more (or less), minor units; the key `ours` is ours."""


class Company(NamedTuple):
    sim: Simulator
    ledger: Ledger


@pytest.fixture(scope="module")
def demo() -> Iterator[Company]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (account, company):
            patch.setattr(module, "EVENT_RETENTION", 10_000 * DAY)
        sim = build_company(NOW)
        yield Company(sim, Written(sim.account, ("newest",)).ledger("newest", events=True))


def as_stripe_counts(fact: Fact, at: int, requested: bool) -> Parts:
    """Stripe's defaults: repeating coupons are not taken off, and who asked to leave has left."""
    if requested:
        return {"cancel timing": -fact.net_eqho}
    return {"coupon": fact.net_stripe - fact.net_eqho}


def before_coupons(fact: Fact, at: int, requested: bool) -> Parts:
    return {"coupon": fact.list - fact.net_eqho}


def after_all_coupons(fact: Fact, at: int, requested: bool) -> Parts:
    return {}


def like_cash(fact: Fact, at: int, requested: bool) -> Parts:
    """Only what is being paid."""
    return {"past due": -fact.net_eqho} if fact.state == "past_due" else {}


def ends(month: Period) -> int:
    return month.end - 1


def exported(
    demo: Company, other: Callable[[Fact, int, bool], Parts], month: Period
) -> tuple[dict[str, int], dict[str, set[str]]]:
    """Minor units by customer in another tool, and the causes that made each differ from ours."""
    truth, at = demo.sim.truth, ends(month)
    theirs: dict[str, Fraction] = defaultdict(Fraction)
    causes: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for fact in truth.at(at):
        if fact.currency != "usd" or fact.customer not in demo.ledger.customers:
            continue
        asked = truth.canceled_at(fact.subscription)
        parts = other(fact, at, asked is not None and asked <= at)
        theirs[fact.customer] += fact.net_eqho + sum(parts.values())
        for cause, amount in parts.items():
            causes[fact.customer][cause] += amount
    planted = {who: {c for c, amount in told.items() if round(amount)} for who, told in causes.items()}
    return {who: round(amount) for who, amount in theirs.items()}, planted


def held_against(demo: Company, told: Mapping[str, int], month: Period) -> Comparison:
    claims = [Claim(month.label, month.last, minor, id=who) for who, minor in told.items()]
    found = compare(scene_of(demo.ledger, "all-products"), claims)
    parts = sum(round(part.amount * 100) for part in found.differences)
    assert parts == round(found.totals.difference * 100)
    assert round(found.totals.theirs * 100) == sum(told.values())
    return found


def is_trying(sub: Mapping[str, Any], at: int) -> bool:
    if not sub["trial_start"]:
        return False
    ended = sub["ended_at"] or sub["trial_end"]
    return bool(sub["trial_start"] <= at < min(ended, sub["trial_end"]))


def causes_of(found: Comparison) -> dict[str, set[str]]:
    causes: dict[str, set[str]] = defaultdict(set)
    for part in found.differences:
        causes[part.customer].add(part.cause)
    return dict(causes)


@pytest.mark.parametrize("other", [as_stripe_counts, before_coupons, after_all_coupons, like_cash])
def test_every_difference_of_a_year_has_the_cause_that_was_planted(
    demo: Company, other: Callable[[Fact, int, bool], Parts]
) -> None:
    seen: set[str] = set()
    for month in MONTHS:
        told, planted = exported(demo, other, month)
        expected = {who: causes for who, causes in planted.items() if causes}
        assert causes_of(held_against(demo, told, month)) == expected, month.label
        seen |= {cause for causes in expected.values() for cause in causes}
    print(f"{other.__name__}: {len(MONTHS)} months, causes {sorted(seen)}")
    assert bool(seen) is (other is not after_all_coupons)


def test_an_export_that_counts_trials(demo: Company) -> None:
    counted = 0
    for month in MONTHS:
        told, _ = exported(demo, after_all_coupons, month)
        trying = {
            sub["customer"]: sub["items"]["data"][0]["price"]["unit_amount"]
            for sub in demo.sim.account.every("subscription", status="all")
            if sub["currency"] == "usd" and is_trying(sub, ends(month))
        }
        new = {who: amount for who, amount in trying.items() if not told.get(who) and amount}
        found = held_against(demo, told | new, month)
        assert causes_of(found) == {who: {"trial"} for who in new}, month.label
        counted += len(new)
    assert counted


def test_what_was_planted_as_unexplained_is_all_that_is(demo: Company) -> None:
    month = MONTHS[-1]
    told, planted = exported(demo, as_stripe_counts, month)
    wrong = sorted(who for who in told if not planted.get(who))[:3]
    found = held_against(demo, told | {who: told[who] + 7_331 for who in wrong}, month)
    assert sorted(p.customer for p in found.differences if p.cause == "unexplained") == wrong
    assert {p.amount for p in found.differences if p.cause == "unexplained"} == {73.31}
