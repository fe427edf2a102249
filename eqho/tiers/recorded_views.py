"""Views that read stored records beside the build: what was shown, and what was frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from msgspec import Struct

from eqho.errors import BadArgument
from eqho.history.records import Archive
from eqho.history.snapshots import from_store
from eqho.metrics import rows
from eqho.metrics.definitions import METRICS
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.history_rows import History, Point
from eqho.metrics.query import Scene
from eqho.metrics.restatements import Restatements as RestatementsAnswer
from eqho.metrics.restatements import restatements
from eqho.metrics.week import week
from eqho.periods import Period, PeriodLength
from eqho.store.base import StoreError
from eqho.tiers.arguments import MOST_PERIODS, known_series, spanned
from eqho.tiers.question import RecordedView

Record = Mapping[str, Any]


@dataclass(frozen=True)
class ShownHistory(RecordedView[History]):
    """As it was shown: the last snapshot of each period; a period without one has no point. A closed month's
    is its frozen record."""

    name, answers = "shown_history", History
    metrics: tuple[str, ...] = ("mrr", "customers")
    start: date | None = None
    end: date | None = None
    interval: PeriodLength = "month"

    def answer_beside(self, archive: Archive, scene: Scene) -> History:
        metrics, asked = known_series(self.metrics), spanned(scene, self.start, self.end, self.interval)
        shown = _last_shown(scene, asked, archive)
        return History(
            [
                Point(
                    date=period.last.isoformat(),
                    **{slug: _value(shown[period], slug) for slug in metrics},
                    open=period.is_open(scene.at),
                )
                for period in asked
                if period in shown
            ]
        )


def _last_shown(scene: Scene, asked: Sequence[Period], archive: Archive) -> dict[Period, Record]:
    frozen = {known.month.at: known.record for known in archive.frozen(scene).values()}
    shown: dict[Period, Record] = {
        period: frozen[period.end - 1] for period in asked if period.end - 1 in frozen
    }
    rest = [period for period in asked if period not in shown]
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


def _value(record: Record, slug: str) -> Any:
    """None also where the definitions of that time did not have the metric."""
    group, name = METRICS[slug].path.split(".")
    return record["metrics"].get(group, {}).get(name)


@dataclass(frozen=True)
class Restatements(RecordedView[RestatementsAnswer]):
    name, answers = "restatements", RestatementsAnswer

    def answer_beside(self, archive: Archive, scene: Scene) -> RestatementsAnswer:
        return RestatementsAnswer(restatements(scene, archive.comparable(scene)))


class FrozenDocument(Struct, frozen=True):
    """None where the month is not frozen."""

    metrics: MetricsDocument | None


@dataclass(frozen=True)
class FrozenMonth(RecordedView[FrozenDocument]):
    """The metrics document of a closed month (`2026-10`) as it was frozen."""

    name, answers = "frozen", FrozenDocument
    month: str

    def answer_beside(self, archive: Archive, scene: Scene) -> FrozenDocument:
        frozen = archive.frozen(scene).get(self.month)
        return FrozenDocument(None if frozen is None else from_store(frozen.record))


@dataclass(frozen=True)
class Changes(RecordedView[rows.Changes]):
    """Since so many days ago. An outage of the store takes away the restated months and nothing else."""

    name, answers = "changes", rows.Changes
    days: int = 7

    def answer_beside(self, archive: Archive, scene: Scene) -> rows.Changes:
        if not 1 <= self.days <= MOST_PERIODS:
            raise BadArgument(f"days is a whole number from 1 to {MOST_PERIODS:,}, not “{self.days}”.")
        try:
            frozen = archive.comparable(scene)
        except StoreError:
            frozen = []
        return week(scene, self.days, frozen)
