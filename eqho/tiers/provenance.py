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
