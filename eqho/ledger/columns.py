"""Columns from the type hints of a row: what a table holds stands once, in its NamedTuple."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, NamedTuple, Self, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

Small = Annotated[int, np.int8]
Number = Annotated[int, np.int32]

_FEW = 10
_DTYPES = {str: np.int32, int: np.int64, float: np.float64, bool: np.bool_}


class Column(NamedTuple):
    """`dtype` of the array; of a text column it is that of the codes."""

    name: str
    dtype: "np.dtype[Any]"
    text: bool


@cache
def columns_of(row: type) -> tuple[Column, ...]:
    """In the order of the row. Text is kept as int32 codes, a whole number in 64 bits unless said."""
    return tuple(_column(name, hint) for name, hint in get_type_hints(row, include_extras=True).items())


def _column(name: str, hint: Any) -> Column:
    said = get_args(hint)[1] if get_origin(hint) is Annotated else _DTYPES[hint]
    return Column(name, np.dtype(said), hint is str)


def arrays_of(row: type, rows: Iterable[Sequence[Any]]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """(one array per column, the names behind the codes of each text column); codes by first occurrence."""
    columns = columns_of(row)
    values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays: dict[str, Any] = {}
    names: dict[str, list[str]] = {}
    for column, found in zip(columns, values, strict=True):
        if column.text:
            index: dict[Any, int] = {}
            arrays[column.name] = np.array(
                [index.setdefault(value, len(index)) for value in found], dtype=column.dtype
            )
            names[column.name] = [str(value) for value in index]
        else:
            arrays[column.name] = np.array(found, dtype=column.dtype)
    return arrays, names


@dataclass(frozen=True)
class Table:
    """Rows of the NamedTuple `row`, one array per column; of text int32 codes into `names[column]`."""

    row: type
    arrays: dict[str, Any]
    names: dict[str, list[str]]

    @classmethod
    def of(cls, row: type, rows: Iterable[Sequence[Any]]) -> Self:
        return cls(row, *arrays_of(row, rows))

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    def take(self, rows: "npt.NDArray[Any] | slice") -> Self:
        """The rows of a mask, a range, or of indices in their order; codes keep their meaning."""
        return type(self)(self.row, {name: found[rows] for name, found in self.arrays.items()}, self.names)

    def of_names(self, column: str, names: Collection[str]) -> Self:
        """The rows whose text is one of `names`; codes are by first occurrence."""
        wanted = np.array([name in names for name in self.names[column]], dtype=np.bool_)
        return self.take(wanted[self.arrays[column]])._recoded()

    def between(self, column: str, low: str, high: str | None) -> Self:
        """The rows whose text is in `[low, high)`, of a table in order of `column`; codes are by first
        occurrence."""
        names, codes = self.names[column], self.arrays[column]
        begin = int(np.searchsorted(codes, bisect_left(names, low)))
        end = len(self) if high is None else int(np.searchsorted(codes, bisect_left(names, high)))
        return self if end - begin == len(self) else self.take(slice(begin, end))._recoded()

    @classmethod
    def joined(cls, tables: Sequence[Self]) -> Self:
        """The rows of all, one after the other; at least one table."""
        row = tables[0].row
        arrays, names = {}, {}
        for column in columns_of(row):
            found = [table.arrays[column.name] for table in tables]
            if column.text:
                index: dict[str, int] = {}
                for i, table in enumerate(tables):
                    codes = [index.setdefault(name, len(index)) for name in table.names[column.name]]
                    found[i] = np.array(codes, dtype=column.dtype)[found[i]]
                names[column.name] = list(index)
            arrays[column.name] = np.concatenate(found)
        return cls(row, arrays, names)

    def spliced(self, column: str, gone: Collection[str], new: Self) -> Self:
        """Without the rows of `gone`, with those of `new`, whose names are among them, in their places. Both
        tables are in order of `column`, a text, and codes are by first occurrence. What stays is copied in
        runs, not row by row."""
        runs = _runs(
            sorted(gone), (self.arrays[column], self.names[column]), (new.arrays[column], new.names[column])
        )
        arrays: dict[str, Any] = {}
        names: dict[str, list[str]] = {}
        for each in columns_of(self.row):
            old, added = self.arrays[each.name], new.arrays[each.name]
            if each.text:
                codes, known = _among(self.names[each.name], new.names[each.name])
                added = np.array(codes, dtype=each.dtype)[added]
            pieces, begin = [], 0
            for (first, end), (new_first, new_end) in runs:
                pieces += [old[begin:first], added[new_first:new_end]]
                begin = end
            arrays[each.name] = np.concatenate([*pieces, old[begin:]])
            if each.text:
                arrays[each.name], names[each.name] = by_first_occurrence(arrays[each.name], known)
        return type(self)(self.row, arrays, names)

    def _recoded(self) -> Self:
        arrays, names = dict(self.arrays), {}
        for each in columns_of(self.row):
            if each.text:
                arrays[each.name], names[each.name] = by_first_occurrence(
                    arrays[each.name], self.names[each.name]
                )
        return type(self)(self.row, arrays, names)


_Coded = tuple["npt.NDArray[np.int32]", list[str]]
_Rows = tuple[int, int]


def _runs(wanted: Sequence[str], *tables: _Coded) -> list[tuple[_Rows, ...]]:
    """Where the rows of the `wanted` names, which are in order, are or would be in each of several columns
    that are in order; names whose rows follow each other everywhere are one run."""
    bounds = []
    for codes, names in tables:
        places = [bisect_left(names, name) for name in wanted]
        ends = [
            place + (place < len(names) and names[place] == name)
            for place, name in zip(places, wanted, strict=True)
        ]
        bounds.append(
            zip(np.searchsorted(codes, places).tolist(), np.searchsorted(codes, ends).tolist(), strict=True)
        )
    runs: list[tuple[_Rows, ...]] = []
    for rows in zip(*bounds, strict=True):
        follows = runs and all(end == first for (_, end), (first, _) in zip(runs[-1], rows, strict=True))
        begins = [first for first, _ in (runs.pop() if follows else rows)]
        runs.append(tuple((begin, end) for begin, (_, end) in zip(begins, rows, strict=True)))
    return runs


def _among(known: list[str], names: Sequence[str]) -> tuple[list[int], list[str]]:
    """(the codes of `names`, the known ones with those that are new behind them)."""
    if len(names) <= _FEW:  # looked for one by one: an index of all would cost more
        index = {name: known.index(name) for name in names if name in known}
    else:
        index = {name: code for code, name in enumerate(known)}
    new = [name for name in names if name not in index]
    index |= {name: len(known) + place for place, name in enumerate(new)}
    return [index[name] for name in names], [*known, *new]


def by_first_occurrence(
    codes: "npt.NDArray[np.int32]", names: Sequence[str]
) -> tuple["npt.NDArray[np.int32]", list[str]]:
    """The same texts under codes as `arrays_of` gives them, without names that do not occur."""
    if _are_by_first_occurrence(codes, len(names)):
        return codes, list(names)
    first = np.full(len(names), len(codes), dtype=np.int64)
    np.minimum.at(first, codes, np.arange(len(codes)))
    order = np.argsort(first, kind="stable")[: int(np.count_nonzero(first < len(codes)))]
    new = np.empty(len(names), dtype=np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    return new[codes], [names[code] for code in order]


def _are_by_first_occurrence(codes: "npt.NDArray[np.int32]", count: int) -> bool:
    highest = np.maximum.accumulate(codes)
    rises = bool(len(highest)) and highest[0] == 0 and highest[-1] == count - 1
    return rises and bool((highest[1:] - highest[:-1] <= 1).all())
