"""What changed between two period ends, per customer, and by how much.

Each step is one named array, after the steps of dbt-labs' mrr-playbook: balances, previous, first ever, kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eqho.ledger.spans import Ints
from eqho.metrics.panel import Book
from eqho.periods import Period

KINDS = ("new", "reactivation", "expansion", "entering", "contraction", "churn", "leaving")
GAINS = frozenset(("new", "reactivation", "expansion", "entering"))

_CELLS = 8_000_000
"""Customers × periods looked at in one go: bounds the memory to a few hundred megabytes."""


@dataclass(frozen=True)
class Movement:
    """One period. Amounts are MRR units, all positive; `counts` are customers by kind."""

    period: Period
    start: int
    end: int
    customers_start: int
    customers_end: int
    amounts: dict[str, int]
    counts: dict[str, int]
    open: bool

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
    """One row per period; consecutive periods must follow each other without a gap."""
    step = max(1, _CELLS // max(1, book.scope.size))
    return [row for at in range(0, len(periods), step) for row in _block(book, periods[at : at + step], now)]


def _block(book: Book, periods: Sequence[Period], now: int) -> Iterator[Movement]:
    samples = _samples(periods, now)
    scope = book.scope.balances(samples)
    presence = book.presence.balances(samples)
    first = book.company.first()
    for i, period in enumerate(periods):
        before, after = scope[:, i], scope[:, i + 1]
        kind = _kinds(before, after, presence[:, i], presence[:, i + 1], first < period.start)
        change = np.abs(after - before)
        yield Movement(
            period,
            start=int(before.sum()),
            end=int(after.sum()),
            customers_start=int(np.count_nonzero(before)),
            customers_end=int(np.count_nonzero(after)),
            amounts={name: int(change[mask].sum()) for name, mask in kind.items()},
            counts={name: int(np.count_nonzero(mask)) for name, mask in kind.items()},
            open=period.is_open(now),
        )


def _samples(periods: Sequence[Period], now: int) -> Ints:
    return np.array([periods[0].start - 1, *(p.sample(now) for p in periods)], dtype=np.int64)


def _kinds(
    before: Ints, after: Ints, present_before: Ints, present_after: Ints, seen: npt.NDArray[np.bool_]
) -> dict[str, npt.NDArray[np.bool_]]:
    """Disjoint masks over customers. `seen`: had MRR in the company before the period began.

    Who comes from another line or from a pause enters; who goes there leaves, and has not churned.
    """
    arrived, left = (before == 0) & (after > 0), (before > 0) & (after == 0)
    from_other, to_other = arrived & (present_before > 0), left & (present_after > 0)
    stayed = (before > 0) & (after > 0)
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
    kind: str
    before: int
    after: int


def customer_changes(book: Book, period: Period, now: int) -> list[CustomerChange]:
    """The customers behind one period's movements, largest change first."""
    samples = _samples([period], now)
    scope = book.scope.balances(samples)
    presence = book.presence.balances(samples)
    seen = book.company.first() < period.start
    kinds = _kinds(scope[:, 0], scope[:, 1], presence[:, 0], presence[:, 1], seen)
    found = [
        CustomerChange(book.names[code], name, int(scope[code, 0]), int(scope[code, 1]))
        for name, mask in kinds.items()
        for code in np.flatnonzero(mask)
    ]
    return sorted(found, key=lambda c: (-abs(c.after - c.before), c.customer))


def came_and_went(book: Book, period: Period, now: int) -> list[str]:
    """Customers whose first MRR began within the period and who have none at its end: they begin a cohort,
    and no movement between the two ends of the period knows them."""
    began, sample = book.scope.first(), period.sample(now)
    passing = (began >= period.start) & (began <= sample) & (book.scope.balance(sample) == 0)
    return [book.names[code] for code in np.flatnonzero(passing)]
