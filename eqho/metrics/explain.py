"""From MRR at the end of one day to MRR at the end of a later one: which movements, product lines, plans and
customers made the difference. Every grouping adds up to it exactly, in MRR units."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar, cast

from eqho.metrics.customers import name_of, plan_name
from eqho.metrics.explain_rows import (
    ExplainedCustomer,
    ExplainedGroup,
    ExplainedMovement,
    ExplainedPlan,
    Explanation,
)
from eqho.metrics.movements import KINDS, customer_changes
from eqho.metrics.query import Scene
from eqho.metrics.rows import Kind
from eqho.periods import Period, midnight

G = TypeVar("G", bound=Hashable)


@dataclass(frozen=True)
class Piece:
    """What one customer paid for one plan of one product line, before and after, in MRR units. `kind` is that
    of the customer as a whole; None: the customer's plans changed and its MRR did not."""

    customer: str
    kind: Kind | None
    line: str
    plan: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


def between(scene: Scene, first: date, last: date) -> Period:
    """The days after `first` up to `last`: from the one day's end to the other's."""
    began = first + timedelta(days=1)
    ended = midnight(last + timedelta(days=1), scene.zone)
    return Period(f"{first}/{last}", began, last, midnight(began, scene.zone), ended)


def pieces(scene: Scene, period: Period) -> list[Piece]:
    """The plans on which a customer's MRR is another at the period's end; those of one customer together."""
    spans = scene.spans
    counts = spans.in_mrr & (spans.mrr > 0)
    worth: dict[tuple[int, int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    for end, at in enumerate((period.start - 1, period.sample(scene.at))):
        there = spans.where(counts & (spans.start <= at) & (at < spans.end))
        columns = (there.customer, there.line, there.product, there.price, there.mrr)
        for customer, line, product, price, mrr in zip(*(c.tolist() for c in columns), strict=True):
            worth[customer, line, product, price][end] += mrr
    kinds = {
        change.customer: cast(Kind, change.kind) for change in customer_changes(scene.book, period, scene.at)
    }
    names = spans.names
    return [
        Piece(
            names["customer"][customer],
            kinds.get(names["customer"][customer]),
            names["line"][line],
            plan_name(scene.ledger, names["product"][product], names["price"][price]),
            before,
            after,
        )
        for (customer, line, product, price), (before, after) in sorted(worth.items())
        if before != after
    ]


def grouped(found: Iterable[Piece], key: Callable[[Piece], G]) -> dict[G, tuple[int, int, int]]:
    """(before, after, customers) of each group: what its pieces were and are worth, and of how many."""
    sums: dict[G, list[int]] = defaultdict(lambda: [0, 0])
    who: dict[G, set[str]] = defaultdict(set)
    for piece in found:
        group = key(piece)
        sums[group][0] += piece.before
        sums[group][1] += piece.after
        who[group].add(piece.customer)
    return {group: (before, after, len(who[group])) for group, (before, after) in sums.items()}


def explain(scene: Scene, first: date, last: date) -> Explanation:
    """Money in major units, each rounded once. `first` lies before `last`; neither after the scene's day."""
    period = between(scene, first, last)
    found = pieces(scene, period)
    before, after = scene.book.scope.total(period.start - 1), scene.book.scope.total(period.sample(scene.at))
    by_kind = grouped(found, lambda piece: piece.kind)
    by_line = grouped(found, lambda piece: piece.line)
    by_plan = grouped(found, lambda piece: (piece.line, piece.plan))
    return Explanation(
        start_day=first.isoformat(),
        end_day=last.isoformat(),
        start=scene.money(before),
        end=scene.money(after),
        net=scene.money(after - before),
        movements=[
            ExplainedMovement(kind, scene.money(by_kind[kind][1] - by_kind[kind][0]), by_kind[kind][2])
            for kind in KINDS
            if kind in by_kind
        ],
        lines=[_group(scene, line, "", sums) for line, sums in by_line.items()],
        plans=[_group(scene, line, plan, sums) for (line, plan), sums in by_plan.items()],
        customers=_customers(scene, period, found),
    )


def _group(scene: Scene, line: str, plan: str, sums: tuple[int, int, int]) -> ExplainedGroup:
    before, after, customers = sums
    return ExplainedGroup(
        line, plan, scene.money(before), scene.money(after), scene.money(after - before), customers
    )


def _customers(scene: Scene, period: Period, found: Iterable[Piece]) -> list[ExplainedCustomer]:
    """Those whose MRR changed most first; of each the plan that changed most."""
    scope, names = scene.book.scope, scene.book.names
    before, after = scope.balance(period.start - 1), scope.balance(period.sample(scene.at))
    codes = {name: code for code, name in enumerate(names)}
    theirs: dict[str, list[Piece]] = defaultdict(list)
    for piece in found:
        theirs[piece.customer].append(piece)
    rows = []
    for customer, own in theirs.items():
        had, has = int(before[codes[customer]]), int(after[codes[customer]])
        plans = sorted(own, key=lambda piece: (-abs(piece.change), piece.line, piece.plan))
        row = ExplainedCustomer(
            customer,
            name_of(scene.ledger, customer),
            own[0].kind,
            scene.money(had),
            scene.money(has),
            scene.money(has - had),
            [_plan(scene, piece) for piece in plans],
        )
        rows.append((-abs(has - had), customer, row))
    return [row for _, _, row in sorted(rows, key=lambda one: one[:2])]


def _plan(scene: Scene, piece: Piece) -> ExplainedPlan:
    amounts = (scene.money(units) for units in (piece.before, piece.after, piece.change))
    return ExplainedPlan(piece.line, piece.plan, *amounts)
