"""A source whose lists can be read in `created` windows: one page at a time, by several threads."""

from typing import Protocol, runtime_checkable

from eqho.sources.base import Page, Raw, Source, SourceError

PAGE_SIZE = 100


class CursorError(SourceError):
    """The object to go on behind was deleted: go on from its instant instead."""


@runtime_checkable
class WindowedSource(Source, Protocol):
    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        """One page of the objects created in `[created_from, created_before)`, those older than `after`.

        Raises CursorError when `after` does not exist any more.
        """


def created_of(body: Raw) -> int | None:
    """The instant by which Stripe's lists order and filter. Invoice items call it `date`."""
    created = body.get("created", body.get("date"))
    return created if isinstance(created, int) else None
