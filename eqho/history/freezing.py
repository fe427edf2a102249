"""Closed months are frozen once; what the ledger says of them later is accepted or not."""

from collections.abc import Callable
from dataclasses import replace

from eqho.errors import BadArgument
from eqho.history.records import Archive
from eqho.metrics.query import Scene
from eqho.metrics.restatements import restatements
from eqho.periods import Period, day_of, periods
from eqho.products import ALL
from eqho.store.documents import batched

_BATCH = 24
"""Months written in one go."""


class Freezer:
    """Remembers what it has seen frozen, so that a refresh in which no month closed reads nothing."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str, str, frozenset[str]], set[str]] = {}

    def freeze(self, archive: Archive, now: Scene, build: int, still_leader: Callable[[], bool]) -> int:
        """Freeze every closed month of every product that is not, back to the first span; how many that were.
        None, while the build lacks what the ledger needs; and a month that was frozen from less is frozen
        again.

        `now` is the scene of a published build. Ends early when another has become the leader: what is
        missing is frozen with the next build. Raises StoreError.
        """
        if not archive.suffices:
            return 0
        months = closed_months_of(now)
        written = 0
        for product in (ALL, *now.lines.keys):
            scene = replace(now, product=product)
            known = self._settled(archive, scene)
            due = [m for m in months if m.label not in known]
            numbers = {label: frozen.number for label, frozen in archive.frozen(scene).items()} if due else {}
            for batch in batched(due, _BATCH):
                if not still_leader():
                    return written
                archive.freeze(
                    [(replace(scene, at=month.end - 1), numbers.get(month.label, 0) + 1) for month in batch],
                    build,
                )
                known.update(month.label for month in batch)
                written += len(batch)
        return written

    def _settled(self, archive: Archive, scene: Scene) -> set[str]:
        """The months of which no more is known now than when they were frozen."""
        key = scene.product, scene.policy.name, scene.currency, archive.origin, archive.lacks
        if key not in self._known:
            frozen = archive.frozen(scene).items()
            self._known[key] = {label for label, month in frozen if not archive.outdoes(month)}
        return self._known[key]


def closed_months_of(now: Scene) -> list[Period]:
    """The months from the first span to the last one that is over at the scene's instant."""
    start = now.ledger.spans.start
    if not len(start):
        return []
    spanned = periods(day_of(int(start.min()), now.zone), day_of(now.at, now.zone), "month", now.zone)
    return [month for month in spanned if month.end <= now.at]


def accept(archive: Archive, now: Scene, month: str, build: int) -> None:
    """Make what the ledger says today of a frozen month its frozen value: a new record, the old one stays.

    Raises BadArgument where that month was not frozen, or is not restated, or the build lacks what it had.
    """
    if not archive.suffices:
        lacking = ", ".join(sorted(archive.lacks))
        raise BadArgument(f"Nothing can be accepted while the source does not let these be read: {lacking}.")
    frozen = archive.frozen(now)
    if month not in frozen:
        known = f"; frozen are {min(frozen)} to {max(frozen)}" if frozen else ""
        raise BadArgument(f"{month or 'That month'} of {now.product} was never frozen{known}.")
    number, then = frozen[month].number, frozen[month].month
    if not restatements(now, [then]):
        raise BadArgument(f"The ledger says of {month} what was frozen: there is nothing to accept.")
    archive.freeze([(replace(now, at=then.at), number + 1)], build)
