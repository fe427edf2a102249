"""What was shown and what was frozen: the `metrics` collection as one company's history."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from eqho.history.evidence import suffices
from eqho.history.snapshots import to_store
from eqho.metrics.document import snapshot
from eqho.metrics.query import Scene
from eqho.metrics.restatements import FrozenMonth, balances_of, packed
from eqho.store.base import Document, Store


class Frozen(NamedTuple):
    """A frozen month as it is stored: `number` 1 was written when it closed, higher ones were accepted or
    took its place when more was known. `lacks` is what its build lacked."""

    number: int
    record: Document
    month: FrozenMonth
    lacks: frozenset[str]


class Archive:
    """Records of one origin's data, beside a build that lacks `lacks`. Those in another currency or reporting
    zone are another history."""

    def __init__(self, store: Store, origin: str, lacks: frozenset[str] = frozenset()) -> None:
        self._store, self.origin, self.lacks = store, origin, lacks

    @property
    def suffices(self) -> bool:
        return suffices(self.lacks)

    def frozen(self, scene: Scene) -> dict[str, Frozen]:
        """The record in force of each frozen month (`YYYY-MM`) of the scene's product and policy, oldest
        first."""
        found = {}
        for record in self._store.frozen_months(scene.product, scene.policy.name):
            if self._is_of(record, scene):
                found[record["closed_month"]] = _read(record)
        return found

    def comparable(self, scene: Scene) -> list[FrozenMonth]:
        """The frozen months that the build may be held against: none where it lacks what they had, or has
        what they lacked, which takes their place."""
        if not self.suffices:
            return []
        return [frozen.month for frozen in self.frozen(scene).values() if not self.outdoes(frozen)]

    def outdoes(self, frozen: Frozen) -> bool:
        """Whether the build lacks only a part of what the record's lacked."""
        return self.lacks < frozen.lacks

    def snapshots(self, scene: Scene, start: int, end: int) -> Iterator[Document]:
        """What was shown or frozen in `[start, end)`, oldest first."""
        between = self._store.metrics_between(
            scene.product, scene.policy.name, _instant(start), _instant(end)
        )
        return (record for record in between if self._is_of(record, scene))

    def freeze(self, months: Sequence[tuple[Scene, int]], build: int) -> None:
        """Store the month that ends with each scene's instant under its number. One that is stored under the
        same number stays as it is."""
        self._store.append_metrics([self._record(scene, build, number) for scene, number in months])

    def _record(self, scene: Scene, build: int, number: int) -> Document:
        month, now = scene.running.label, int(time.time())
        return {
            "_id": "/".join([*self._history(scene), month, f"{number:04d}"]),
            **to_store(snapshot(scene), scene.at, now, self.origin, build),
            "as_of": _instant(scene.at),
            "closed_month": month,
            "frozen_at": _instant(now),
            "number": number,
            "lacks": sorted(self.lacks),
            "mrr_units": scene.mrr,
            "balances": packed(balances_of(scene)),
        }

    def _history(self, scene: Scene) -> list[str]:
        """What the name of a frozen record is unique in."""
        zone = scene.zone.key
        return ["frozen", self.origin, scene.policy.name, scene.currency, zone, scene.product]

    def _is_of(self, record: Document, scene: Scene) -> bool:
        metrics = record["metrics"]
        stated = record["origin"], metrics["currency"], metrics["timezone"]
        return bool(stated == (self.origin, scene.currency.upper(), scene.zone.key))


def _read(record: Document) -> Frozen:
    month = FrozenMonth(
        month=record["closed_month"],
        at=int(record["timestamp"].timestamp()),
        mrr=record["mrr_units"],
        customers=record["metrics"]["customer_metrics"]["customers"],
        definition=record["definition"],
        packed=record["balances"],
    )
    return Frozen(record["number"], record, month, frozenset(record.get("lacks", ())))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
