"""The parts of all customers joined: the columns and the rest that a ledger is labelled from."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple, Self

from eqho.ledger.cash import Bill, Share
from eqho.ledger.columns import Table
from eqho.ledger.parts import Part, Rest
from eqho.ledger.spans import Span

_LARGEST = 100_000
"""Rows of a block; one customer may have more."""


class Block(NamedTuple):
    """Rows of `Span`, `Bill` and `Share`, in order of customer, of all from `first` to before the next one:
    what has changed in one costs nothing in the others."""

    first: str
    spans: Table
    bills: Table
    shares: Table

    @property
    def tables(self) -> tuple[Table, Table, Table]:
        return self.spans, self.bills, self.shares

    @property
    def rows(self) -> int:
        return sum(map(len, self.tables))

    def of_customers(self, names: Collection[str]) -> Self:
        return self._of(self.first, [table.of_names("customer", names) for table in self.tables])

    def between(self, low: str, high: str | None) -> Self:
        """Of the customers in `[low, high)`."""
        return self._of(low, [table.between("customer", low, high) for table in self.tables])

    def spliced(self, gone: Collection[str], new: Sequence[Self]) -> Self:
        """Without the rows of `gone`, with those of `new`, in order, in their places."""
        of_new = [Table.joined(tables) for tables in zip(*(each.tables for each in new), strict=True)]
        added = of_new or [Table.of(table.row, ()) for table in self.tables]
        return self._of(
            self.first,
            [old.spliced("customer", gone, each) for old, each in zip(self.tables, added, strict=True)],
        )

    def cut(self) -> list[Self]:
        """In blocks that are not too large, where it has several customers."""
        names = sorted({name for table in self.tables for name in table.names["customer"]})
        if self.rows <= _LARGEST or len(names) < 2:
            return [self]
        middle = names[len(names) // 2]
        left = self._of(self.first, self.between("", middle).tables)
        return [*left.cut(), *self.between(middle, None).cut()]

    @classmethod
    def _of(cls, first: str, tables: Iterable[Table]) -> Self:
        return cls(first, *tables)


@dataclass(frozen=True)
class Derived:
    """Of all customers the `blocks`, in order, and the `rests`, in order of customer. How it is cut into
    blocks says nothing."""

    blocks: tuple[Block, ...]
    rests: Mapping[str, Rest]

    @classmethod
    def of(cls, parts: Iterable[Part]) -> Self:
        """Of parts in order of customer, each once."""
        known = list(parts)
        if not known:
            return cls((), {})
        block = Block(
            first=known[0].customer,
            spans=Table.of(Span, (span for part in known for span in part.spans)),
            bills=Table.of(Bill, (bill for part in known for bill in part.papers.bills)),
            shares=Table.of(Share, (share for part in known for share in part.papers.shares)),
        )
        return cls((block,), {part.customer: part.rest for part in known})

    def of_customers(self, names: Iterable[str]) -> list[Block]:
        """The rows of those customers, in order; without any where there are none."""
        return [
            self.blocks[place].of_customers(mine) for place, mine in sorted(self._by_block(names).items())
        ]

    def replaced(self, customers: Set[str], new: Sequence[Self]) -> Self:
        """Without those `customers`, with what is `new` of them: each in one at most, and in their order."""
        added = {name: rest for each in new for name, rest in each.rests.items()}
        rests = {**self.rests, **added}
        for name in customers - added.keys():
            rests.pop(name, None)
        if not added.keys() <= self.rests.keys():
            rests = {name: rests[name] for name in sorted(rests)}
        return type(self)(self._spliced(customers, [block for each in new for block in each.blocks]), rests)

    def _spliced(self, customers: Set[str], new: Sequence[Block]) -> tuple[Block, ...]:
        if not self.blocks:
            return tuple(new)
        gone, added = self._by_block(customers), self._cut_as_here(new)
        blocks: list[Block] = []
        for place, block in enumerate(self.blocks):
            if place in gone or place in added:
                blocks += block.spliced(gone.get(place, ()), added.get(place, ())).cut()
            else:
                blocks.append(block)
        return tuple(blocks)

    def _cut_as_here(self, new: Sequence[Block]) -> dict[int, list[Block]]:
        found: dict[int, list[Block]] = defaultdict(list)
        for block in new:
            names = {name for table in block.tables for name in table.names["customer"]}
            for place, mine in self._by_block(names).items():
                whole = len(mine) == len(names)
                found[place].append(block if whole else block.of_customers(mine))
        return found

    def _by_block(self, names: Iterable[str]) -> dict[int, set[str]]:
        """By the place of the block that they are or would be in."""
        starts = [block.first for block in self.blocks]
        found: dict[int, set[str]] = defaultdict(set)
        for name in names:
            found[max(0, bisect_right(starts, name) - 1)].add(name)
        return found
