"""What made MRR go from one value to another. Money in major units, signed as it moved MRR."""

from typing import Literal

from msgspec import UNSET, Struct

from eqho.metrics.movements import Kind
from eqho.metrics.rows import Waiting

ExplainedKind = Kind | Literal["fx"]


class ExplainedMovement(Struct, frozen=True):
    """The customers of one kind, by their net change between the two days at the rates of the later; `fx` is
    what exchange rates made of the MRR of the earlier."""

    kind: ExplainedKind
    amount: float
    customers: int


class ExplainedGroup(Struct, frozen=True):
    """A product line, or a plan of one; `before` and `after` are of the customers that changed there."""

    line: str
    plan: str
    before: float
    after: float
    change: float
    customers: int


class ExplainedPlan(Struct, frozen=True):
    """What one customer paid for one plan of a line, where that is another amount; what rates made of it has
    the kind `fx`."""

    kind: ExplainedKind | None
    line: str
    plan: str
    before: float
    after: float
    change: float


class ExplainedCustomer(Struct, frozen=True):
    """All MRR of a customer, and the plans on which it changed; `kind` null where only those changed."""

    customer: str
    name: str
    kind: ExplainedKind | None
    before: float
    after: float
    change: float
    plans: list[ExplainedPlan]


class Explanation(Struct, frozen=True):
    """MRR at the end of `start_day` and of `end_day`. Movements, lines, plans and customers each add up to
    `net`, before each amount is rounded for itself; null, with the reason, while the past is not read."""

    start_day: str
    end_day: str
    start: float | None
    end: float | None
    net: float | None
    movements: list[ExplainedMovement]
    lines: list[ExplainedGroup]
    plans: list[ExplainedGroup]
    customers: list[ExplainedCustomer]
    undefined: Waiting = UNSET
