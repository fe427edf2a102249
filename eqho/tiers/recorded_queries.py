"""Views that read stored records beside the build: what was shown, and what was frozen."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from eqho.errors import BadArgument
from eqho.history.records import Archive
from eqho.history.snapshots import from_store
from eqho.metrics.definitions import METRICS
from eqho.metrics.query import Document, Scene
from eqho.metrics.restatements import restatements
from eqho.metrics.week import week
from eqho.periods import Period
from eqho.store.base import StoreError
from eqho.tiers.memory import Key
from eqho.tiers.queries import VIEWS, Arguments, asked_days, asked_periods, asked_series

BASES = ("ledger", "snapshot")


def _history(scene: Scene, arguments: Arguments, archive: Archive) -> Document:
    """`basis=ledger`: as the ledger says today. `basis=snapshot`: as it was shown, the last snapshot of each
    period; a period without one has no point. A closed month's is its frozen record."""
    basis = arguments.get("basis", "ledger")
    if basis not in BASES:
        raise BadArgument(f"basis is {' or '.join(BASES)}, not “{basis}”.")
    if basis == "ledger":
        return VIEWS["history"](scene, arguments)
    metrics, spanned = asked_series(arguments), asked_periods(scene, arguments)
    shown = _last_shown(scene, spanned, archive)
    return {
        "points": [
            {
                "date": period.last.isoformat(),
                **{slug: _value(shown[period], slug) for slug in metrics},
                "open": period.is_open(scene.at),
            }
            for period in spanned
            if period in shown
        ]
    }


def _last_shown(scene: Scene, spanned: Sequence[Period], archive: Archive) -> dict[Period, Document]:
    frozen = {known.month.at: known.record for known in archive.frozen(scene).values()}
    shown = {period: frozen[period.end - 1] for period in spanned if period.end - 1 in frozen}
    rest = [period for period in spanned if period not in shown]
    if rest:
        waiting = iter(rest)
        period = next(waiting)
        for record in archive.snapshots(scene, rest[0].start, min(rest[-1].end, scene.at + 1)):
            at = int(record["timestamp"].timestamp())
            while at >= period.end:
                period = next(waiting)
            if at >= period.start:
                shown[period] = record
    return shown


def _value(record: Document, slug: str) -> Any:
    """None also where the definitions of that time did not have the metric."""
    group, name = METRICS[slug].path.split(".")
    return from_store(record).get(group, {}).get(name)


def _restatements(scene: Scene, arguments: Arguments, archive: Archive) -> Document:
    return {"rows": restatements(scene, archive.comparable(scene))}


def _frozen(scene: Scene, arguments: Arguments, archive: Archive) -> Document:
    """The metrics document of a closed month as it was frozen, None where it is not."""
    frozen = archive.frozen(scene).get(arguments.get("month", ""))
    return {"metrics": None if frozen is None else from_store(frozen.record)}


def _changes(scene: Scene, arguments: Arguments, archive: Archive) -> Document:
    """An outage of the store takes away the restated months and nothing else."""
    try:
        frozen = archive.comparable(scene)
    except StoreError:
        frozen = []
    return week(scene, asked_days(arguments), frozen)


RECORDED_VIEWS: dict[str, Callable[[Scene, Arguments, Archive], Document]] = {
    "history": _history,
    "restatements": _restatements,
    "frozen": _frozen,
    "changes": _changes,
}


def reads_records(key: Key) -> bool:
    """Whether a remembered value may be another one after a month was frozen."""
    return key.view in {"restatements", "frozen", "changes"} or "basis" in json.loads(key.arguments or "{}")
