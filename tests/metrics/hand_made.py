"""Ledgers made of a few spans each: what a metric sees, without the road from invoices."""

from eqho.ledger.build import Ledger
from eqho.ledger.facts import Subscriber, SubscriptionFact
from eqho.ledger.spans import Span, Spans, State
from eqho.periods import FAR
from tests.ledger.stripe_account import at

UNITS = 1_000_000
"""MRR units in a dollar."""


def paid(
    customer: str,
    mrr: float,
    start: str,
    end: str | None = None,
    *,
    line: str = "towpilot",
    stripe: float | None = None,
    gross: float | None = None,
    state: State = State.ACTIVE,
    requested: str | None = None,
    currency: str = "usd",
    subscription: str | None = None,
) -> Span:
    """`mrr` dollars a month from one day to another; `stripe` and `gross` where they differ from it."""
    ended = at(end) if end else FAR
    stripe = mrr if stripe is None else stripe
    gross = stripe if gross is None else gross
    name = subscription or f"sub_{customer}_{line}"
    return Span(
        customer, name, f"si_{name}", line, f"prod_{line}", f"price_{line}", currency, 1.0,
        round(gross * UNITS), round(mrr * UNITS), round(stripe * UNITS), int(state), at(start), ended,
        at(requested) if requested else ended, 3, False, "",
    )  # fmt: skip


def ledger_of(*spans: Span, now: str = "2026-06-15", facts: tuple[SubscriptionFact, ...] = ()) -> Ledger:
    return Ledger(
        spans=Spans.of(spans),
        customers={s.customer: Subscriber(s.customer.title()) for s in spans},
        products={f"prod_{s.line}": s.line.title() for s in spans},
        price_names={},
        subscriptions=facts,
        usage=(),
        issues=(),
        now=at(now),
    )
