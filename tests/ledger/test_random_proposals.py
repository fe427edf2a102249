"""Random lives in which upgrades are proposed and never paid are told as they were, at every look."""

import os
from typing import Any

import pytest

from eqho.stripe_simulator import account
from eqho.stripe_simulator.calendar import DAY, HOUR
from tests.ledger.comparison import Written, compare, compare_mrr, day, told_stretches, true_stretches
from tests.ledger.random_company import RandomCompany
from tests.ledger.untold import untold

SEEDS = int(os.environ.get("EQHO_SEEDS", "12"))


class ProposingCompany(RandomCompany):
    """Like the others, and now and then a customer's card refuses an upgrade. `looks` are the account as it
    was told then: while the bill is open, after it was voided, and later."""

    def __init__(self, seed: int, *, events: bool) -> None:
        self.proposed = 0
        self.looked = 0
        self.wrong: list[Any] = []
        self._events = events
        super().__init__(seed)

    def _act(self) -> None:
        running = [c for c in self._living() if self.sim.status(c.id) == "active" and not c.paused]
        if running and self.dice.random() < 0.25:
            contract = self.dice.choice(running)
            item = self._licensed(contract)
            price, seats = self.dice.choice(contract.family.licensed), self.dice.randint(2, 40)
            if self.sim.propose(contract.id, {item: (price, seats)}) is not None:
                self.proposed += 1
                self._look()
                self.sim.advance(min(self.now, self.sim.now + HOUR))
                self._look()
                self.sim.advance(min(self.now, self.sim.now + DAY))
                self._look()
                return
        super()._act()

    def _look(self) -> None:
        if self.looked > 12:
            return
        self.looked += 1
        ledger = Written(self.sim.account, ("newest",)).ledger("newest", events=self._events)
        told, true = day(told_stretches(ledger), ledger.now), day(true_stretches(self.sim), ledger.now)
        if told != true:
            self.wrong.append((ledger.now, told, true))


@pytest.mark.parametrize("events", [True, False], ids=["with events", "without events"])
def test_what_was_proposed_and_never_paid_is_never_told(
    events: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account, "EVENT_RETENTION", 10_000 * DAY)
    proposed = looks = 0
    for seed in range(SEEDS):
        company = ProposingCompany(seed, events=events)
        assert company.wrong == [], seed
        ledger = Written(company.sim.account, ("newest",)).ledger("newest", events=events)
        if events:
            assert compare(company.sim, ledger).wrong == [], seed
        else:
            assert compare_mrr(company.sim, ledger).by_kind(untold(company.sim))[""] == 0, seed
        proposed, looks = proposed + company.proposed, looks + company.looked
    with capsys.disabled():
        print(f"\n{SEEDS} lives, {proposed} upgrades proposed, {looks} looks")
    assert proposed >= SEEDS
