"""What an outage of the store can be survived with: the latest build, metrics and inputs, kept locally."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from eqho.store.base import Build, Document, InputChange, StoreError
from eqho.store.embedded import EmbeddedStore

_log = logging.getLogger(__name__)
_NEVER = datetime.min.replace(tzinfo=UTC)
_EPOCH = datetime.fromtimestamp(0, UTC)


class LastKnown:
    """Copies in an embedded store. A copy that cannot be made is logged: the original is safe without it."""

    def __init__(self, spool: EmbeddedStore) -> None:
        self._spool = spool
        self._timestamps: dict[str, datetime] = {}

    def keep_build(self, build: Build | None) -> None:
        with _logged():
            if build is not None and build.generation != self._spool.generation():
                self._spool.adopt_build(build)

    def keep_metrics(self, documents: Sequence[Document]) -> None:
        """The latest of each product and policy, unless a later one is there."""
        latest: dict[str, Document] = {}
        for document in documents:
            name = _metrics(document["product"], document["policy"])
            if document["timestamp"] >= (latest[name]["timestamp"] if name in latest else _NEVER):
                latest[name] = document
        with _logged(), self._spool.database.transaction():
            for name, document in latest.items():
                if document["timestamp"] >= self._timestamp(name):
                    self._spool.put_state(name, document)
                    self._timestamps[name] = document["timestamp"]

    def has_metrics(self, document: Document) -> bool:
        """Whether this document, or a later one, is here."""
        with _logged():
            kept = self._timestamp(_metrics(document["product"], document["policy"]))
            return bool(kept >= document["timestamp"])
        return True

    def metrics(self, product: str, policy: str) -> Document | None:
        return self._spool.get_state(_metrics(product, policy))

    def keep_input_change(self, name: str, change: InputChange) -> None:
        with _logged():
            if self.input_change(name) != change:
                self._spool.put_state(f"inputs/{name}", change._asdict())

    def input_change(self, name: str) -> InputChange | None:
        kept = self._spool.get_state(f"inputs/{name}")
        return (
            None if kept is None else InputChange(kept.get("number", 0), kept.get("at", _EPOCH), kept["rows"])
        )

    def _timestamp(self, name: str) -> datetime:
        if name not in self._timestamps:
            kept = self._spool.get_state(name)
            self._timestamps[name] = kept["timestamp"] if kept else _NEVER
        return self._timestamps[name]


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        _log.warning("No local copy could be kept for an outage: %s", error)


def _metrics(product: str, policy: str) -> str:
    return f"metrics/{product}/{policy}"
