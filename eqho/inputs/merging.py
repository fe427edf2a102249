"""Imported rows joined with those that are there: a row of the same key takes the old one's place."""

from collections.abc import Hashable, Sequence
from typing import Any

import msgspec

from eqho.inputs.entries import Entry
from eqho.metrics.entered import Goal, Margin, Rate, Spend


def merged(present: Sequence[Entry], imported: Sequence[Entry]) -> list[dict[str, Any]]:
    """Rows for `Entries.replace`, in the order of their keys."""
    found = {_key(row): row for row in (*present, *imported)}
    return [msgspec.structs.asdict(row) for _, row in sorted(found.items(), key=lambda pair: str(pair[0]))]


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
