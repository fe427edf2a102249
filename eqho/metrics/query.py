"""One question put to the ledger: which product, at which instant, under which policy, in which currency."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Self, TypeVar, overload
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from eqho.ledger.build import Ledger
from eqho.ledger.facts import SubscriptionFact
from eqho.ledger.spans import Ints, Spans
from eqho.metrics.cash_worth import Worths
from eqho.metrics.entered import Inputs
from eqho.metrics.every_product import EveryProduct
from eqho.metrics.exchange import Exchange
from eqho.metrics.movements import Movement, movements
from eqho.metrics.panel import Book, Company, CountedSpans
from eqho.metrics.policy import MrrPolicy
from eqho.metrics.worth import Rates
from eqho.money import MRR_SCALE, major, minor_digits
from eqho.periods import FAR, Period, closed_months, day_of, period_of
from eqho.products import ALL, ProductLines

N = TypeVar("N", int, float)


class Undefined(dict[str, str]):
    """Path of each number that is not defined → the reason. A number passes through on its way out."""

    def unless(self, path: str, value: N | None, reason: str) -> N | None:
        if value is None:
            self[path] = reason
        return value


@dataclass(frozen=True)
class Scene:
    """`at` is the instant whose balances are read, UTC seconds; every derived number is computed once."""

    ledger: Ledger
    lines: ProductLines
    inputs: Inputs
    product: str
    at: int
    policy: MrrPolicy
    currency: str
    zone: ZoneInfo
    untold: str = ""
    """Why the past cannot be told yet, "" where it can."""
    told_from: int = FAR
    """While it cannot: the instant from which on balances are told all the same."""
    unread: frozenset[str] = frozenset()
    """Kinds of objects that the source does not let us read."""

    def of(self, product: str) -> Self:
        """The same question of another product; what does not depend on it is not computed again."""
        other = replace(self, product=product)
        other.__dict__["_every_product"] = self._every_product
        return other

    @cached_property
    def _every_product(self) -> EveryProduct:
        return EveryProduct(self.ledger, self.inputs.rates, self.at, self.policy, self.currency, self.zone)

    @cached_property
    def book(self) -> Book:
        return self.book_of(self.product)

    @property
    def counted(self) -> CountedSpans:
        """Spans of every product and currency under the policy, each in its own currency."""
        return self._every_product.counted

    @property
    def exchange(self) -> Exchange:
        """Into the reporting currency, by the rates that were entered."""
        return self._every_product.exchange

    @property
    def rates(self) -> Rates:
        return self._every_product.rates

    @property
    def cash_rates(self) -> Rates:
        """As `rates`, for the currencies of cash."""
        return self._every_product.cash_rates

    @property
    def cash_worths(self) -> Worths:
        """Of every row of the ledger's cash, at the rate of the day it counts at."""
        return self._every_product.cash_worths

    def book_of(self, product: str, currency: str | None = None) -> Book:
        """Every currency that has rates, in the reporting one; or only `currency`, in itself."""
        if currency is not None:
            return Company.of(self.counted, currency).book(product)
        return self._every_product.company.book(product)

    @cached_property
    def balance(self) -> Ints:
        """MRR units by customer code."""
        return self.book.scope.balance(self.at)

    @cached_property
    def mrr(self) -> int:
        return int(self.balance.sum())

    @cached_property
    def customers(self) -> int:
        return int(np.count_nonzero(self.balance))

    @cached_property
    def running(self) -> Period:
        return period_of(day_of(self.at, self.zone), "month", self.zone)

    @cached_property
    def _months(self) -> list[Movement]:
        closed = closed_months(self.at + 1, 6, self.zone)
        return movements(self.book, list(dict.fromkeys([*closed, self.running])), self.at)

    @property
    def month(self) -> Movement:
        """The running month, or the month that ends with `at`."""
        return self._months[-1]

    @property
    def closed(self) -> list[Movement]:
        """The six last closed months."""
        return [m for m in self._months if not m.open][-6:]

    @cached_property
    def spans(self) -> CountedSpans:
        """Spans of the product under the policy, paused and free ones included, in the reporting currency at
        the instant's rates; without those that have no rate then."""
        spans = self.counted.where(self._mine)
        list_mrr, eqho, stripe, mrr = (
            self._at_rates(spans, amounts)
            for amounts in (spans.list_mrr, spans.net_eqho, spans.net_stripe, spans.mrr)
        )
        return replace(spans, list_mrr=list_mrr, net_eqho=eqho, net_stripe=stripe, mrr=mrr)

    @cached_property
    def recorded(self) -> Spans:
        """The same spans as they are recorded, under no policy."""
        spans = self.ledger.spans.where(self._mine)
        list_mrr, eqho, stripe = (
            self._at_rates(spans, amounts) for amounts in (spans.list_mrr, spans.net_eqho, spans.net_stripe)
        )
        return replace(spans, list_mrr=list_mrr, net_eqho=eqho, net_stripe=stripe)

    def _at_rates(self, spans: Spans, amounts: Ints) -> Ints:
        return self.rates.valued(amounts, spans.currency, self.at)

    @cached_property
    def _mine(self) -> npt.NDArray[np.bool_]:
        spans = self.ledger.spans
        mine = self.rates.told(spans.currency, self.at)
        if self.product != ALL:
            mine &= spans.line == spans.code("line", self.product)
        return mine

    @property
    def facts(self) -> list[SubscriptionFact]:
        """The product's subscriptions that existed at the instant."""
        if self.product == ALL:
            return self._every_product.facts
        return self._every_product.facts_by_line.get(self.product, [])

    @cached_property
    def trialing(self) -> list[SubscriptionFact]:
        """Trials that were going on at the instant, whatever became of them later."""
        return [
            fact
            for fact in self.facts
            if fact.trial_start is not None
            and fact.trial_end is not None
            and fact.trial_start <= self.at < min(fact.trial_end, fact.ended or fact.trial_end)
        ]

    def end_of(self, day: date) -> int:
        """The last instant of a day."""
        return period_of(day, "day", self.zone).end - 1

    def money(self, units: int) -> float:
        """MRR units in major units."""
        return major(units, self.currency)

    def average(self, units: int, count: int) -> float | None:
        return self.money(round(Fraction(units, count))) if count else None

    @overload
    def rounded(self, amount: Fraction) -> float: ...

    @overload
    def rounded(self, amount: None) -> None: ...

    @overload
    def rounded(self, amount: Fraction | None) -> float | None: ...

    def rounded(self, amount: Fraction | None) -> float | None:
        """Major units to the currency's digits."""
        return None if amount is None else self.money(round(amount * self.units_per_major))

    @property
    def units_per_major(self) -> int:
        return int(MRR_SCALE * 10 ** minor_digits(self.currency))
