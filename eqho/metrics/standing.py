"""What a person would call a customer at an instant: one rule for the list, its labels and every count."""

from collections import defaultdict
from functools import cached_property
from typing import Literal

import numpy as np

from eqho.ledger.facts import SubscriptionFact
from eqho.ledger.spans import Spans, State
from eqho.metrics.query import Scene
from eqho.periods import FAR

Status = Literal[
    "active", "past_due", "cancelling", "trialing", "free_period", "paused", "free", "other_currency",
    "unpaid", "churned", "never_paid",
]  # fmt: skip

Customers = frozenset[str]


class Standing:
    """Sets of customers, by Stripe id, of one product under one policy."""

    def __init__(self, scene: Scene) -> None:
        self._scene, self._at = scene, scene.at
        self._names = scene.ledger.spans.names["customer"]

    @cached_property
    def facts(self) -> dict[str, list[SubscriptionFact]]:
        """By customer."""
        found: dict[str, list[SubscriptionFact]] = defaultdict(list)
        for fact in self._scene.facts:
            found[fact.customer].append(fact)
        return found

    def status(self, customer: str) -> Status:
        if customer in self.mrr:
            return "past_due" if customer in self.late else "active"
        if customer in self.cancelling:
            return "cancelling"
        if customer in self.trialing:
            return "trialing"
        if customer in self.given:
            return "free_period"
        if customer in self.paused:
            return "paused"
        if customer in self.paying_elsewhere:
            return "other_currency"
        if customer in self.free:
            return "free"
        if any(fact.status == "unpaid" for fact in self.facts.get(customer, ())):
            return "unpaid"
        return "churned" if self.since.get(customer, FAR) <= self._at else "never_paid"

    @cached_property
    def everybody(self) -> list[str]:
        spans = self._scene.spans
        began = self._customers_of(spans.where(spans.start <= self._at))
        return sorted(began | set(self.facts))

    @cached_property
    def mrr(self) -> dict[str, int]:
        """MRR units of who has any."""
        balance = self._scene.balance
        return {self._names[code]: int(balance[code]) for code in np.flatnonzero(balance)}

    @cached_property
    def since(self) -> dict[str, int]:
        """First instant with MRR."""
        first = self._scene.book.scope.first
        return {self._names[code]: int(first[code]) for code in np.flatnonzero(first < FAR)}

    @cached_property
    def late(self) -> Customers:
        return self._customers_of(self._scene.spans.running(self._at, State.PAST_DUE))

    @cached_property
    def cancelling(self) -> Customers:
        """Who no longer counts, because the end was requested, and still pays until it comes."""
        spans = self._scene.spans.cancelling(self._at)
        leaving = (spans.mrr > 0) & (self._scene.balance[spans.customer] == 0)
        return self._customers_of(spans.where(leaving))

    @cached_property
    def trials(self) -> Customers:
        """Ids of the subscriptions that are on trial."""
        return frozenset(fact.id for fact in self._scene.trialing)

    @cached_property
    def trialing(self) -> Customers:
        return frozenset(fact.customer for fact in self._scene.trialing)

    @cached_property
    def given(self) -> Customers:
        """Who was served already and was given a free period."""
        return self._customers_of(self._scene.spans.running(self._at, State.FREE_PERIOD))

    @cached_property
    def paused(self) -> Customers:
        return self._customers_of(self._scene.spans.running(self._at, State.PAUSED))

    @cached_property
    def paying_elsewhere(self) -> Customers:
        """Customers with MRR in a currency that is shown apart."""
        spans = self._scene.counted
        apart = spans.where(~self._scene.rates.told(spans.currency, self._at))
        running = apart.running(self._at, State.ACTIVE, State.PAST_DUE)
        return self._customers_of(running.where(running.mrr > 0))

    @cached_property
    def free(self) -> Customers:
        """Who is served and pays for nothing: $0 plans only."""
        spans, at = self._scene.spans, self._at
        served = (
            (spans.start <= at)
            & (at < spans.ended)
            & spans.in_mrr
            & (self._scene.balance[spans.customer] == 0)
        )
        found = self._customers_of(spans.where(served))
        return found - self.cancelling - self.paying_elsewhere - self.trialing - self.given - self.paused

    def _customers_of(self, spans: Spans) -> Customers:
        return frozenset(self._names[code] for code in np.unique(spans.customer))
