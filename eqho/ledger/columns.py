"""Columns from the type hints of a row: what a table holds stands once, in its NamedTuple."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np

Small = Annotated[int, np.int8]
Number = Annotated[int, np.int32]

_DTYPES = {str: np.int32, int: np.int64, float: np.float64, bool: np.bool_}


class Column(NamedTuple):
    """`dtype` of the array; of a text column it is that of the codes."""

    name: str
    dtype: "np.dtype[Any]"
    text: bool


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
