"""What every part of one run works with."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from eqho.sources.base import Source
from eqho.store.base import LeaseLost, Store
from eqho.sync.clocked_objects import ClockedObjects
from eqho.sync.references import References
from eqho.sync.unreadable import Unreadable


class Interrupted(Exception):
    """A re-list gives way: it goes on where it was with the next one."""


class Tools(NamedTuple):
    """`skipped` kinds may not be read; `proceed` raises LeaseLost once somebody else leads."""

    source: Source
    store: Store
    references: References
    skipped: frozenset[str]
    api_version: str
    clock: Callable[[], datetime]
    proceed: Callable[[], None]
    workers: int
    unreadable: Unreadable
    clocked: ClockedObjects


def guard(
    still_leader: Callable[[], bool] | None, interrupted: Callable[[], bool] | None = None
) -> Callable[[], None]:
    """What `proceed` is: it raises Interrupted, LeaseLost."""

    def proceed() -> None:
        if interrupted is not None and interrupted():
            raise Interrupted("The re-list gives way to a refresh and goes on afterwards.")
        if still_leader is not None and not still_leader():
            raise LeaseLost("Another process has taken over the refresh: this one has stopped.")

    return proceed
