"""Sparse movements are those of the whole grid of customers × periods, whatever the spans are."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from eqho.ledger.spans import Ints
from eqho.metrics.changes import Changes
from eqho.metrics.movements import KINDS, customer_changes, movements
from eqho.metrics.panel import Book, Columns
from eqho.periods import DAY, FAR, Period, PeriodLength, periods

UTC = ZoneInfo("UTC")
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 20)
START = 1_767_225_600  # 2026-01-01T00:00:00Z
NOW = START + 170 * DAY + 43_200
CUSTOMERS = 12


def random_columns(random: np.random.Generator, count: int) -> Columns:
    """Stretches that often begin and end where others do, at midnights and a second beside them."""
    start = START + random.integers(-40, 175, count) * DAY + random.choice([0, 0, -1, 1, 3_600], count)
    end = np.where(random.random(count) < 0.3, FAR, start + random.integers(1, 60, count) * DAY)
    mrr = random.choice([100, 100, 250, 9_000_000_000_000], count).astype(np.int64)
    customer = random.integers(0, CUSTOMERS, count).astype(np.int32)
    return Columns(customer, customer, start, end, end, mrr, CUSTOMERS)


def random_book(seed: int) -> Book:
    """`company` holds the scope's stretches and others, `presence` all of them and what is paused."""
    random = np.random.default_rng(seed)
    scope = random_columns(random, int(random.integers(0, 60)))
    company = joined(scope, random_columns(random, int(random.integers(0, 20))))
    presence = joined(company, random_columns(random, int(random.integers(0, 20))))
    return Book(company, scope, presence, [f"cus_{n}" for n in range(CUSTOMERS)])


def joined(one: Columns, other: Columns) -> Columns:
    names = ("customer", "subscription", "start", "end", "requested", "mrr")
    return Columns(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names), CUSTOMERS)


def by_the_grid(book: Book, spanned: list[Period]) -> list[dict[str, list[tuple[str, int, int]]]]:
    """Per period and kind (customer, before, after): every customer looked at in every period."""
    samples = np.array([spanned[0].start - 1, *(p.sample(NOW) for p in spanned)], dtype=np.int64)
    scope, presence, first = grid(book.scope, samples), grid(book.presence, samples), book.company.first
    found = []
    for i, period in enumerate(spanned):
        kinds: dict[str, list[tuple[str, int, int]]] = {kind: [] for kind in KINDS}
        for code, name in enumerate(book.names):
            before, after = int(scope[code, i]), int(scope[code, i + 1])
            if before == after:
                continue
            if before and after:
                kind = "expansion" if after > before else "contraction"
            elif after:
                seen = "reactivation" if first[code] < period.start else "new"
                kind = "entering" if presence[code, i] else seen
            else:
                kind = "leaving" if presence[code, i + 1] else "churn"
            kinds[kind].append((name, before, after))
        found.append(kinds)
    return found


def grid(columns: Columns, samples: Ints) -> Ints:
    return np.stack([columns.balance(int(sample)) for sample in samples], axis=1)


@pytest.mark.parametrize("length", ["day", "week", "month"])
def test_movements_are_those_of_the_grid(length: PeriodLength) -> None:
    moved = 0
    for seed in range(60):
        book, spanned = random_book(seed), periods(FIRST, LAST, length, UTC)
        rows, expected = movements(book, spanned, NOW), by_the_grid(book, spanned)
        for i, (row, kinds) in enumerate(zip(rows, expected, strict=True)):
            assert row.counts == {kind: len(who) for kind, who in kinds.items()}
            assert row.amounts == {
                kind: sum(abs(after - before) for _, before, after in who) for kind, who in kinds.items()
            }
            opening, closing = (
                book.scope.balance(row.period.start - 1),
                book.scope.balance(row.period.sample(NOW)),
            )
            assert (row.start, row.end) == (int(opening.sum()), int(closing.sum()))
            assert (row.customers_start, row.customers_end) == (
                np.count_nonzero(opening),
                np.count_nonzero(closing),
            )
            moved += sum(row.counts.values())
            if length == "month":
                changes = {
                    (c.kind, c.customer, c.before, c.after) for c in customer_changes(book, row.period, NOW)
                }
                assert changes == {(kind, *each) for kind, who in expected[i].items() for each in who}
    assert moved > 1_000


def test_a_balance_is_found_at_any_sample() -> None:
    for seed in range(60):
        columns = random_book(seed).presence
        samples = START + np.arange(-50, 180, 7, dtype=np.int64) * DAY
        changes = Changes.of(columns, samples)
        customer, sample = (each.ravel() for each in np.indices((CUSTOMERS, len(samples))))
        assert changes.at(customer, sample).reshape(CUSTOMERS, -1).tolist() == grid(columns, samples).tolist()
        assert (changes.before != changes.after).all()


def test_nobody_and_no_period() -> None:
    empty = np.zeros(0, dtype=np.int64)
    nobody = Columns(empty.astype(np.int32), empty.astype(np.int32), empty, empty, empty, empty, 0)
    book = Book(nobody, nobody, nobody, [])
    assert movements(book, [], NOW) == []
    [row] = movements(book, periods(FIRST, FIRST, "month", UTC), NOW)
    assert (row.start, row.end, row.counts["new"]) == (0, 0, 0)
