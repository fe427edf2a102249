"""From MRR at the end of one day to MRR at the end of a later one: which movements, product lines, plans and
customers made the difference. Every grouping adds up to it exactly, in MRR units."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar, cast

from eqho.metrics.customers import name_of, plan_name
from eqho.metrics.explain_rows import (
    ExplainedCustomer,
    ExplainedGroup,
    ExplainedKind,
    ExplainedMovement,
    ExplainedPlan,
    Explanation,
)
from eqho.metrics.movements import KINDS, customer_changes
from eqho.metrics.query import Scene
from eqho.periods import Period, midnight

_KINDS: tuple[ExplainedKind, ...] = (*cast(tuple[ExplainedKind, ...], KINDS), "fx")

G = TypeVar("G", bound=Hashable)


@dataclass(frozen=True)
class Piece:
    """What one customer paid for one plan of one product line, before and after, in MRR units at the rates of
    the period's end. `kind` is that of the customer as a whole; None: the customer's plans changed and its
    MRR did not. A piece of kind `fx` is what rates made of the amount before."""

    customer: str
    kind: ExplainedKind | None
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
    opening, closing = period.start - 1, period.sample(scene.at)
    held = _by_plan(replace(scene, at=opening), opening)
    revalued, after = (_by_plan(replace(scene, at=closing), at) for at in (opening, closing))
    names = scene.ledger.spans.names
    kinds = {
        change.customer: cast(ExplainedKind, change.kind)
        for change in customer_changes(scene.book, period, scene.at)
    }

    def piece(plan: _PlanOf, kind: ExplainedKind | None, before: int, after: int) -> Piece:
        customer, line, product, price = plan
        named = plan_name(scene.ledger, names["product"][product], names["price"][price])
        return Piece(names["customer"][customer], kind, names["line"][line], named, before, after)

    found = []
    for plan in sorted(held.keys() | revalued.keys() | after.keys()):
        had, before, has = held.get(plan, 0), revalued.get(plan, 0), after.get(plan, 0)
        if before != has:
            found.append(piece(plan, kinds.get(names["customer"][plan[0]]), before, has))
        if had != before:
            # Together with the other piece of the plan, from what it was worth then.
            found.append(
                piece(plan, "fx", had - before, 0) if before != has else piece(plan, "fx", had, before)
            )
    return found


_PlanOf = tuple[int, int, int, int]


def _by_plan(scene: Scene, at: int) -> dict[_PlanOf, int]:
    """MRR units by codes of customer, line, product and price at an instant, at the scene's rates."""
    spans = scene.spans
    there = spans.where(spans.in_mrr & (spans.mrr > 0) & (spans.start <= at) & (at < spans.end))
    columns = (there.customer, there.line, there.product, there.price, there.mrr)
    worth: dict[_PlanOf, int] = defaultdict(int)
    for customer, line, product, price, mrr in zip(*(c.tolist() for c in columns), strict=True):
        worth[customer, line, product, price] += mrr
    return worth


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
            for kind in _KINDS
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
            _kind_of(own),
            scene.money(had),
            scene.money(has),
            scene.money(has - had),
            [_plan(scene, piece) for piece in plans],
        )
        rows.append((-abs(has - had), customer, row))
    return [row for _, _, row in sorted(rows, key=lambda one: one[:2])]


def _kind_of(own: Iterable[Piece]) -> ExplainedKind | None:
    """What moved the customer; `fx` only where nothing else did."""
    kinds = {piece.kind for piece in own}
    return next((kind for kind in kinds if kind not in (None, "fx")), "fx" if kinds == {"fx"} else None)


def _plan(scene: Scene, piece: Piece) -> ExplainedPlan:
    amounts = (scene.money(units) for units in (piece.before, piece.after, piece.change))
    return ExplainedPlan(piece.kind, piece.line, piece.plan, *amounts)
