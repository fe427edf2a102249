"""Random companies whose subscriptions are served before their first bill: an anchor ahead, an import with
its old start, a copy in place of another. Told alike before and after the bill, and as they were."""

import os
from random import Random

import pytest

from eqho.stripe_simulator import account
from eqho.stripe_simulator.calendar import DAY, instant, shift
from tests.ledger.comparison import Written, compare, day, told_stretches, true_stretches
from tests.oracle.simulator import Simulator

SEEDS = int(os.environ.get("EQHO_SEEDS", "12"))
BEGIN = instant("2024-01-09T07:31:05")


class LateBills:
    """Six customers; each begins in one of the ways, changes seats after its first bill, and may leave."""

    def __init__(self, seed: int) -> None:
        self.sim = Simulator(BEGIN, seed=seed)
        self.wrong: list[int] = []
        self.looks = 0
        dice = Random(seed)
        product = self.sim.create_product("TowPilot")
        month = [self.sim.create_price(product, cents) for cents in (9_900, 39_900)]
        year = self.sim.create_price(product, 480_000, interval="year")
        subs: list[str] = []
        for number in range(6):
            self.sim.advance(self.sim.now + dice.randint(1, 20) * DAY)
            who = self.sim.create_customer(f"Towing {number}", f"ops@towing{number}.example")
            price = dice.choice((*month, *month, year))
            seats = dice.randint(1, 9)
            way = dice.choice(("ahead", "imported", "copied"))
            start = self.sim.now - dice.randint(20, 200) * DAY if way != "ahead" else None
            if way == "copied":
                old = self.sim.subscribe(who, [(price, seats)])
                self.sim.advance(self.sim.now + dice.randint(3, 70) * DAY)
                start = shift(self.sim.now, "month", -3)
            bills_from = self.sim.now + dice.randint(2, 25) * DAY
            subs.append(self.sim.subscribe(who, [(price, seats)], backdate=start, bills_from=bills_from))
            if way == "copied":
                self.sim.cancel(old)
            self.look()
            self.sim.advance(bills_from - DAY // 2)
            self.look()
            self.sim.advance(bills_from + 2 * DAY)
            self.look()
        for _ in range(6):
            self.sim.advance(self.sim.now + dice.randint(5, 40) * DAY)
            sub = dice.choice(subs)
            if self.sim.alive(sub):
                if dice.random() < 0.2:
                    self.sim.cancel(sub)
                else:
                    self.sim.change_quantity(sub, dice.randint(1, 9))
            self.look()

    def look(self) -> None:
        """Without events: bills and today's objects alone."""
        self.looks += 1
        ledger = Written(self.sim.account, ("newest",)).ledger("newest", events=False)
        told, true = told_stretches(ledger), true_stretches(self.sim)
        for at in range(BEGIN, ledger.now, 5 * DAY):
            if day(told, at) != day(true, at):
                self.wrong.append(at)
                return


def test_what_is_served_before_its_first_bill_is_told_alike_at_every_look(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account, "EVENT_RETENTION", 10_000 * DAY)
    looks = 0
    for seed in range(SEEDS):
        company = LateBills(seed)
        assert company.wrong == [], seed
        ledger = Written(company.sim.account, ("newest",)).ledger("newest", events=True)
        assert compare(company.sim, ledger).wrong == [], seed
        looks += company.looks
    with capsys.disabled():
        print(f"\n{SEEDS} companies, {looks} looks")
