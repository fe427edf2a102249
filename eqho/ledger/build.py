"""From an account to a ledger: spans, the people behind them, trials, usage, and what could not be told."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Self

import msgspec

from eqho.billing.objects import Account, Product
from eqho.issues import Issue
from eqho.ledger.cash import Cash
from eqho.ledger.derived import Derived
from eqho.ledger.facts import Subscriber, SubscriptionFact, Usage
from eqho.ledger.labelled import Classifier, LabelledRest
from eqho.ledger.labels import Labels
from eqho.ledger.parts import parts_of
from eqho.ledger.present import Undated
from eqho.ledger.renewals import Renewal
from eqho.ledger.spans import Spans, merge_gaps
from eqho.ledger.unlisted import unlisted_issue
from eqho.periods import DAY, FAR, rfc3339


class Ledger(msgspec.Struct, frozen=True):
    """Everything the metrics read. `now` is the instant of the mirror it was built from."""

    spans: Spans
    customers: Mapping[str, Subscriber]
    products: Mapping[str, str]
    price_names: Mapping[str, str]
    subscriptions: tuple[SubscriptionFact, ...]
    usage: tuple[Usage, ...]
    issues: tuple[Issue, ...]
    now: int
    customer_url: str = ""
    """What stands before a customer's id in Stripe's dashboard, "" where there is none."""
    cash: Cash = msgspec.field(default_factory=lambda: Cash.of(()))
    renewals: tuple[Renewal, ...] = ()


class Goods(NamedTuple):
    """What is sold, by id. `nicknames` of prices that have one."""

    products: Mapping[str, Product]
    nicknames: Mapping[str, str]

    @classmethod
    def of(cls, account: Account) -> Self:
        named = {price.id: price.nickname for price in account.prices.values() if price.nickname}
        return cls(account.products, named)


def build_ledger(
    account: Account,
    classifier: Classifier,
    now: int,
    merge_gap_days: int = 1,
    customer_url: str = "",
    *,
    on_told: Callable[[], None] = lambda: None,
) -> Ledger:
    """Spans of every subscription that was ever in service. `on_told` is called after each of them."""
    derived = Derived.of(parts_of(account, now, on_told))
    return label(derived, Goods.of(account), Labels(classifier), now, merge_gap_days, customer_url)


def label(
    derived: Derived,
    goods: Goods,
    labels: Labels,
    now: int,
    merge_gap_days: int = 1,
    customer_url: str = "",
) -> Ledger:
    """What was derived, under product lines, exclusions and settings: none of them derives anything again.
    The same whatever `labels` had followed before."""
    labelled = labels.follow(derived, goods.products, now)
    spans = Spans(**labelled.spans.arrays, names=labelled.spans.names)
    merged = merge_gaps(spans, merge_gap_days * DAY)
    told = _Told()
    for name, each in labelled.rests.items():
        told.add(name, each)
    return Ledger(
        spans=merged,
        customers=told.customers,
        products={name: goods.products[name].name for name in sorted(goods.products)},
        price_names=dict(sorted(goods.nicknames.items())),
        subscriptions=tuple(told.facts),
        usage=tuple(told.usage),
        issues=(*_issues(merged, told), *unlisted_issue(sorted(told.unlisted))),
        now=now,
        customer_url=customer_url,
        cash=labelled.sums.cash(labelled.alone),
        renewals=tuple(told.renewals),
    )


class _Told:
    """What the rests of all say, without who is excluded."""

    def __init__(self) -> None:
        self.customers: dict[str, Subscriber] = {}
        self.facts: list[SubscriptionFact] = []
        self.usage: list[Usage] = []
        self.renewals: list[Renewal] = []
        self.undated: list[Undated] = []
        self.unlisted: list[str] = []
        self.excluded: list[str] = []

    def add(self, customer: str, each: LabelledRest) -> None:
        if each.excluded:
            self.excluded.append(customer)
            return
        if each.subscriber is not None:
            self.customers[customer] = each.subscriber
        self.facts += each.facts
        self.usage += each.usage
        self.renewals += each.renewals
        self.undated += each.rest.undated
        self.unlisted += each.rest.unlisted


def _issues(spans: Spans, told: _Told) -> Iterable[Issue]:
    for (since, seen), changed in _by_range(told.undated).items():
        yield Issue(
            "undated",
            "These subscription items changed at a time that Stripe's data does not tell, between "
            f"{rfc3339(since)} and {rfc3339(seen)}: each counts from the later one, its first sight.",
            changed,
        )
    if told.excluded:
        yield Issue(
            "excluded",
            "These internal customers are left out of every number, as eqho.toml says.",
            tuple(sorted(told.excluded)),
        )
    unmapped = spans.code("line", "unmapped")
    if unmapped >= 0:
        items = {spans.names["item"][i] for i in spans.item[(spans.line == unmapped) & (spans.end == FAR)]}
        if items:
            yield Issue(
                "unmapped",
                "These subscription items belong to no product line; "
                "name their product or price in eqho.toml.",
                tuple(sorted(items)),
            )


def _by_range(undated: Iterable[Undated]) -> dict[tuple[int, int], tuple[str, ...]]:
    ranges: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for change in sorted(undated, key=lambda u: (-u.seen, u.item, u.since)):
        ranges[change.since, change.seen][change.item] = None
    return {span: tuple(items) for span, items in ranges.items()}
