"""The policy applied to the spans, once, and what every customer is worth at any instant."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints, Spans, State
from eqho.metrics.policy import MrrPolicy
from eqho.metrics.worth import Rates, Worth
from eqho.periods import FAR
from eqho.products import ALL


@dataclass(frozen=True)
class CountedSpans(Spans):
    """Spans as a policy counts them: `end` is when they stop to count, which may be where they begin."""

    mrr: Ints
    """MRR units that count in `[start, end)`, or would count where the span is paused."""
    ended: Ints
    """When the service itself ended: not before `end`."""

    def running(self, at: int, *states: State) -> Self:
        """The spans that count at an instant, of some states."""
        return self.where((self.start <= at) & (at < self.end) & self._is(states))

    def cancelling(self, at: int) -> Self:
        """The spans that no longer count, because their end was requested, and are still in service."""
        return self.where((self.start <= at) & (self.end <= at) & (at < self.ended))

    def _is(self, states: tuple[State, ...]) -> npt.NDArray[np.bool_]:
        return np.isin(self.state, [int(state) for state in states])


def counted(spans: Spans, policy: MrrPolicy) -> CountedSpans:
    """The one place where a policy is applied: what a span is worth under it, and when it ends."""
    columns = {field.name: getattr(spans, field.name) for field in fields(Spans)}
    if policy.churn_at == "requested":
        columns["end"] = np.clip(spans.requested, spans.start, spans.end)
    mrr = spans.net_eqho if policy.repeating_coupons else spans.net_stripe
    return CountedSpans(**columns, mrr=mrr, ended=spans.end)


@dataclass(frozen=True)
class Columns:
    """Stretches that count as MRR: customer codes, `[start, end)`, MRR units (all > 0).

    With `worth` the units are of several currencies, and every balance is what they are worth at its instant;
    without it they are of one.
    """

    customer: npt.NDArray[np.int32]
    subscription: npt.NDArray[np.int32]
    start: Ints
    end: Ints
    requested: Ints
    """When the end was asked for; FAR where it was not."""
    mrr: Ints
    size: int
    """How many customer codes there are."""
    worth: Worth | None = None

    def where(self, mask: npt.NDArray[np.bool_]) -> Self:
        return type(self)(
            self.customer[mask],
            self.subscription[mask],
            self.start[mask],
            self.end[mask],
            self.requested[mask],
            self.mrr[mask],
            self.size,
            None if self.worth is None else self.worth.where(mask),
        )

    def active(self, at: int) -> npt.NDArray[np.bool_]:
        return (self.start <= at) & (at < self.end)

    def total(self, at: int) -> int:
        return int(self.valued(self.active(at), at).sum())

    def valued(self, mask: npt.NDArray[np.bool_], at: int) -> Ints:
        """What the stretches of a mask are worth at an instant, MRR units of the reporting currency."""
        return self.mrr[mask] if self.worth is None else self.worth.where(mask).at(self.mrr[mask], at)

    def balance(self, at: int, *, rates_of: int | None = None) -> Ints:
        """MRR units by customer, int64 (customers,), at the rates of that instant or of another."""
        balance = np.zeros(self.size, dtype=np.int64)
        active = self.active(at)
        worth = self.valued(active, at if rates_of is None else rates_of)
        np.add.at(balance, self.customer[active], worth)
        return balance

    def balances(self, samples: Ints) -> Ints:
        """MRR units, int64 (customers, samples); `samples` ascending."""
        if self.worth is not None:
            return np.stack([self.balance(int(at)) for at in samples], axis=1)
        changes = np.zeros((self.size, len(samples) + 1), dtype=np.int64)
        np.add.at(changes, (self.customer, np.searchsorted(samples, self.start)), self.mrr)
        np.subtract.at(changes, (self.customer, np.searchsorted(samples, self.end)), self.mrr)
        np.cumsum(changes, axis=1, out=changes)
        return changes[:, :-1]

    @cached_property
    def first(self) -> Ints:
        """First instant with MRR by customer, FAR where there is none."""
        first = np.full(self.size, FAR, dtype=np.int64)
        np.minimum.at(first, self.customer, self.start)
        return first


@dataclass(frozen=True)
class Book:
    """One product under one policy. `company` holds every line, `scope` the product's own (the same object
    for all products), `presence` every line and what is paused or free for a time: who is there has not
    churned. Currencies without any rate are in none of them; amounts of `presence` only say who is there.
    """

    company: Columns
    scope: Columns
    presence: Columns
    names: list[str]
    """Stripe ids of the customer codes."""


@dataclass(frozen=True)
class Company:
    """What the books of all products have in common: the spans of one currency, or with `rates` of every one
    that has any."""

    spans: CountedSpans
    rates: Rates | None
    columns: Columns
    presence: Columns

    @classmethod
    def of(cls, spans: CountedSpans, currency: str, rates: Rates | None = None) -> Self:
        own = np.array([spans.code("currency", currency)], dtype=np.int64)
        codes = own if rates is None else rates.convertible
        if np.isin(codes, own).all():
            rates = None
        told = spans.where(np.isin(spans.currency, codes))
        return cls(told, rates, columns(told, rates=rates), columns(told, paused=True))

    def book(self, product: str) -> Book:
        spans, scope = self.spans, self.columns
        if product != ALL:
            scope = columns(spans.where(spans.line == spans.code("line", product)), rates=self.rates)
        return Book(self.columns, scope, self.presence, spans.names["customer"])


def columns(spans: CountedSpans, *, paused: bool = False, rates: Rates | None = None) -> Columns:
    """The stretches that count, with or without those that are paused or free for a time."""
    counts = (spans.mrr > 0) & (spans.end > spans.start)
    if not paused:
        counts &= spans.in_mrr
    return Columns(
        spans.customer[counts],
        spans.subscription[counts],
        spans.start[counts],
        spans.end[counts],
        spans.requested[counts],
        spans.mrr[counts],
        len(spans.names["customer"]),
        None if rates is None else Worth(spans.currency[counts], rates),
    )


def ledger_currency(spans: Spans) -> str:
    """The currency most paying items ever had; ties go to the larger sum, then to the name.

    Amounts of different currencies cannot be compared without rates, so items are counted.
    """
    paying = spans.net_eqho > 0
    weight = np.bincount(spans.currency[paying], minlength=len(spans.names["currency"]))
    amount = np.bincount(spans.currency[paying], spans.net_eqho[paying], len(weight))
    ranked = sorted(zip(-weight, -amount, spans.names["currency"], strict=True))
    return str(ranked[0][2]) if ranked else "usd"
