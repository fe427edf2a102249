"""The parts of all customers joined: the columns and the rest that a ledger is labelled from."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Self

from eqho.ledger.cash import Bill, Share
from eqho.ledger.columns import Table
from eqho.ledger.parts import Part, Rest
from eqho.ledger.spans import Span


@dataclass(frozen=True)
class Derived:
    """Rows of `Span`, `Bill` and `Share`, and the `rests`, all in order of customer: the same whatever was
    joined in which order."""

    spans: Table
    bills: Table
    shares: Table
    rests: Mapping[str, Rest]

    @classmethod
    def of(cls, parts: Iterable[Part]) -> Self:
        """Of parts in order of customer, each once."""
        known = list(parts)
        return cls(
            spans=Table.of(Span, (span for part in known for span in part.spans)),
            bills=Table.of(Bill, (bill for part in known for bill in part.papers.bills)),
            shares=Table.of(Share, (share for part in known for share in part.papers.shares)),
            rests={part.customer: part.rest for part in known},
        )

    @property
    def tables(self) -> tuple[Table, Table, Table]:
        return self.spans, self.bills, self.shares

    def replaced(self, customers: Set[str], new: Sequence[Self]) -> Self:
        """Without those `customers`, with what is `new` of them: each in one at most, and in their order."""
        if not new:
            new = [type(self).of(())]
        added = {name: rest for each in new for name, rest in each.rests.items()}
        rests = {**self.rests, **added}
        for name in customers - added.keys():
            rests.pop(name, None)
        if not added.keys() <= self.rests.keys():
            rests = {name: rests[name] for name in sorted(rests)}
        spans, bills, shares = (
            old.spliced("customer", customers, Table.joined(tables))
            for old, tables in zip(self.tables, zip(*(each.tables for each in new), strict=True), strict=True)
        )
        return type(self)(spans, bills, shares, rests)
