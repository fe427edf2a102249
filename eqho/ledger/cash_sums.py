"""Money that moved, in sums by quarter of an hour: what is asked of it are sums by day, so the ledger does
not grow with every bill. What is asked of one document, or is still to come, stays by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from eqho.ledger.cash import Cash, Flow
from eqho.ledger.columns import Table, by_first_occurrence
from eqho.ledger.spans import Ints

QUARTER = 900
"""Seconds. Days begin at a multiple of it in every time zone."""
SUMMED = (Flow.PAID, Flow.CREDITED, Flow.REFUNDED, Flow.DISPUTED)
"""Known at the instant they count at."""

_BITS = 32  # of a quarter of an hour, in a key


class Divided(NamedTuple):
    """Rows of `Posting`. `alone` are those that are not `summed`; `soon` whose they are that will be."""

    summed: Table
    alone: Table
    soon: frozenset[str]


def divided(postings: Table, now: int) -> Divided:
    """What counts in a quarter of an hour that is over by `now` is summed."""
    found = postings.arrays
    sums = np.isin(found["flow"], SUMMED) & (found["at"] == found["known"]) & (found["at"] >= 0)
    over = found["at"] < now - now % QUARTER
    later = np.unique(found["customer"][sums & ~over])
    soon = frozenset(postings.names["customer"][code] for code in later)
    return Divided(postings.take(sums & over), postings.take(~(sums & over)), soon)


@dataclass(frozen=True)
class CashSums:
    """By `keys` of flow, line, currency and quarter of an hour, ascending: how much, and of how many rows.
    `lines` and `currencies` are the names behind the codes in the keys."""

    keys: Ints
    amounts: Ints
    counts: Ints
    lines: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()

    @classmethod
    def empty(cls) -> Self:
        nothing = np.zeros(0, dtype=np.int64)
        return cls(nothing, nothing, nothing)

    def changed(self, gone: Iterable[Table], new: Iterable[Table]) -> Self:
        """Without the rows of `gone`, all of which are in it, with those of `new`: rows of `Posting`."""
        lines, currencies = (
            {name: code for code, name in enumerate(names)} for names in (self.lines, self.currencies)
        )
        parts = [(self.keys, self.amounts, self.counts)]
        for sign, tables in ((-1, gone), (1, new)):
            for table in tables:
                keys = _keys(table, lines, currencies)
                parts.append(_summed(keys, sign * table.arrays["amount"], np.full(len(keys), sign)))
        keys, amounts, counts = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        keys, amounts, counts = _summed(keys, amounts, counts)
        told = counts != 0
        return type(self)(keys[told], amounts[told], counts[told], tuple(lines), tuple(currencies))

    def cash(self, alone: Table) -> Cash:
        """With the rows of `Posting` that stand `alone`, in order: the same however it came about."""
        codes, quarter = self.keys >> _BITS, self.keys & (2**_BITS - 1)
        flow, line, currency = codes // 2**24, codes // 2**12 % 2**12, codes % 2**12
        order = np.lexsort((quarter, _rank(self.currencies)[currency], _rank(self.lines)[line], flow))
        at = quarter[order] * QUARTER
        first, one = alone.arrays, alone.names
        lines, line_names = _joined(first["line"], one["line"], line[order], self.lines)
        currencies, currency_names = _joined(
            first["currency"], one["currency"], currency[order], self.currencies
        )
        return Cash(
            flow=np.concatenate([first["flow"], flow[order].astype(np.int8)]),
            document=np.concatenate([_documents(alone), np.full(len(order), -1, dtype=np.int32)]),
            line=lines,
            currency=currencies,
            amount=np.concatenate([first["amount"], self.amounts[order]]),
            at=np.concatenate([first["at"], at]),
            known=np.concatenate([first["known"], at]),
            names={"line": line_names, "currency": currency_names},
        )


def _keys(table: Table, lines: dict[str, int], currencies: dict[str, int]) -> Ints:
    """New names get the next codes."""
    line, currency = (
        np.array([known.setdefault(name, len(known)) for name in table.names[column]], dtype=np.int64)[
            table.arrays[column]
        ]
        for column, known in (("line", lines), ("currency", currencies))
    )
    codes = (table.arrays["flow"].astype(np.int64) * 2**12 + line) * 2**12 + currency
    found: Ints = (codes << _BITS) + table.arrays["at"] // QUARTER
    return found


def _summed(keys: Ints, amounts: Ints, counts: Ints) -> tuple[Ints, Ints, Ints]:
    """By key, ascending."""
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=-1))
    if not len(begins):
        return keys, amounts, counts
    return (
        keys[order][begins],
        np.add.reduceat(amounts[order], begins),
        np.add.reduceat(counts[order], begins),
    )


def _rank(names: Sequence[str]) -> Ints:
    rank = np.empty(len(names), dtype=np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return rank


def _joined(
    one: npt.NDArray[np.int32], one_names: Sequence[str], other: Ints, other_names: Sequence[str]
) -> tuple[npt.NDArray[np.int32], list[str]]:
    index = {name: code for code, name in enumerate(one_names)}
    codes = np.array([index.setdefault(name, len(index)) for name in other_names], dtype=np.int32)
    return by_first_occurrence(np.concatenate([one, codes[other]]), list(index))


def _documents(postings: Table) -> npt.NDArray[np.int32]:
    """Each row's document among all of its table, whose rows are in order of customer and document."""
    customer, document = postings.arrays["customer"], postings.arrays["document"]
    begins = np.ones(len(postings), dtype=np.bool_)
    begins[1:] = (customer[1:] != customer[:-1]) | (document[1:] != document[:-1])
    return (np.cumsum(begins) - 1).astype(np.int32)
