"""What every part of one run works with."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from eqho.sources.base import Source
from eqho.store.base import Store
from eqho.sync.clocked_objects import ClockedObjects
from eqho.sync.references import References
from eqho.sync.unreadable import Unreadable


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
