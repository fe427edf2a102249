"""Spans under a policy, and what every customer is worth at any instant."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints, Spans, State
from eqho.metrics.policy import MrrPolicy
from eqho.periods import FAR
from eqho.products import ALL


@dataclass(frozen=True)
class Columns:
    """Stretches that count as MRR: customer codes, `[start, end)`, MRR units (all > 0)."""

    customer: npt.NDArray[np.int32]
    subscription: npt.NDArray[np.int32]
    start: Ints
    end: Ints
    requested: Ints
    """When the end was asked for; FAR where it was not."""
    mrr: Ints
    size: int
    """How many customer codes there are."""

    def active(self, at: int) -> npt.NDArray[np.bool_]:
        return (self.start <= at) & (at < self.end)

    def total(self, at: int) -> int:
        return int(self.mrr[self.active(at)].sum())

    def balance(self, at: int) -> Ints:
        """MRR units by customer, int64 (customers,)."""
        balance = np.zeros(self.size, dtype=np.int64)
        active = self.active(at)
        np.add.at(balance, self.customer[active], self.mrr[active])
        return balance

    def balances(self, samples: Ints) -> Ints:
        """MRR units, int64 (customers, samples); `samples` ascending."""
        changes = np.zeros((self.size, len(samples) + 1), dtype=np.int64)
        np.add.at(changes, (self.customer, np.searchsorted(samples, self.start)), self.mrr)
        np.subtract.at(changes, (self.customer, np.searchsorted(samples, self.end)), self.mrr)
        np.cumsum(changes, axis=1, out=changes)
        return changes[:, :-1]

    def first(self) -> Ints:
        """First instant with MRR by customer, FAR where there is none."""
        first = np.full(self.size, FAR, dtype=np.int64)
        np.minimum.at(first, self.customer, self.start)
        return first


@dataclass(frozen=True)
class Book:
    """One product under one policy in one currency. `company` holds every line, `scope` the product's own
    (the same object for all products), `presence` every line and what is paused: who is there has not
    churned.
    """

    company: Columns
    scope: Columns
    presence: Columns
    names: list[str]
    """Stripe ids of the customer codes."""

    @classmethod
    def of(cls, spans: Spans, product: str, policy: MrrPolicy, currency: str) -> Self:
        in_currency = spans.where(spans.currency == spans.code("currency", currency))
        company = columns(in_currency, policy)
        presence = columns(in_currency, policy, paused=True)
        names = spans.names["customer"]
        if product == ALL:
            return cls(company, company, presence, names)
        of_line = in_currency.where(in_currency.line == spans.code("line", product))
        return cls(company, columns(of_line, policy), presence, names)


def columns(spans: Spans, policy: MrrPolicy, *, paused: bool = False) -> Columns:
    """The stretches that count, with or without those that are paused."""
    mrr = spans.net_eqho if policy.repeating_coupons else spans.net_stripe
    end = spans.end if policy.churn_at == "ended" else np.minimum(spans.end, spans.requested)
    counts = (mrr > 0) & (end > spans.start)
    if not paused:
        counts &= spans.state != State.PAUSED
    return Columns(
        spans.customer[counts],
        spans.subscription[counts],
        spans.start[counts],
        end[counts],
        spans.requested[counts],
        mrr[counts],
        len(spans.names["customer"]),
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
