"""A source without events whose rows say when they were last written."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol, runtime_checkable

from eqho.sources.base import Raw, Source


class ChangedRow(NamedTuple):
    """`body` is the object as it is now, None once it is gone. `at` is in UTC seconds, `version` differs with
    every write."""

    id: str
    body: Raw | None
    at: int
    version: str


@runtime_checkable
class ChangingSource(Source, Protocol):
    def changed(self, kind: str, since: int) -> Iterator[list[ChangedRow]]:
        """What was written at `since` or later, oldest first; one request where nothing was.

        Where rows do not say when they were written, all of them, as of `since`.
        """
