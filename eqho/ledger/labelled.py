"""What is said of each customer under product lines and exclusions."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from msgspec.structs import replace

from eqho.billing.objects import Customer, Product
from eqho.ledger.facts import Sold, Subscriber, SubscriptionFact
from eqho.ledger.parts import Rest


class Classifier(Protocol):
    """Which product line an item belongs to, and which customers are left out."""

    def classify(self, price_id: str, product: Product | None, customer: Customer | None) -> str: ...

    def excluded(self, customer: Customer) -> bool: ...


class LabelledRest:
    """The rest of one customer's part under its product lines. `subscriber` is None without a subscription;
    nothing is said of who is `excluded`."""

    __slots__ = (
        "_classifier",
        "_lines",
        "_products",
        "excluded",
        "facts",
        "renewals",
        "rest",
        "subscriber",
        "usage",
    )

    def __init__(
        self, customer: str, rest: Rest, classifier: Classifier, products: Mapping[str, Product]
    ) -> None:
        self.rest, self._classifier, self._products = rest, classifier, products
        self._lines: dict[Sold, str] = {}
        self.excluded = rest.who is not None and classifier.excluded(rest.who)
        told = Rest() if self.excluded else rest
        self.subscriber = _subscriber(customer, rest.who) if told.facts else None
        self.facts = tuple(self._fact(fact, sold) for fact, sold in told.facts)
        self.usage = tuple(replace(used, line=self.line(sold)) for used, sold in told.usage)
        self.renewals = tuple(replace(due, line=self.line(sold)) for due, sold in told.renewals)

    def line(self, sold: Sold) -> str:
        """The product line of what was sold to this customer; the classifier is asked once each."""
        if sold not in self._lines:
            product = self._products.get(sold.product)
            self._lines[sold] = self._classifier.classify(sold.price, product, self.rest.who)
        return self._lines[sold]

    def _fact(self, fact: SubscriptionFact, sold: Iterable[Sold]) -> SubscriptionFact:
        promises = tuple(
            replace(promise, line=self.line(Sold(promise.price, promise.product)))
            for promise in fact.promises
        )
        return replace(fact, lines=tuple(dict.fromkeys(map(self.line, sold))), promises=promises)


def _subscriber(customer: str, who: Customer | None) -> Subscriber:
    return Subscriber(who.name or who.email or customer, who.email) if who else Subscriber(customer)
