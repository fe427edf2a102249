"""Product lines and exclusions put to what was derived: when only they change, nothing is derived again, and
of what is derived only what has changed is labelled again."""

from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple

from eqho.billing.objects import Product
from eqho.ledger.cash import Posting
from eqho.ledger.cash_sums import QUARTER, CashSums, Divided, divided
from eqho.ledger.columns import Table
from eqho.ledger.derived import Block, Derived
from eqho.ledger.label_columns import labelled_spans, postings
from eqho.ledger.labelled import Classifier, LabelledRest
from eqho.ledger.parts import Rest
from eqho.ledger.spans import Span

_FEW = 20
"""One in so many customers: when more have changed, everything is labelled again."""


class Labelled(NamedTuple):
    """Of everybody who is counted. `rests` and `spans`, rows of `Span`, in order of customer; `alone` are
    rows of `Posting` that are not in the `sums`. `soon` whose rows will be."""

    rests: Mapping[str, LabelledRest]
    spans: Table
    alone: Table
    sums: CashSums
    soon: frozenset[str]


class _Followed(NamedTuple):
    """What was labelled last, at which instant, under which products."""

    derived: Derived
    products: Mapping[str, Product]
    now: int
    labelled: Labelled


class Labels:
    """Of all customers under one `classifier`."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._followed: _Followed | None = None

    def follow(self, derived: Derived, products: Mapping[str, Product], now: int) -> Labelled:
        """The same whatever was followed before. Rests are the same objects where they say the same."""
        before = self._followed
        if before is not None and (before.products != products or now < before.now):
            before = None
        known = {} if before is None else before.labelled.rests
        rests, changed = self._rests(derived.rests, known, products)
        if before is None or len(changed) * _FEW > len(rests):
            labelled = _anew(derived, rests, now)
        else:
            labelled = _changed(before, derived, rests, changed, now)
        self._followed = _Followed(derived, products, now, labelled)
        return labelled

    def _rests(
        self, rests: Mapping[str, Rest], known: Mapping[str, LabelledRest], products: Mapping[str, Product]
    ) -> tuple[Mapping[str, LabelledRest], Set[str]]:
        """(everybody's, whose are not those that were known)."""
        found: dict[str, LabelledRest] = {}
        changed: set[str] = set()
        for customer, rest in rests.items():
            kept = known.get(customer)
            if kept is None or kept.rest is not rest:
                kept = LabelledRest(customer, rest, self._classifier, products)
                changed.add(customer)
            found[customer] = kept
        return found, changed | (known.keys() - found.keys())


def _anew(derived: Derived, rests: Mapping[str, LabelledRest], now: int) -> Labelled:
    blocks = _counted(derived.blocks, rests)
    told = [_divided(block, rests, now) for block in blocks]
    spans = Table.joined([Table.of(Span, ()), *(block.spans for block in blocks)])
    return Labelled(
        rests,
        labelled_spans(spans, rests),
        Table.joined([Table.of(Posting, ()), *(each.alone for each in told)]),
        CashSums.empty().changed((), (each.summed for each in told)),
        frozenset[str]().union(*(each.soon for each in told)),
    )


def _changed(
    before: _Followed, derived: Derived, rests: Mapping[str, LabelledRest], changed: Set[str], now: int
) -> Labelled:
    last = before.labelled
    if now - now % QUARTER > before.now - before.now % QUARTER:
        changed |= last.soon
    gone = _counted(before.derived.of_customers(changed & last.rests.keys()), last.rests)
    new = _counted(derived.of_customers(changed & rests.keys()), rests)
    told_before = [_divided(block, last.rests, before.now) for block in gone]
    told = [_divided(block, rests, now) for block in new]
    spans = Table.joined([Table.of(Span, ()), *(block.spans for block in new)])
    alone = Table.joined([Table.of(Posting, ()), *(each.alone for each in told)])
    return Labelled(
        rests,
        last.spans.spliced("customer", changed, labelled_spans(spans, rests)),
        last.alone.spliced("customer", changed, alone),
        last.sums.changed((each.summed for each in told_before), (each.summed for each in told)),
        (last.soon - changed).union(*(each.soon for each in told)),
    )


def _divided(block: Block, rests: Mapping[str, LabelledRest], now: int) -> Divided:
    return divided(postings(block.bills, block.shares, rests), now)


def _counted(blocks: Iterable[Block], rests: Mapping[str, LabelledRest]) -> list[Block]:
    """Without who is excluded."""
    found = []
    for block in blocks:
        names = {name for table in block.tables for name in table.names["customer"]}
        excluded = {name for name in names if rests[name].excluded}
        found.append(block.of_customers(names - excluded) if excluded else block)
    return found
