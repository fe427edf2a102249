"""Imported rows joined with those that are there: they take the place of what has the same key."""

from collections.abc import Hashable, Sequence
from typing import Any

import msgspec

from eqho.inputs.entries import Entry
from eqho.metrics.entered import Goal, Margin, Rate, Spend


def merged(present: Sequence[Entry], imported: Sequence[Entry]) -> list[dict[str, Any]]:
    """Rows for `Entries.replace`, in the order of their keys."""
    replaced = {_key(row) for row in imported}
    kept = [row for row in present if _key(row) not in replaced]
    return [msgspec.structs.asdict(row) for row in sorted((*kept, *imported), key=lambda row: str(_key(row)))]


def _key(row: Entry) -> Hashable:
    match row:
        case Spend():
            return row.month, row.product or "", row.category.casefold()
        case Margin():
            return row.month, row.product
        case Rate():
            return row.date, row.currency
        case Goal():
            return row.period, row.product, row.metric
