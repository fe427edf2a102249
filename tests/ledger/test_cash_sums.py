"""Money in sums by quarter of an hour: nothing is lost, and what came bit by bit is what is made at once."""

from collections import Counter
from dataclasses import fields
from datetime import date
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest

from eqho.billing.objects import Customer, Product
from eqho.ledger import labels as labels_by_change
from eqho.ledger.cash import Bill, BillRow, Cash, Flow, Papers, Share, ShareRow
from eqho.ledger.cash_sums import QUARTER, SUMMED
from eqho.ledger.derived import Derived
from eqho.ledger.labels import Labels
from eqho.ledger.parts import Part, Rest
from eqho.periods import DAY, midnight

NOW = 1_795_348_800
LINES = ("a", "b", "c")


class ByPrice:
    """A product line for each price; who is called "internal" is left out."""

    def classify(self, price_id: str, product: Product | None, customer: Customer | None) -> str:
        return price_id

    def excluded(self, customer: Customer) -> bool:
        return customer.name == "internal"


class Company:
    """Customers whose documents change, most of them of this very hour."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.now = NOW + self.dice.randrange(QUARTER)
        self.parts: dict[str, Part] = {}
        for number in range(self.dice.randint(1, 6)):
            self.parts[f"cus_{number}"] = self._part(f"cus_{number}")
        self.derived = Derived.of(self.parts[name] for name in sorted(self.parts))

    def step(self) -> None:
        """Time passes, seldom backwards; a few are other than they were, gone, or new."""
        self.now += self.dice.choice((0, 1, 60, QUARTER - 1, QUARTER, DAY, -1, -QUARTER))
        names = {f"cus_{self.dice.randrange(8)}" for _ in range(self.dice.randrange(3))}
        new = {name: self._part(name) for name in sorted(names) if self.dice.random() < 0.8}
        self.parts = {name: part for name, part in self.parts.items() if name not in names} | new
        self.derived = self.derived.replaced(names, [Derived.of([part]) for part in new.values()])

    def _part(self, customer: str) -> Part:
        name = "internal" if self.dice.random() < 0.2 else customer
        who = Customer(id=customer, name=name, email="", created=0)
        papers = Papers([], [])
        for number in range(self.dice.randrange(5)):
            bills, shares = self._paper(customer, number)
            papers.bills.extend(bills)
            papers.shares.extend(shares)
        return Part(customer, Rest(who=who), [], papers)

    def _paper(self, customer: str, number: int) -> Papers:
        at = self.now + self.dice.choice((-40 * DAY, -DAY, -QUARTER, -60, -1, 0, 1, QUARTER))
        currency = self.dice.choice(("usd", "eur"))
        bills: list[BillRow] = [
            Bill(customer, number, flow, currency, self.dice.randint(1, 9_999), at, at)
            for flow in self.dice.sample(list(Flow), k=self.dice.randint(1, 3))
        ]
        prices = self.dice.sample(LINES, k=self.dice.randrange(3))
        shares: list[ShareRow] = [
            Share(customer, number, price, "", self.dice.randint(0, 500)) for price in prices
        ]
        return Papers(bills, shares)


def cash(labels: Labels, derived: Derived, now: int) -> Cash:
    labelled = labels.follow(derived, {}, now)
    return labelled.sums.cash(labelled.alone)


def assert_equal(one: Cash, other: Cash) -> None:
    assert one.names == other.names
    for column in (field.name for field in fields(Cash) if field.name != "names"):
        assert np.array_equal(getattr(one, column), getattr(other, column)), column


@pytest.mark.parametrize("seed", range(60))
def test_bit_by_bit_is_the_same_as_at_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels_by_change, "_FEW", 0)
    company, labels = Company(seed), Labels(ByPrice())
    for _ in range(20):
        at_once = Derived.of(company.parts[name] for name in sorted(company.parts))
        assert_equal(
            cash(labels, company.derived, company.now), cash(Labels(ByPrice()), at_once, company.now)
        )
        company.step()


@pytest.mark.parametrize("seed", range(20))
def test_every_flow_of_every_quarter_of_an_hour_is_the_sum_of_its_bills(seed: int) -> None:
    company = Company(seed)
    found, expected = Counter[tuple[int, str, int]](), Counter[tuple[int, str, int]]()
    for part in company.parts.values():
        assert part.rest.who is not None
        if part.rest.who.name != "internal":
            for bill in part.papers.bills:
                expected[bill.flow, bill.currency, bill.at // QUARTER] += bill.amount
    told = cash(Labels(ByPrice()), company.derived, company.now)
    for flow, currency, at, amount in zip(told.flow, told.currency, told.at, told.amount, strict=True):
        found[int(flow), told.names["currency"][currency], int(at) // QUARTER] += int(amount)
    assert found == expected
    summed = told.document < 0
    assert set(told.flow[summed].tolist()) <= set(SUMMED)
    assert (told.at[summed] < company.now - company.now % QUARTER).all()
    assert len(np.unique(np.stack([told.flow, told.line, told.currency, told.at])[:, summed], axis=1).T) == (
        summed.sum()
    )


def test_days_of_every_time_zone_begin_with_a_quarter_of_an_hour() -> None:
    odd = [
        name
        for name in sorted(available_timezones())
        for year in range(2010, 2040)
        for month in (1, 7)
        if midnight(date(year, month, 1), ZoneInfo(name)) % QUARTER
    ]
    assert odd == []
