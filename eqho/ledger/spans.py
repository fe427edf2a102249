"""The published table: one row per stretch in which one subscription item was worth the same."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from eqho.ledger.columns import Small, arrays_of

Ints = npt.NDArray[np.int64]


class State(IntEnum):
    """What MRR a span counts as. Who is paused, or was given a free period, is away and has not left. OUT
    never reaches a span."""

    ACTIVE = 0
    PAST_DUE = 1
    PAUSED = 2
    FREE_PERIOD = 3
    OUT = 4


class Evidence(IntEnum):
    """What a span rests on, strongest first."""

    EVENT = 0
    SCHEDULE = 1
    PRORATION = 2
    INVOICE = 3
    TODAY = 4
    SIGHTING = 5


class Span(NamedTuple):
    """One row. Amounts in MRR units (1/10 000 minor unit), instants in UTC seconds, `end` and `requested`
    are FAR where they have not come. `net_eqho` is after forever and repeating coupons, `net_stripe` after
    forever coupons only."""

    customer: str
    subscription: str
    item: str
    line: str
    product: str
    price: str
    currency: str
    quantity: float
    list_mrr: int
    net_eqho: int
    net_stripe: int
    state: Small
    start: int
    end: int
    requested: int
    evidence: Small
    inferred: bool
    invoice: str


@dataclass(frozen=True)
class Spans:
    """Columns of `Span`, one array each. Text columns are int32 codes into `names[column]`."""

    customer: npt.NDArray[np.int32]
    subscription: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    line: npt.NDArray[np.int32]
    product: npt.NDArray[np.int32]
    price: npt.NDArray[np.int32]
    currency: npt.NDArray[np.int32]
    quantity: npt.NDArray[np.float64]
    list_mrr: Ints
    net_eqho: Ints
    net_stripe: Ints
    state: npt.NDArray[np.int8]
    start: Ints
    end: Ints
    requested: Ints
    evidence: npt.NDArray[np.int8]
    inferred: npt.NDArray[np.bool_]
    invoice: npt.NDArray[np.int32]
    names: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.start)

    @classmethod
    def of(cls, rows: Iterable[Span]) -> Self:
        arrays, names = arrays_of(Span, rows)
        return cls(**arrays, names=names)

    @property
    def in_mrr(self) -> npt.NDArray[np.bool_]:
        """Which rows are MRR: neither paused nor given away for a time."""
        return self.state < State.PAUSED

    def where(self, mask: npt.NDArray[np.bool_]) -> Self:
        """The rows of a mask; codes keep their meaning. Tables never change: all of them are this one."""
        if mask.all():
            return self
        return type(self)(
            **{f.name: getattr(self, f.name)[mask] for f in fields(self) if f.name != "names"},
            names=self.names,
        )

    def code(self, column: str, name: str) -> int:
        """The code of a name, -1 where it does not occur."""
        try:
            return self.names[column].index(name)
        except ValueError:
            return -1


def merge_gaps(spans: Spans, seconds: int) -> Spans:
    """A customer that comes back within `seconds` has not left: the spans that ended last are drawn on to
    the return. Only gaps in which the customer had no MRR at all count."""
    paying = np.flatnonzero((spans.net_eqho > 0) & spans.in_mrr)
    if not len(paying) or seconds <= 0:
        return spans
    order = paying[np.lexsort((spans.start[paying], spans.customer[paying]))]
    customer, start = spans.customer[order], spans.start[order]
    covered = _running_end(customer, spans.end[order])
    wait = start[1:] - covered[:-1]
    gaps = np.flatnonzero((customer[1:] == customer[:-1]) & (wait > 0) & (wait <= seconds))
    end, requested = spans.end.copy(), spans.requested.copy()
    by_customer = np.argsort(spans.customer, kind="stable")
    bounds = np.searchsorted(spans.customer[by_customer], [customer[gaps], customer[gaps] + 1])
    for gap, first, stop in zip(gaps, *bounds, strict=True):
        left, back = covered[gap], start[gap + 1]
        theirs = by_customer[first:stop]
        last = theirs[spans.end[theirs] == left]
        requested[last[spans.requested[last] == left]] = back
        end[last] = back
    return replace(spans, end=end, requested=requested)


def _running_end(customer: npt.NDArray[np.int32], end: Ints) -> Ints:
    """The latest end so far of each customer's rows; rows are sorted by customer."""
    rank = np.empty(len(end), dtype=np.int64)
    rank[np.argsort(end, kind="stable")] = np.arange(len(end))
    highest = np.maximum.accumulate(customer.astype(np.int64) * len(end) + rank)
    latest: Ints = np.sort(end)[highest % len(end)]
    return latest
