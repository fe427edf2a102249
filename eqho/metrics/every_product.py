"""What a question computes that is the same for every product: once for all of them."""

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from eqho.ledger.build import Ledger
from eqho.ledger.facts import SubscriptionFact
from eqho.metrics.cash_worth import Worths, on_their_days
from eqho.metrics.entered import Rate
from eqho.metrics.exchange import Exchange
from eqho.metrics.panel import Company, CountedSpans, counted
from eqho.metrics.policy import MrrPolicy
from eqho.metrics.worth import Rates


@dataclass(frozen=True)
class EveryProduct:
    """`entered` are the rates; the others as those of a `Scene`."""

    ledger: Ledger
    entered: tuple[Rate, ...]
    at: int
    policy: MrrPolicy
    currency: str
    zone: ZoneInfo

    @cached_property
    def counted(self) -> CountedSpans:
        return counted(self.ledger.spans, self.policy)

    @cached_property
    def exchange(self) -> Exchange:
        return Exchange(self.entered, self.currency)

    @cached_property
    def rates(self) -> Rates:
        return self._rates(self.ledger.spans.names["currency"])

    @cached_property
    def cash_rates(self) -> Rates:
        return self._rates(self.ledger.cash.names["currency"])

    @cached_property
    def cash_worths(self) -> Worths:
        cash = self.ledger.cash
        return on_their_days(cash.amount, cash.currency, cash.at, self.cash_rates)

    @cached_property
    def company(self) -> Company:
        return Company.of(self.counted, self.currency, self.rates)

    @cached_property
    def facts(self) -> list[SubscriptionFact]:
        """The subscriptions that existed at the instant."""
        return [fact for fact in self.ledger.subscriptions if fact.created <= self.at]

    @cached_property
    def facts_by_line(self) -> dict[str, list[SubscriptionFact]]:
        found: dict[str, list[SubscriptionFact]] = {}
        for fact in self.facts:
            for line in fact.lines:
                found.setdefault(line, []).append(fact)
        return found

    def _rates(self, currencies: list[str]) -> Rates:
        return Rates(self.exchange, currencies, self.currency, self.zone)
