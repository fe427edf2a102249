"""From an account to a ledger: spans, the people behind them, trials, usage, and what could not be told."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from eqho.billing.objects import Account, Customer, Product, Subscription
from eqho.issues import Issue
from eqho.ledger.cash import Cash, LineLookup, cash_of
from eqho.ledger.present import Undated
from eqho.ledger.promises import Promise, promises_of
from eqho.ledger.records import Records, records_of
from eqho.ledger.renewals import Renewal, renewals_of
from eqho.ledger.spans import Span, Spans, merge_gaps
from eqho.ledger.timeline import Timeline, timeline
from eqho.ledger.trials import Window
from eqho.ledger.unlisted import unlisted_issue, unlisted_subscriptions
from eqho.periods import DAY, FAR, rfc3339


class Classifier(Protocol):
    """Which product line an item belongs to, and which customers are left out."""

    def classify(self, price_id: str, product: Product | None, customer: Customer | None) -> str: ...

    def excluded(self, customer: Customer) -> bool: ...


class Subscriber(msgspec.Struct, frozen=True):
    name: str
    email: str = ""


class SubscriptionFact(msgspec.Struct, frozen=True):
    """What is true of a whole subscription today. `ending`: the instant it is set to end, if it is.

    `trial_over`: when the trial ended, by itself or with the subscription; None while it runs or without one.
    `converted`: whether the first invoice after it was paid. A trial given to somebody who was already served
    is none; while one lasts the status is `free_period`.
    """

    id: str
    customer: str
    status: str
    lines: tuple[str, ...]
    created: int
    ended: int | None = None
    ending: int | None = None
    trial_start: int | None = None
    trial_end: int | None = None
    trial_over: int | None = None
    converted: bool = False
    promises: tuple[Promise, ...] = ()
    """What the trial would bring, by item."""


class Usage(msgspec.Struct, frozen=True):
    """A billed metered line: minor units, after discounts, without inclusive tax."""

    customer: str
    line: str
    currency: str
    amount: int
    at: int


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
    excluded = {c.id for c in account.customers.values() if classifier.excluded(c)}
    unlisted = [s for s in unlisted_subscriptions(account, now) if s.customer not in excluded]
    inferred = {s.id for s in unlisted}
    listed = [s for s in account.subscriptions.values() if s.customer not in excluded]
    subscriptions = [*listed, *unlisted]
    line_of = _line_lookup(account, classifier)
    records = records_of(account, subscriptions)
    rows: list[Span] = []
    facts: list[SubscriptionFact] = []
    undated: list[Undated] = []
    renewals: list[Renewal] = []
    for record in records:
        subscription = record.subscription
        told = timeline(record, account.prices, now)
        undated.extend(told.undated)
        requested = _requested(record, now)
        for s in told.stretches:
            line = line_of(s.price.id, s.price.product, subscription.customer)
            rows.append(
                Span(
                    subscription.customer, subscription.id, s.item, line, s.price.product, s.price.id,
                    s.price.currency, s.quantity, s.worth.gross, s.worth.after_repeating,
                    s.worth.after_forever, int(s.state), s.start, s.end,
                    min(max(requested, s.start), s.end), int(s.evidence),
                    s.inferred or subscription.id in inferred, s.invoice or "",
                )
            )  # fmt: skip
        facts.append(_fact(record, told, line_of, now))
        renewals.extend(renewals_of(subscription, told.stretches, line_of, now, _ending(subscription)))
        on_told()
    spans = merge_gaps(Spans.of(rows), merge_gap_days * DAY)
    return Ledger(
        spans=spans,
        customers=_subscribers(account, (f.customer for f in facts)),
        products={p.id: p.name for p in account.products.values()},
        price_names={p.id: p.nickname for p in account.prices.values() if p.nickname},
        subscriptions=tuple(facts),
        usage=tuple(_usage(account, excluded, line_of)),
        issues=(*_issues(spans, undated, excluded), *unlisted_issue(unlisted)),
        now=now,
        customer_url=customer_url,
        cash=cash_of(account, excluded, line_of),
        renewals=tuple(renewals),
    )


def _line_lookup(account: Account, classifier: Classifier) -> LineLookup:
    known: dict[tuple[str, str, str], str] = {}

    def line_of(price: str, product: str, customer: str) -> str:
        key = (price, product, customer)
        if key not in known:
            who = account.customers.get(customer)
            known[key] = classifier.classify(price, account.products.get(product), who)
        return known[key]

    return line_of


def _fact(record: Records, told: Timeline, line_of: LineLookup, now: int) -> SubscriptionFact:
    s, trial = record.subscription, told.trials.first
    over = _trial_over(s, trial, now)
    prices = [i.price for i in s.items] or [stretch.price for stretch in told.stretches]
    return SubscriptionFact(
        id=s.id,
        customer=s.customer,
        status="free_period" if s.status == "trialing" and told.trials.frees(now) else s.status,
        lines=tuple(dict.fromkeys(line_of(p.id, p.product, s.customer) for p in prices)),
        created=s.created,
        ended=s.ended_at,
        ending=_ending(s),
        trial_start=trial.start if trial else None,
        trial_end=trial.end if trial else None,
        trial_over=over,
        converted=over is not None and _converted(record, over),
        promises=promises_of(s, line_of),
    )


def _ending(subscription: Subscription) -> int | None:
    if subscription.ended_at is not None:
        return None
    if subscription.cancel_at_period_end:
        return max((i.period_end or 0 for i in subscription.items), default=0) or subscription.cancel_at
    return subscription.cancel_at


def _requested(record: Records, now: int) -> int:
    """When the cancellation was asked for; a fixed end that Stripe does not date counts as asked for when it
    was first seen."""
    subscription = record.subscription
    if subscription.canceled_at is not None:
        return subscription.canceled_at
    if _ending(subscription) is None:
        return FAR
    seen = now
    for sighting in reversed(record.sightings):
        if _ending(sighting.subscription) is None:
            break
        seen = sighting.at
    return seen


def _trial_over(subscription: Subscription, trial: Window | None, now: int) -> int | None:
    if trial is None:
        return None
    over = min(trial.end, subscription.ended_at or trial.end)
    return over if over <= now else None


def _converted(record: Records, over: int) -> bool:
    """However it was settled: from the customer's balance, or beside Stripe."""
    after = (i for i in record.invoices if i.created >= over and i.status not in ("draft", "void"))
    first = next(after, None)
    return first is not None and first.status == "paid" and first.total > 0


def _subscribers(account: Account, customers: Iterable[str]) -> dict[str, Subscriber]:
    found = {}
    for customer in customers:
        who = account.customers.get(customer)
        found[customer] = (
            Subscriber(who.name or who.email or customer, who.email) if who else Subscriber(customer)
        )
    return found


def _usage(account: Account, excluded: set[str], line_of: LineLookup) -> Iterable[Usage]:
    metered = {p.id for p in account.prices.values() if p.metered}
    for invoice in account.invoices:
        if invoice.status not in ("open", "paid", "uncollectible") or invoice.customer in excluded:
            continue
        for line in invoice.lines:
            if line.price in metered and line.price:
                net = line.amount - sum(d.amount for d in line.discounts) - line.inclusive_tax
                product = account.prices[line.price].product
                owner = line_of(line.price, product, invoice.customer)
                yield Usage(invoice.customer, owner, line.currency, net, line.end - 1)


def _issues(spans: Spans, undated: list[Undated], excluded: set[str]) -> Iterable[Issue]:
    for (since, seen), changed in _by_range(undated).items():
        yield Issue(
            "undated",
            "These subscription items changed at a time that Stripe's data does not tell, between "
            f"{rfc3339(since)} and {rfc3339(seen)}: each counts from the later one, its first sight.",
            changed,
        )
    if excluded:
        yield Issue(
            "excluded",
            "These internal customers are left out of every number, as eqho.toml says.",
            tuple(sorted(excluded)),
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
    for change in sorted(undated, key=lambda u: (-u.seen, u.item)):
        ranges[change.since, change.seen][change.item] = None
    return {span: tuple(items) for span, items in ranges.items()}
