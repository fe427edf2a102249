"""Spend, margins, rates and goals: read, replaced and undone, each list as a whole under its number."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from eqho.errors import WrittenMeanwhile
from eqho.inputs.checks import (
    BadRows,
    Checked,
    check_goals,
    check_margins,
    check_rates,
    check_spend,
    check_sums,
)
from eqho.metrics.entered import Goal, Inputs, Margin, Rate, Spend
from eqho.products import ProductLines
from eqho.store.base import Document, InputChange, InputsChanged, Store

Entry = Spend | Margin | Rate | Goal
Check = Callable[[Sequence[object], ProductLines], Checked[Any]]


class Kind(NamedTuple):
    """A list of inputs: `name` in the API, where it is stored, what a row is, how rows are checked."""

    name: str
    stored: str
    row: type[Entry]
    check: Check


SPEND = Kind("spend", "spend", Spend, check_spend)
MARGINS = Kind("margins", "margins", Margin, check_margins)
FX = Kind("fx", "fx_rates", Rate, check_rates)
GOALS = Kind("goals", "goals", Goal, check_goals)
KINDS = (SPEND, MARGINS, FX, GOALS)


class Listed(NamedTuple):
    """`number` 0: nobody has ever entered anything. `sample`: the rows came with the demo company."""

    number: int
    at: datetime
    rows: tuple[Any, ...]
    sample: bool = False


class Entries:
    """`sample` stands in for a list in which nobody has entered anything: the demo company's own as it is by
    now, else nothing."""

    def __init__(self, store: Store, lines: ProductLines, sample: Callable[[], Inputs] | None = None) -> None:
        self._store, self._lines = store, lines
        self._sample = sample or Inputs

    def read(self, kind: Kind) -> Listed:
        """Raises StoreError."""
        return self._listed(kind, self._store.input_change(kind.stored))

    def check(self, kind: Kind, rows: Sequence[object]) -> Checked[Any]:
        """The good rows and what is wrong with the others; nothing is stored."""
        return kind.check(rows, self._lines)

    def check_sums(self, rows: Sequence[Mapping[str, Any]]) -> Checked[Spend]:
        """As `check`, of spend that is added up from a file: faults name month and category."""
        return check_sums(rows, self._lines)

    def replace(self, kind: Kind, rows: Sequence[object], expected: int | None) -> Listed:
        """Make `rows` the list. `expected` is the number of the list they were made from, None whatever it
        is. Raises BadRows, which stores nothing, WrittenMeanwhile and StoreError."""
        checked = self.check(kind, rows)
        if checked.faults:
            raise BadRows(checked.faults)
        return self._put(kind, [_document(row) for row in checked.rows], expected)

    def changes(self, kind: Kind) -> list[Listed]:
        """What the list was, newest first, up to a hundred changes. Raises StoreError."""
        return [self._listed(kind, change) for change in self._store.input_changes(kind.stored)]

    def undo(self, kind: Kind, expected: int) -> Listed:
        """Make the list what it was before its last change, as a change of its own: undoing twice brings it
        back. Raises WrittenMeanwhile and StoreError."""
        changes = self._store.input_changes(kind.stored)
        return self._put(kind, changes[1].rows if len(changes) > 1 else [], expected)

    def numbers(self) -> str:
        """What changes with every entry, and as the sample grows. Raises StoreError."""
        numbers = self._store.input_numbers()
        return self._marked(str(numbers.get(kind.stored, 0)) for kind in KINDS)

    def _marked(self, numbers: Iterable[str]) -> str:
        sample = self._sample()
        months, days = [row.month for row in sample.spend[-1:]], [row.date for row in sample.rates[-1:]]
        return ".".join([*numbers, *months, *days])

    def all(self) -> "Entered":
        """Everything, as the metrics read it. Raises StoreError."""
        lists = {kind.name: self.read(kind) for kind in KINDS}
        inputs = Inputs(
            lists["spend"].rows,
            lists["margins"].rows,
            lists["fx"].rows,
            lists["goals"].rows,
            any(listed.sample for listed in lists.values()),
        )
        return Entered(self._marked(str(listed.number) for listed in lists.values()), inputs)

    def _put(self, kind: Kind, rows: list[Document], expected: int | None) -> Listed:
        try:
            return self._listed(kind, self._store.replace_inputs(kind.stored, rows, expected))
        except InputsChanged as error:
            raise WrittenMeanwhile(str(error)) from None

    def _listed(self, kind: Kind, change: InputChange) -> Listed:
        if not change.rows:
            known = self._sample()
            sample = {
                SPEND: known.spend,
                MARGINS: known.margins,
                FX: known.rates,
                GOALS: known.goals,
            }[kind]
            return Listed(change.number, change.at, sample, bool(sample))
        rows = tuple(msgspec.convert(row, kind.row, strict=False) for row in change.rows)
        return Listed(change.number, change.at, rows)


class Entered(NamedTuple):
    """`numbers` changes whenever anything is entered: it is part of every key that remembers a figure."""

    numbers: str
    inputs: Inputs


def _document(row: Entry) -> Document:
    # Amounts as text: a float would not keep them.
    found: Document = msgspec.to_builtins(row)
    return found
