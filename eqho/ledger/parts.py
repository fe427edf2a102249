"""What the objects of one customer say by themselves: the part of a ledger that is derived again when they
change, and only then. It knows no product line, no exclusion and no setting."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from eqho.billing.objects import Account, Customer
from eqho.ledger.cash import Papers, papers_of
from eqho.ledger.facts import Sold, SubscriptionFact, Usage, ending, fact_of, requested, sold_by
from eqho.ledger.present import Undated
from eqho.ledger.records import Records, records_of
from eqho.ledger.renewals import Renewal, renewals_of
from eqho.ledger.spans import Span
from eqho.ledger.timeline import Timeline, timeline
from eqho.ledger.unlisted import unlisted_subscriptions


class Rest(msgspec.Struct, frozen=True, gc=False):
    """A part without its columns. `facts`, `usage` and `renewals` each beside what their product lines are
    told by; `unlisted` are ids of subscriptions that only bills know."""

    who: Customer | None = None
    facts: tuple[tuple[SubscriptionFact, tuple[Sold, ...]], ...] = ()
    usage: tuple[tuple[Usage, Sold], ...] = ()
    renewals: tuple[tuple[Renewal, Sold], ...] = ()
    undated: tuple[Undated, ...] = ()
    unlisted: tuple[str, ...] = ()


class Part(NamedTuple):
    """`customer` "" holds what names none. The line of every span is ""; gaps are not merged."""

    customer: str
    rest: Rest
    spans: list[Span]
    papers: Papers


class _Told(NamedTuple):
    """Of one subscription."""

    spans: list[Span]
    fact: tuple[SubscriptionFact, tuple[Sold, ...]]
    renewals: list[tuple[Renewal, Sold]]
    undated: list[Undated]


def parts_of(account: Account, now: int, on_told: Callable[[], None] = lambda: None) -> list[Part]:
    """By customer, everything but what concerns nobody. The same whether `account` holds the objects of one
    customer or of all. `on_told` is called after each subscription."""
    unlisted = unlisted_subscriptions(account, now)
    inferred = {s.id for s in unlisted}
    told: dict[str, list[_Told]] = defaultdict(list)
    for record in records_of(account, [*account.subscriptions.values(), *unlisted]):
        subscription = record.subscription
        line = timeline(record, account.prices, now)
        told[subscription.customer].append(
            _Told(
                list(_spans(record, line, now, subscription.id in inferred)),
                (fact_of(record, line, now), sold_by(record, line)),
                list(renewals_of(subscription, line.stretches, now, ending(subscription))),
                line.undated,
            )
        )
        on_told()
    usage = _usage(account)
    papers = papers_of(account)
    names: dict[str, list[str]] = defaultdict(list)
    for subscription in unlisted:
        names[subscription.customer].append(subscription.id)
    return [
        _part(
            customer,
            account.customers.get(customer),
            told.get(customer, ()),
            usage.get(customer, ()),
            names.get(customer, ()),
            papers.get(customer) or Papers([], []),
        )
        for customer in sorted({*account.customers, *told, *usage, *papers})
    ]


def _part(
    customer: str,
    who: Customer | None,
    told: Iterable[_Told],
    usage: Iterable[tuple[Usage, Sold]],
    unlisted: Iterable[str],
    papers: Papers,
) -> Part:
    rest = Rest(
        who=who,
        facts=tuple(each.fact for each in told),
        usage=tuple(usage),
        renewals=tuple(due for each in told for due in each.renewals),
        undated=tuple(change for each in told for change in each.undated),
        unlisted=tuple(unlisted),
    )
    return Part(customer, rest, [span for each in told for span in each.spans], papers)


def _spans(record: Records, told: Timeline, now: int, inferred: bool) -> Iterator[Span]:
    subscription, asked = record.subscription, requested(record, now)
    for s in told.stretches:
        yield Span(
            subscription.customer, subscription.id, s.item, "", s.price.product, s.price.id,
            s.price.currency, s.quantity, s.worth.gross, s.worth.after_repeating,
            s.worth.after_forever, int(s.state), s.start, s.end,
            min(max(asked, s.start), s.end), int(s.evidence),
            s.inferred or inferred, s.invoice or "",
        )  # fmt: skip


def _usage(account: Account) -> dict[str, list[tuple[Usage, Sold]]]:
    found: dict[str, list[tuple[Usage, Sold]]] = {}
    for invoice in account.invoices:
        if invoice.status not in ("open", "paid", "uncollectible"):
            continue
        for line in invoice.lines:
            price = account.prices.get(line.price or "")
            if price is not None and price.metered:
                net = line.amount - sum(d.amount for d in line.discounts) - line.inclusive_tax
                used = Usage(invoice.customer, "", line.currency, net, line.end - 1)
                found.setdefault(invoice.customer, []).append((used, Sold(price.id, price.product)))
    return found
