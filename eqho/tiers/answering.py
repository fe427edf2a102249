"""What a question is answered with on a miss of L1: the document that the store has, else the arithmetic."""

import time
from contextlib import suppress
from typing import Any

from eqho.errors import BadArgument
from eqho.history.evidence import lacks, unread_kinds
from eqho.history.records import Archive
from eqho.history.snapshots import from_store, is_of_build
from eqho.inputs.entries import Entered
from eqho.metrics.document import with_issues
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.entered import Inputs
from eqho.metrics.other_currencies import as_entered
from eqho.metrics.policy import POLICIES
from eqho.metrics.query import Scene
from eqho.metrics.today_only import as_told
from eqho.periods import day_of, period_of
from eqho.products import ProductLines
from eqho.refresh.publishing import Conventions
from eqho.store.base import Store, StoreError
from eqho.tiers.memory import Computed, Key
from eqho.tiers.published import Current
from eqho.tiers.question import Question, RecordedView, View
from eqho.tiers.statistics import TierStatistics
from eqho.tiers.views import Metrics


class Answering:
    """From a build and what was entered. `statistics`: of the look-ups in the store."""

    def __init__(self, store: Store, lines: ProductLines, conventions: Conventions) -> None:
        self._store, self._lines, self._conventions = store, lines, conventions
        self.statistics = TierStatistics()

    def compute(self, key: Key, current: Current, entered: Entered) -> Computed[Any]:
        question = key.question
        plain = question == Question(Metrics(), question.product)
        fresh = current.fresh.pop(question.product, None) if plain else None
        if fresh is not None and current.fresh_entered == entered.numbers:
            return Computed(fresh, "L3", current.refreshed_at, current.generation)
        value: Any = self._stored(question.product, current, entered.numbers) if plain else None
        if value is None:
            scene, view = self.scene(current, entered.inputs, key), question.view
            if isinstance(view, RecordedView):
                value = view.answer_beside(self.archive(current), scene)
            elif isinstance(view, View):
                value = view.answer(scene)
            value = as_told(scene, value, view.of_period)
            if isinstance(value, MetricsDocument):
                value = with_issues(value, as_entered(current.issues, scene))
        return Computed(value, "L2", current.refreshed_at, current.generation)

    def _stored(self, product: str, current: Current, entered: str) -> MetricsDocument | None:
        """The document stored with that build and these inputs; None also while the store is out of reach."""
        started = time.perf_counter()
        record = None
        with suppress(StoreError):
            record = self._store.latest_metrics(product, self._conventions.policy)
        found = record is not None and is_of_build(record, current.origin, current.generation, entered)
        self.statistics.record(hit=found, seconds=time.perf_counter() - started)
        return from_store(record) if record is not None and found else None

    def scene(self, current: Current, inputs: Inputs, key: Key) -> Scene:
        zone, question = self._conventions.zone, key.question
        at = current.ledger.now
        if question.as_of:
            if question.as_of > day_of(at, zone):
                raise BadArgument(f"as_of ({question.as_of}) lies in the future.")
            at = min(at, period_of(question.as_of, "day", zone).end - 1)
        return Scene(
            current.ledger,
            self._lines,
            inputs,
            question.product,
            at,
            POLICIES[question.policy or self._conventions.policy],
            current.currency,
            zone,
            key.untold,
            current.told_from,
            unread_kinds(current.issues),
        )

    def archive(self, current: Current) -> Archive:
        return Archive(self._store, current.origin, lacks(current.issues))
