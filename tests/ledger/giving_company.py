"""Random companies in which who pays is now and then given free time, and any customer a balance."""

from typing import Any

from tests.ledger.random_company import Contract, RandomCompany


class GivingCompany(RandomCompany):
    """`free`: how often time was given."""

    def __init__(self, seed: int) -> None:
        self.free = 0
        super().__init__(seed)

    def _act(self) -> None:
        running = [c for c in self._living() if self.sim.status(c.id) == "active" and not c.paused]
        trialing = [c for c in self._living() if self.sim.status(c.id) == "trialing"]
        roll = self.dice.random()
        if running and roll < 0.1:
            contract = self.dice.choice(running)
            if self._has_paid(contract) and not contract.scheduled:
                days, prorated = self.dice.choice((5, 30)), self.dice.random() < 0.5
                self.sim.give_free_time(contract.id, days, prorated=prorated)
                self.free += 1
                return
        if trialing and roll > 0.97:
            self.sim.end_free_time(self.dice.choice(trialing).id)
            return
        if running and 0.1 < roll < 0.15:
            self.sim.give_balance(self.dice.choice(running).customer, self.dice.choice((900, 40_000)))
            return
        super()._act()

    def _has_paid(self, contract: Contract) -> bool:
        bills = self.sim.account.every("invoice", customer=contract.customer)
        return any(
            bill["status"] == "paid" and bill["total"] > 0 and _subscription_of(bill) == contract.id
            for bill in bills
        )


def _subscription_of(bill: dict[str, Any]) -> str:
    return str(((bill["parent"] or {}).get("subscription_details") or {}).get("subscription"))
