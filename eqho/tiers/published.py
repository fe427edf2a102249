"""The published build as a process holds it."""

import logging
import time
from dataclasses import dataclass, field
from typing import Self

from eqho.issues import Issue
from eqho.ledger.build import Ledger
from eqho.ledger.tables import unpack
from eqho.metrics.document_fields import MetricsDocument
from eqho.periods import FAR
from eqho.refresh.earlier_build import issues_of
from eqho.store.base import Build

log = logging.getLogger("eqho.cache")


@dataclass(frozen=True)
class Current:
    """A build of `origin`'s data. `provisional`: published while the first pull went on; `told_from`: the
    instant from which it tells the past all the same. `known_since`: when this process has learnt of the
    refresh of `refreshed_at`, by `time.monotonic()`. `fresh`: documents
    this process has just made and nobody has asked for yet, by product, from the inputs numbered
    `fresh_entered`."""

    generation: int
    origin: str
    ledger: Ledger
    currency: str
    issues: tuple[Issue, ...]
    refreshed_at: int
    known_since: float
    provisional: bool = False
    told_from: int = FAR
    fresh: dict[str, MetricsDocument] = field(default_factory=dict)
    fresh_entered: str = ""

    @classmethod
    def of(cls, build: Build) -> Self | None:
        """None where another version wrote what this one cannot read."""
        try:
            return cls._of(build)
        except Exception as error:  # whatever another version may have written
            log.info("build %d, of another version, cannot be read: %s", build.generation, error)
            return None

    @classmethod
    def _of(cls, build: Build) -> Self:
        meta = build.meta
        return cls(
            build.generation,
            meta["origin"],
            unpack(build.payload),
            meta["currency"],
            issues_of(meta),
            meta["refreshed_at"],
            time.monotonic(),
            meta.get("provisional", False),
            meta.get("told_from") or FAR,
        )
