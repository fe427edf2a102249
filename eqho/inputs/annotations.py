"""What people noted on a day: one line of text about one product or all of them, in the store's inputs."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import msgspec

from eqho.errors import BadArgument
from eqho.names import on_one_line
from eqho.products import ProductLines
from eqho.store.base import Store, StoreUnavailable

_NAME = "annotations"
_LONGEST = 120
_HELD_SECONDS = 10.0
_TRIES = 25
_BETWEEN_TRIES = 0.2


class Annotation(msgspec.Struct, frozen=True, order=True):
    """`date` is a day of the reporting zone, `product` a slug of the API."""

    date: str
    text: str
    product: str


class Annotations:
    """Writes replace the whole list, so each holds a lease: none undoes another's."""

    def __init__(
        self, store: Store, lines: ProductLines, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._store, self._lines, self._sleep = store, lines, sleep

    def all(self) -> list[Annotation]:
        """Oldest day first. Raises StoreError."""
        return sorted(msgspec.convert(row, Annotation) for row in self._store.inputs(_NAME))

    def add(self, day: str, text: str, product: str) -> Annotation:
        """The annotation as it is kept; the same one twice is kept once. Raises BadArgument, StoreError."""
        added = Annotation(_day(day), _one_line(text), self._lines.resolve(product))
        with self._alone():
            self._write({*self.all(), added})
        return added

    def remove(self, annotation: Annotation) -> None:
        """Nothing happens where somebody else has removed it. Raises StoreError."""
        with self._alone():
            self._write(set(self.all()) - {annotation})

    def _write(self, annotations: set[Annotation]) -> None:
        self._store.replace_inputs(_NAME, [msgspec.structs.asdict(one) for one in sorted(annotations)])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        holder = secrets.token_hex(8)
        for _ in range(_TRIES):
            if lease := self._store.acquire_lease(_NAME, holder, _HELD_SECONDS):
                break
            self._sleep(_BETWEEN_TRIES)
        else:
            raise StoreUnavailable("Somebody else is changing the annotations: try again in ten seconds.")
        try:
            yield
        finally:
            self._store.release_lease(lease)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadArgument(f"date is a day like 2026-10-31, not “{text[:20]}”.") from None


def _one_line(text: str) -> str:
    line = on_one_line(text)
    if not line:
        raise BadArgument("An annotation needs a text: write what happened on that day.")
    if len(line) > _LONGEST:
        raise BadArgument(f"An annotation has at most {_LONGEST} characters, this one {len(line)}.")
    return line
