"""Who moved: rows of customers behind a change."""

from datetime import timedelta

import numpy as np
from msgspec import structs

from eqho.metrics.customers import name_of
from eqho.metrics.movements import CustomerChange, customer_changes
from eqho.metrics.query import Scene
from eqho.metrics.rows import ChangeRow, DatedChange
from eqho.periods import Period, day_of, midnight
from eqho.products import ALL


def change_row(scene: Scene, change: CustomerChange) -> ChangeRow:
    return ChangeRow(
        customer=change.customer,
        name=name_of(scene.ledger, change.customer),
        kind=change.kind,
        before=scene.money(change.before),
        after=scene.money(change.after),
        change=scene.money(change.after - change.before),
    )


def window_since(scene: Scene, days: int) -> Period:
    """From the beginning of the day `days` days ago until now."""
    last = day_of(scene.at, scene.zone)
    first = last - timedelta(days)
    return Period(f"{first}/{last}", first, last, midnight(first, scene.zone), scene.at + 1)


def recent_changes(scene: Scene, days: int) -> list[DatedChange]:
    """Net change of each customer since the beginning of the day `days` days ago, largest first."""
    window = window_since(scene, days)
    since = window.start
    codes = {name: code for code, name in enumerate(scene.book.names)}
    return [
        DatedChange(
            **structs.asdict(change_row(scene, change)),
            date=_last_change(scene, codes[change.customer], since),
            line=_line_of(scene, codes[change.customer]),
        )
        for change in customer_changes(scene.book, window, scene.at)
    ]


def _last_change(scene: Scene, code: int, since: int) -> str | None:
    scope = scene.book.scope
    mine = scope.customer == code
    instants = np.concatenate([scope.start[mine], scope.end[mine]])
    inside = instants[(instants >= since) & (instants <= scene.at)]
    return day_of(int(inside.max()), scene.zone).isoformat() if len(inside) else None


def _line_of(scene: Scene, code: int) -> str:
    """The product line of the customer's largest recent stretch."""
    spans = scene.spans
    mine = spans.where((spans.customer == code) & (spans.start <= scene.at))
    if not len(mine):  # its currency lost its rate
        ours = scene.counted.where((scene.counted.customer == code) & (scene.counted.start <= scene.at))
        mine = ours if scene.product == ALL else ours.where(ours.line == ours.code("line", scene.product))
    latest = mine.where(mine.end >= min(int(mine.end.max()), scene.at))
    return latest.names["line"][int(latest.line[int(np.argmax(latest.mrr))])]
