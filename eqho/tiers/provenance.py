"""What travels with every value: where it came from, how old it is, and whether to trust it as current."""

from typing import Generic, NamedTuple, TypeVar

import msgspec

T = TypeVar("T")


class Provenance(msgspec.Struct, frozen=True):
    """`tier`: "L1" memory, "L2" store, "L3" just read from the source. `refreshed_at` in UTC seconds of the
    real clock. `stale`: older than the cache's lifetime, or the last refresh failed."""

    tier: str
    age_seconds: float
    source: str
    build: int
    stale: bool
    stale_reason: str | None
    refreshed_at: int


class Served(NamedTuple, Generic[T]):
    value: T
    provenance: Provenance


class NoBuild(Exception):
    """Nothing can be served yet. `sentence` says why and what to do, `progress` how far the first sync is."""

    def __init__(self, sentence: str, progress: dict[str, object]) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.progress = progress


class BadArgument(ValueError):
    """A parameter of a view that cannot be used; the message says what is allowed."""


class RefreshFailed(Exception):
    """A refresh that somebody waited for did not work; the message is the sentence that says why."""
