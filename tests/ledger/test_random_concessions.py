"""Random companies that give free time to who pays, and balances that settle first bills: told alike at every
look, before, during and after, as they were."""

import os
from collections.abc import Sequence
from random import Random

import pytest

from eqho.ledger.build import Ledger
from eqho.stripe_simulator import account
from eqho.stripe_simulator.calendar import DAY, HOUR, instant
from tests.ledger.comparison import (
    Place,
    Stretch,
    Worths,
    Written,
    compare,
    compare_mrr,
    day,
    told_stretches,
    true_stretches,
)  # fmt: skip
from tests.ledger.giving_company import GivingCompany
from tests.ledger.untold import untold
from tests.oracle.simulator import Simulator

SEEDS = int(os.environ.get("EQHO_SEEDS", "8"))
BEGIN = instant("2024-01-09T07:31:05")
PRICES = (9_900, 39_900)
YEARLY = 480_000


class Giving:
    """Six customers, most of them on trial first; `looks` are told from bills and today's objects alone."""

    def __init__(self, seed: int) -> None:
        self.sim = Simulator(BEGIN, seed=seed)
        self.dice = Random(seed)
        self.wrong: list[object] = []
        self.looks = self.free = self.settled = 0
        self.converted: dict[str, bool] = {}
        """Of the trials that are over, by what was made of their first bill."""
        product = self.sim.create_product("TowPilot")
        self.prices = [self.sim.create_price(product, cents) for cents in PRICES]
        self.prices.append(self.sim.create_price(product, YEARLY, interval="year"))
        self.customer: dict[str, str] = {}
        for number in range(6):
            self._wait(20)
            self._begin(number)
            self.look()
        for _ in range(24):
            self._wait(25)
            self._act(self.dice.choice([*self.customer]))
            self.look()

    def _wait(self, days: int) -> None:
        self.sim.advance(self.sim.now + self.dice.randint(1, days * DAY))

    def _begin(self, number: int) -> None:
        """Some are given a balance before their first bill: less than it, as much, or more."""
        dice, sim = self.dice, self.sim
        who = sim.create_customer(f"Towing {number}", f"ops@towing{number}.example")
        price, seats = dice.choice(self.prices), dice.randint(1, 9)
        trial = dice.choice((0, 14, 30, 30))
        sub = sim.subscribe(
            who, [(price, seats)], trial_days=trial, billing_mode=dice.choice(("classic", "flexible"))
        )
        self.customer[sub] = who
        fate = dice.choice(("pays", "balance", "balance", "fails"))
        if not trial:
            return
        if fate == "balance":
            self.settled += 1
            sim.give_balance(who, dice.choice((1_000, 9_900 * seats, 5_000_000)))
        elif fate == "fails":
            sim.fail_next_payment(sub, "cancel", after=5 * DAY)
        self.look()
        sim.advance(sim.period_end(sub) + 2 * HOUR)
        self.converted[sub] = fate != "fails"

    def _act(self, sub: str) -> None:
        dice, sim = self.dice, self.sim
        roll, status = dice.random(), sim.status(sub)
        if status == "trialing":
            if roll < 0.3:
                sim.end_free_time(sub)
            elif roll < 0.4:
                sim.cancel(sub)
            elif roll < 0.6:
                sim.change_quantity(sub, dice.randint(1, 9))
            return
        if status != "active":
            return
        if roll < 0.5:
            self.free += 1
            sim.give_free_time(sub, dice.choice((7, 30, 60)), prorated=dice.random() < 0.7)
            self.look()
            sim.advance(sim.now + HOUR)
        elif roll < 0.6:
            sim.give_balance(self.customer[sub], dice.choice((1_000, 50_000)))
        elif roll < 0.9:
            sim.change_quantity(sub, dice.randint(1, 9))
        else:
            sim.cancel(sub)

    def look(self) -> None:
        self.looks += 1
        ledger = Written(self.sim.account, ("newest",)).ledger("newest", events=False)
        told, true = told_stretches(ledger), true_stretches(self.sim)
        for at in [*range(BEGIN, ledger.now, 5 * DAY), ledger.now]:
            if (told_then := _billed(told, at)) != (true_then := _billed(true, at)):
                self.wrong.append((ledger.now, at, told_then, true_then))
                return
        self._compare_trials(ledger)

    def _compare_trials(self, ledger: Ledger) -> None:
        told = {fact.id: fact.converted for fact in ledger.subscriptions}
        for sub, converted in self.converted.items():
            if told[sub] != converted:
                self.wrong.append((ledger.now, sub, converted))


def _billed(stretches: Sequence[Stretch], at: int) -> dict[Place, Worths | str]:
    """What each item is worth, or why it is away: changes during free time are on no bill before its end."""
    return {place: worths.away or worths for place, worths in day(stretches, at).items()}


def test_what_is_given_is_told_alike_at_every_look(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account, "EVENT_RETENTION", 10_000 * DAY)
    looks = free = settled = 0
    for seed in range(SEEDS):
        company = Giving(seed)
        assert company.wrong == [], seed
        ledger = Written(company.sim.account, ("newest",)).ledger("newest", events=True)
        assert compare(company.sim, ledger).wrong == [], seed
        looks, free, settled = looks + company.looks, free + company.free, settled + company.settled
    with capsys.disabled():
        print(f"\n{SEEDS} companies, {looks} looks, {free} free periods, {settled} bills from a balance")
    assert free >= SEEDS
    assert settled >= SEEDS


def test_what_is_given_in_any_life_is_told_as_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account, "EVENT_RETENTION", 10_000 * DAY)
    free = 0
    for seed in range(SEEDS):
        company = GivingCompany(seed)
        written = Written(company.sim.account, ("newest",))
        assert compare(company.sim, written.ledger("newest", events=True)).wrong == [], seed
        silent = compare_mrr(company.sim, written.ledger("newest", events=False))
        assert silent.by_kind(untold(company.sim))[""] == 0, seed
        free += company.free
    with capsys.disabled():
        print(f"\n{SEEDS} lives, {free} free periods")
    assert free >= SEEDS
