"""The parts of all customers joined: the columns and the rest that a ledger is labelled from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
            bills=Table.of(Bill, (bill for part in known for bill in part.bills)),
            shares=Table.of(Share, (share for part in known for share in part.shares)),
            rests={part.customer: part.rest for part in known},
        )

    @property
    def tables(self) -> tuple[Table, Table, Table]:
        return self.spans, self.bills, self.shares

    def without(self, customers: Collection[str]) -> Self:
        return type(self)(
            spans=self.spans.take(self.spans.where_not("customer", customers)),
            bills=self.bills.take(self.bills.where_not("customer", customers)),
            shares=self.shares.take(self.shares.where_not("customer", customers)),
            rests={name: rest for name, rest in self.rests.items() if name not in customers},
        )

    def joined_with(self, others: Sequence[Self]) -> Self:
        """All of them, each customer being in one."""
        several = [self, *others]
        rests = {name: rest for each in several for name, rest in each.rests.items()}
        return type(self)(
            spans=Table.joined([each.spans for each in several]).sorted_by("customer"),
            bills=Table.joined([each.bills for each in several]).sorted_by("customer"),
            shares=Table.joined([each.shares for each in several]).sorted_by("customer"),
            rests={name: rests[name] for name in sorted(rests)},
        )
