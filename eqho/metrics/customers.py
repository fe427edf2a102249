"""The customers behind the numbers, as they stood at an instant."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from eqho.ledger.build import Ledger, SubscriptionFact
from eqho.ledger.spans import Spans, State
from eqho.metrics.query import Document, Scene
from eqho.periods import FAR, day_of, rfc3339

Status = Literal[
    "active", "past_due", "trialing", "paused", "free", "other_currency", "unpaid", "churned", "never_paid"
]


def customer_rows(scene: Scene) -> list[Document]:
    """Every customer of the product, largest MRR first, those at 0 included. Money in major units.

    `at_risk`: past due. `scheduled_churn` and `trial_end` are days.
    """
    standing = _Standing(scene)
    rows = [_row(scene, standing, customer) for customer in standing.customers]
    return sorted(rows, key=lambda row: (-row["mrr"], row["name"], row["customer"]))


def name_of(ledger: Ledger, customer: str) -> str:
    known = ledger.customers.get(customer)
    return known.name if known else customer


def plan_name(ledger: Ledger, product: str, price: str) -> str:
    name = ledger.products.get(product, product)
    nickname = ledger.price_names.get(price)
    return f"{name} ({nickname})" if nickname else name


class _Standing:
    """What is looked up for every customer, by Stripe id."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._names = scene.ledger.spans.names["customer"]
        self.facts: dict[str, list[SubscriptionFact]] = defaultdict(list)
        for fact in scene.facts:
            self.facts[fact.customer].append(fact)

    @cached_property
    def customers(self) -> list[str]:
        spans = self._scene.spans
        began = np.unique(spans.customer[spans.start <= self._scene.at])
        return sorted({self._names[code] for code in began} | set(self.facts))

    @cached_property
    def mrr(self) -> dict[str, int]:
        balance = self._scene.balance
        return {self._names[code]: int(balance[code]) for code in np.flatnonzero(balance)}

    @cached_property
    def since(self) -> dict[str, int]:
        first = self._scene.book.scope.first()
        return {self._names[code]: int(first[code]) for code in np.flatnonzero(first < FAR)}

    @cached_property
    def trialing(self) -> frozenset[str]:
        """Ids of subscriptions."""
        return frozenset(fact.id for fact in self._scene.trialing)

    @cached_property
    def late(self) -> frozenset[str]:
        return self._customers_of(self._scene.running_spans(State.PAST_DUE))

    @cached_property
    def paused(self) -> frozenset[str]:
        return self._customers_of(self._scene.running_spans(State.PAUSED))

    @cached_property
    def served(self) -> frozenset[str]:
        return self._customers_of(self._scene.running_spans(State.ACTIVE, State.PAST_DUE))

    @cached_property
    def paying_elsewhere(self) -> frozenset[str]:
        """Customers with MRR in a currency that is shown apart."""
        spans, at = self._scene.ledger.spans, self._scene.at
        apart = spans.currency != spans.code("currency", self._scene.currency)
        paying = (spans.start <= at) & (at < spans.end) & (spans.net_eqho > 0) & (spans.state != State.PAUSED)
        return self._customers_of(spans.where(apart & paying))

    @cached_property
    def sold(self) -> Mapping[str, tuple[list[str], list[str]]]:
        """Lines and plans that run at the instant."""
        scene, found = self._scene, dict[str, tuple[list[str], list[str]]]()
        spans = scene.running_spans(State.ACTIVE, State.PAST_DUE, State.PAUSED)
        names = spans.names
        for customer, line, product, price in zip(
            spans.customer, spans.line, spans.product, spans.price, strict=True
        ):
            lines, plans = found.setdefault(self._names[customer], ([], []))
            plan = plan_name(scene.ledger, names["product"][product], names["price"][price])
            for kept, value in ((lines, names["line"][line]), (plans, plan)):
                if value not in kept:
                    kept.append(value)
        return found

    def _customers_of(self, spans: Spans) -> frozenset[str]:
        return frozenset(self._names[code] for code in np.unique(spans.customer))

    def status(self, customer: str) -> Status:
        """What a person would call the customer at the instant."""
        facts = self.facts[customer]
        if customer in self.mrr:
            return "past_due" if customer in self.late else "active"
        if any(fact.id in self.trialing for fact in facts):
            return "trialing"
        if customer in self.paused:
            return "paused"
        if customer in self.served:
            return "free"
        if customer in self.paying_elsewhere:
            return "other_currency"
        if any(fact.status == "unpaid" for fact in facts):
            return "unpaid"
        return "churned" if self.since.get(customer, FAR) <= self._scene.at else "never_paid"


def _row(scene: Scene, standing: _Standing, customer: str) -> Document:
    lines, plans = standing.sold.get(customer, ([], []))
    facts = standing.facts[customer]
    since = standing.since.get(customer, FAR)
    url = scene.ledger.customer_url
    return {
        "customer": customer,
        "name": name_of(scene.ledger, customer),
        "mrr": scene.money(standing.mrr.get(customer, 0)),
        "since": rfc3339(since) if since <= scene.at else None,
        "status": standing.status(customer),
        "lines": lines,
        "plans": plans,
        "stripe_url": url + customer if url else None,
        "at_risk": customer in standing.late,
        "scheduled_churn": _first_day(scene, [f.ending for f in facts if f.ending and f.ending > scene.at]),
        "trial_end": _first_day(
            scene, [f.trial_end for f in facts if f.trial_end and f.id in standing.trialing]
        ),
    }


def _first_day(scene: Scene, instants: Sequence[int]) -> str | None:
    return day_of(min(instants), scene.zone).isoformat() if instants else None
