"""What changed since a day: sentences and amounts that agree with the movements to the cent."""

import dataclasses
import random
from datetime import date, timedelta

import msgspec
import pytest

from eqho.billing.pricing import Worth
from eqho.ledger.build import Ledger
from eqho.ledger.facts import SubscriptionFact
from eqho.ledger.promises import Promise
from eqho.ledger.renewals import Renewal
from eqho.ledger.spans import State
from eqho.metrics.definitions import VERSION
from eqho.metrics.explain import explain
from eqho.metrics.movements import KINDS, movements
from eqho.metrics.recent_changes import window_since
from eqho.metrics.restatements import FrozenMonth, packed
from eqho.metrics.today_only import as_told
from eqho.metrics.week import days_since_monday, plain_words, sentences, week
from tests.ledger.stripe_account import at
from tests.metrics.hand_made import UNITS, ledger_of, paid
from tests.metrics.queries import scene_of

NOW = "2026-06-15"


def trial(amount: float | None, ends: str) -> SubscriptionFact:
    units = round((amount or 0) * UNITS)
    worth = None if amount is None else Worth(units, units, units)
    promise = Promise("towpilot", "prod_towpilot", "price_towpilot", "usd", worth)
    return SubscriptionFact(
        "sub_t", "trying", "trialing", ("towpilot",), at("2026-06-01"),
        trial_start=at("2026-06-01"), trial_end=at(ends), promises=(promise,),
    )  # fmt: skip


COMPANY = ledger_of(
    paid("first", 1_000, "2026-06-10"),
    paid("second", 150, "2026-06-11"),
    paid("up", 100, "2026-01-01", "2026-06-12"),
    paid("up", 130.5, "2026-06-12"),
    paid("out", 80, "2026-01-01", "2026-06-14"),
    paid("late", 300, "2026-01-01", state=State.PAST_DUE),
    facts=(trial(449, "2026-06-20"),),
)


def test_sentences_with_amounts_and_customers() -> None:
    assert week(scene_of(COMPANY, "all-products"), 7).sentences == [
        "MRR went from 480.00 USD to 1,580.50 USD since 2026-06-08: +1,100.50 USD.",
        "2 new customers bring 1,150.00 USD: First (+1,000.00 USD) and Second (+150.00 USD).",
        "1 customer grew by 30.50 USD: Up.",
        "1 customer was lost with 80.00 USD: Out.",
        "1 customer is past due; at risk: 300.00 USD: Late.",
        "1 trial ends in the next 7 days and would bring 449.00 USD: trying.",
    ]


def test_sentences_for_a_reader_who_is_told_no_amounts() -> None:
    told = week(scene_of(COMPANY, "all-products"), 7)
    assert sentences(told, plain_words("usd", amounts=False)) == [
        "MRR rose since 2026-06-08.",
        "2 new customers: First and Second.",
        "1 customer grew: Up.",
        "1 customer was lost: Out.",
        "1 customer is past due: Late.",
        "1 trial ends in the next 7 days: trying.",
    ]


def test_a_quiet_week_is_one_sentence() -> None:
    told = week(scene_of(ledger_of(paid("steady", 10, "2026-01-01")), "all-products"), 7)
    assert told.sentences == ["Nothing changed since 2026-06-08: MRR is 10.00 USD."]


def test_a_trial_whose_price_tells_nothing_is_named_without_an_amount() -> None:
    told = week(
        scene_of(ledger_of(paid("a", 10, "2026-01-01"), facts=(trial(None, "2026-06-20"),)), "all-products"),
        7,
    )
    assert told.groups[0].amount is None
    assert told.sentences[-1] == (
        "1 trial ends in the next 7 days and would bring an amount that no price tells: trying."
    )


def test_trials_that_end_later_are_not_this_weeks() -> None:
    ledger = ledger_of(paid("a", 10, "2026-01-01"), facts=(trial(449, "2026-06-22"),))
    assert week(scene_of(ledger, "all-products"), 7).groups == []


def test_more_customers_than_a_sentence_holds_are_counted() -> None:
    many = ledger_of(*(paid(f"c{n}", 100 - n, "2026-06-10") for n in range(6)))
    said = week(scene_of(many, "all-products"), 7).sentences[1]
    assert said.startswith("6 new customers bring 585.00 USD: C0 (+100.00 USD), ")
    assert said.endswith("C3 (+97.00 USD) and 2 more.")


def test_before_the_past_is_read_nothing_is_said_of_the_week() -> None:
    scene = dataclasses.replace(scene_of(COMPANY, "all-products"), untold="after the invoices are read")
    told = as_told(scene, week(scene, 7))
    assert (told.rows, told.groups, told.sentences) == ([], [], [])
    assert (told.start, told.net, told.end) == (None, None, 1_580.5)
    assert told.undefined["net"] == "after the invoices are read"


def bill(customer: str, amount: int, day: str, line: str = "towpilot") -> Renewal:
    """`amount` in dollars."""
    return Renewal(customer, line, "usd", at(day), 100 * amount)


def with_bills(*bills: Renewal) -> Ledger:
    ledger = ledger_of(paid("a", 100, "2026-01-01"), paid("b", 100, "2026-01-01", line="fleetdesk"))
    return msgspec.structs.replace(ledger, renewals=bills)


def test_bills_of_three_times_arpa_in_the_next_seven_days_are_told() -> None:
    ledger = with_bills(
        bill("a", 200, "2026-06-18"),
        bill("a", 150, "2026-06-18", "fleetdesk"),
        bill("b", 299, "2026-06-16"),
        bill("b", 1_200, "2026-06-22"),
    )
    told = week(scene_of(ledger, "all-products"), 7)
    assert told.sentences[-1] == "1 large bill comes in the next 7 days over 350.00 USD: A."
    assert (told.net, [group.kind for group in told.groups]) == (0.0, ["renewals"])
    assert week(scene_of(ledger, "towpilot"), 7).groups == []
    assert week(scene_of(ledger, "all-products", ledger.now - 60), 7).groups == []


def frozen(month: str, day: str, **dollars: float) -> FrozenMonth:
    units = {customer: round(amount * UNITS) for customer, amount in dollars.items()}
    return FrozenMonth(month, at(day) - 1, sum(units.values()), len(units), VERSION, packed(units))


def test_months_that_read_otherwise_than_when_they_were_frozen_are_told_newest_first() -> None:
    scene = scene_of(COMPANY, "all-products")
    told = week(
        scene,
        7,
        [
            frozen("2026-02", "2026-03-01", up=100, out=80, late=300),
            *(frozen(f"2026-{n:02d}", f"2026-{n + 1:02d}-01", up=90, out=80, late=300) for n in (1, 3, 4)),
            frozen("2026-05", "2026-06-01", up=100, out=80, late=250, gone=60),
        ],
    )
    assert told.sentences[6:] == [
        "2026-05 is restated by -10.00 USD since it was frozen: gone (-60.00 USD) and Late (+50.00 USD).",
        "2026-04 is restated by +10.00 USD since it was frozen: Up.",
        "2026-03 is restated by +10.00 USD since it was frozen: Up.",
        "1 more closed month is restated.",
    ]
    assert [group.period for group in told.groups if group.kind == "restated"] == [
        "2026-05", "2026-04", "2026-03", "2026-01",
    ]  # fmt: skip
    assert told.net == 1_100.5


@pytest.mark.parametrize(("day", "days"), [("2026-06-15", 7), ("2026-06-16", 1), ("2026-06-21", 6)])
def test_since_the_last_monday(day: str, days: int) -> None:
    assert days_since_monday(date.fromisoformat(day)) == days


@pytest.mark.parametrize("seed", range(100))
def test_a_random_week_agrees_with_its_movements_to_the_cent(seed: int) -> None:
    dice = random.Random(seed)
    first = date(2026, 4, 1)
    spans = []
    for number in range(dice.randint(1, 25)):
        day = 0
        for _ in range(dice.randint(1, 5)):
            began, ended = sorted(dice.sample(range(day, day + 60), 2))
            spans.append(
                paid(
                    f"c{number}",
                    dice.randint(1, 99_999) / 100,
                    (first + timedelta(began)).isoformat(),
                    (first + timedelta(ended)).isoformat(),
                    line=dice.choice(("towpilot", "fleetdesk")),
                    subscription=f"sub_{number}",
                )
            )
            day = ended
    product, days = dice.choice(("all-products", "towpilot")), dice.randint(1, 14)
    scene = scene_of(ledger_of(*spans, now=NOW), product, policy=dice.choice(("eqho", "stripe")))
    told = week(scene, days)
    (row,) = movements(scene.book, [window_since(scene, days)], scene.at)
    moved = {group.kind: group for group in told.groups if group.kind in KINDS}
    for kind in KINDS:
        amount = moved[kind].amount if kind in moved else 0.0
        assert abs(amount) == scene.money(row.amounts[kind])
        assert len(moved[kind].customers if kind in moved else ()) == row.counts[kind]
    assert (told.start, told.end) == (scene.money(row.start), scene.money(row.end))
    assert round(sum(group.amount for group in moved.values()) * 100) == round(told.net * 100)
    # Each sentence leads to this explanation of the same days.
    today = date.fromisoformat(NOW)
    behind = explain(scene, today - timedelta(days + 1), today)
    assert {one.kind: (one.amount, one.customers) for one in behind.movements} == {
        kind: (group.amount, len(group.customers)) for kind, group in moved.items()
    }
    assert (behind.start, behind.end, behind.net) == (told.start, told.end, told.net)
