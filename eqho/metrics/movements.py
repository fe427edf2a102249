"""What changed between two period ends, per customer, and by how much.

Each step is one named array, after the steps of dbt-labs' mrr-playbook: balances, previous, first ever, kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints
from eqho.metrics.changes import Changes
from eqho.metrics.panel import Book
from eqho.periods import Period

Kind = Literal["new", "reactivation", "expansion", "entering", "contraction", "churn", "leaving"]
KINDS: tuple[Kind, ...] = get_args(Kind)
GAINS = frozenset(("new", "reactivation", "expansion", "entering"))


@dataclass(frozen=True)
class Movement:
    """One period. Amounts are MRR units, all positive; `counts` are customers by kind. `fx` is what the
    opening balance gained (or, below 0, lost) by rates; amounts are at the rates of the period's end. Whose
    currency has a rate at one end of the period only enters or leaves: `fx` is the amount."""

    period: Period
    start: int
    end: int
    customers_start: int
    customers_end: int
    amounts: dict[str, int]
    counts: dict[str, int]
    open: bool
    fx: int = 0

    @property
    def net(self) -> int:
        return sum(self.amounts[k] if k in GAINS else -self.amounts[k] for k in KINDS)

    @property
    def gained(self) -> int:
        return sum(self.amounts[k] for k in ("new", "expansion", "reactivation"))

    @property
    def lost(self) -> int:
        return self.amounts["contraction"] + self.amounts["churn"]


def movements(book: Book, periods: Sequence[Period], now: int) -> list[Movement]:
    """One row per period; consecutive periods must follow each other without a gap.

    Only customers that changed in a period are looked at there: cost follows the changes.
    """
    if not periods:
        return []
    moved = Moved.of(book, periods, now)
    totals, customers = moved.changes.totals(), moved.changes.customers()
    amounts = {kind: moved.by_period(mask, moved.change) for kind, mask in moved.paid.items()}
    counts = {kind: moved.by_period(mask, np.ones_like(moved.change)) for kind, mask in moved.kinds.items()}
    return [
        Movement(
            period,
            start=int(totals[i]),
            end=int(totals[i + 1]),
            customers_start=int(customers[i]),
            customers_end=int(customers[i + 1]),
            amounts={kind: int(amounts[kind][i]) for kind in KINDS},
            counts={kind: int(counts[kind][i]) for kind in KINDS},
            open=period.is_open(now),
            fx=int(moved.changes.gained[i + 1]),
        )
        for i, period in enumerate(periods)
    ]


@dataclass(frozen=True)
class Moved:
    """The changes between period ends: `rows` of `changes` that lie in a period, and of each its place in
    the periods and its amount. `kinds` are disjoint masks of customers, `paid` of amounts: the two differ
    only where a currency came to a rate, or lost it."""

    changes: Changes
    rows: Ints
    period: Ints
    change: Ints
    kinds: dict[str, npt.NDArray[np.bool_]]
    paid: dict[str, npt.NDArray[np.bool_]]
    periods: int

    @classmethod
    def of(cls, book: Book, periods: Sequence[Period], now: int) -> Self:
        samples = _samples(periods, now)
        changes = Changes.of(book.scope, samples)
        rows = np.flatnonzero(changes.sample > 0)
        customer, sample = changes.customer[rows], changes.sample[rows]
        moved = np.zeros(book.presence.size, dtype=np.bool_)
        moved[customer] = True
        presence = Changes.of(book.presence.where(moved[book.presence.customer]), samples)
        held, before, after = changes.held[rows], changes.before[rows], changes.after[rows]
        began = np.array([period.start for period in periods], dtype=np.int64)
        there = presence.at(customer, sample - 1), presence.at(customer, sample)
        seen = book.company.first[customer] < began[sample - 1]
        kinds, paid = _kinds(held, before, after, *there, seen), _kinds(before, before, after, *there, seen)
        return cls(changes, rows, sample - 1, np.abs(after - before), kinds, paid, len(periods))

    def by_period(self, mask: npt.NDArray[np.bool_], values: Ints) -> Ints:
        """Sums of the values under a mask, int64 (periods,)."""
        sums = np.zeros(self.periods, dtype=np.int64)
        np.add.at(sums, self.period[mask], values[mask])
        return sums


def _samples(periods: Sequence[Period], now: int) -> Ints:
    return np.array([periods[0].start - 1, *(p.sample(now) for p in periods)], dtype=np.int64)


def _kinds(
    held: Ints,
    before: Ints,
    after: Ints,
    present_before: Ints,
    present_after: Ints,
    seen: npt.NDArray[np.bool_],
) -> dict[str, npt.NDArray[np.bool_]]:
    """Disjoint masks over changes: `held` says who was there, `before` what it compares with. `seen`:
    had MRR in the company before the period began.

    Who comes from another line or from a pause enters; who goes there leaves, and has not churned.
    """
    arrived, left = (held == 0) & (after > 0), (held > 0) & (after == 0)
    from_other, to_other = arrived & (present_before > 0), left & (present_after > 0)
    stayed = (held > 0) & (after > 0)
    return {
        "new": arrived & ~from_other & ~seen,
        "reactivation": arrived & ~from_other & seen,
        "expansion": stayed & (after > before),
        "entering": from_other,
        "contraction": stayed & (after < before),
        "churn": left & ~to_other,
        "leaving": to_other,
    }


@dataclass(frozen=True)
class CustomerChange:
    customer: str
    kind: Kind
    before: int
    after: int


def customer_changes(book: Book, period: Period, now: int) -> list[CustomerChange]:
    """The customers behind one period's movements, largest change first; both amounts at the rates of the
    period's end."""
    moved = Moved.of(book, [period], now)
    who, before, after = (
        column[moved.rows].tolist()
        for column in (moved.changes.customer, moved.changes.before, moved.changes.after)
    )
    found = [
        CustomerChange(book.names[who[i]], name, before[i], after[i])
        for name in KINDS
        # Whose currency only came to a rate, or lost it, has no amount and enters or leaves.
        for i in np.flatnonzero(moved.paid[name] | (moved.kinds[name] & (moved.change == 0)))
    ]
    return sorted(found, key=lambda c: (-abs(c.after - c.before), c.customer))


@dataclass(frozen=True)
class RateChange:
    """A balance that is worth another amount, MRR units."""

    customer: str
    before: int
    after: int


def gained_by_rates(book: Book, period: Period, now: int) -> list[RateChange]:
    """Whose opening balance is worth another amount at the rates of the period's end, largest first."""
    if book.scope.worth is None:
        return []
    opening, sample = period.start - 1, period.sample(now)
    held, revalued = book.scope.balance(opening), book.scope.balance(opening, rates_of=sample)
    found = [
        RateChange(book.names[code], int(held[code]), int(revalued[code]))
        for code in np.flatnonzero(held != revalued)
    ]
    return sorted(found, key=lambda c: (-abs(c.after - c.before), c.customer))


def came_and_went(book: Book, period: Period, now: int) -> list[str]:
    """Customers whose first MRR began within the period and who have none at its end: they begin a cohort,
    and no movement between the two ends of the period knows them."""
    began, sample = book.scope.first, period.sample(now)
    passing = (began >= period.start) & (began <= sample) & (book.scope.balance(sample) == 0)
    return [book.names[code] for code in np.flatnonzero(passing)]
