"""A store on a server that may be away: what is acknowledged meanwhile waits in a local spool.

While the server answers, everything goes to it, and the latest build, metrics and inputs are copied to the
spool. While it does not, these copies are read; metrics, events and builds are written to the spool, and
whatever else is asked for raises StoreUnavailable; only a server of which nothing is known yet has a stand-in
for the mirror (see `StandIn`). When it answers again, what waits is replayed in order
before anything new, each write once: metrics, events and builds carry ids, so a replay cut short is harmless.

The generation callers see never goes back and never names two builds. It is the server's. A build published
while the server is away takes the next number, and the same one when it is replayed. If others have published
since, theirs is the later build: it stays, and is published again so that the number goes on growing.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from bson.objectid import ObjectId

from eqho.store.base import (
    Backend,
    Build,
    Document,
    InputChange,
    Lease,
    Owned,
    Prints,
    Record,
    Store,
    StoreUnavailable,
)
from eqho.store.documents import utc_now
from eqho.store.embedded import EmbeddedStore
from eqho.store.last_known import LastKnown
from eqho.store.outbox import Entry, Outbox
from eqho.store.stand_in import StandIn

T = TypeVar("T")

_log = logging.getLogger(__name__)
# Leases handed out while the server is away bind the processes that share the spool, and nobody else.
_LOCAL = "@spool"
NO_INPUTS = InputChange(0, datetime.fromtimestamp(0, UTC), [])


class SpooledStore:
    """See `Store`. After a failure the server is left alone for `retry_seconds`, so that nobody queues."""

    def __init__(
        self,
        primary: Store,
        spool: EmbeddedStore,
        stand_in: Path | None = None,
        *,
        retry_seconds: float = 5.0,
    ) -> None:
        self.backend: Backend = primary.backend
        self._primary = primary
        self._spool = spool
        self._last_known = LastKnown(spool)
        self._outbox = Outbox(spool.database)
        self._stand_in = StandIn(stand_in, lambda: spool.generation() == 0)
        self._retry_seconds = retry_seconds
        self._retry_at = 0.0
        self._connected = False
        self._told = 0
        """The server's last generation: its build may not have found room in the spool."""
        self._outage: tuple[datetime, str] | None = None
        self._probing = threading.Lock()
        self._state = threading.RLock()

    @property
    def outage(self) -> tuple[datetime, str] | None:
        """Since when the server has been away, and what to do about it."""
        return self._outage

    @property
    def waiting(self) -> int:
        """Writes in the spool that the server does not have yet."""
        return len(self._outbox)

    def append_metrics(self, documents: Sequence[Document]) -> None:
        named = [{"_id": ObjectId(), **document} for document in documents]
        self._try(
            lambda: self._primary.append_metrics(named), lambda: self._wait("metrics", {"documents": named})
        )
        self._last_known.keep_metrics([_unnamed(document) for document in named])

    def latest_metrics(self, product: str, policy: str) -> Document | None:
        def read() -> Document | None:
            found = self._primary.latest_metrics(product, policy)
            if found is not None and not self._last_known.has_metrics(found):
                self._last_known.keep_metrics([found])
            return found

        return self._try(read, lambda: self._known(self._last_known.metrics(product, policy), None))

    def metrics_between(
        self, product: str, policy: str, start: datetime, end: datetime
    ) -> Iterator[Document]:
        return self._stream(lambda store: store.metrics_between(product, policy, start, end), stands_in=False)

    def frozen_months(self, product: str, policy: str) -> Iterator[Document]:
        return self._stream(lambda store: store.frozen_months(product, policy), stands_in=False)

    def count_metrics(self, product: str | None = None) -> int:
        return self._only(lambda: self._primary.count_metrics(product))

    def thin_metrics(self, older_than: datetime) -> int:
        return self._only(lambda: self._primary.thin_metrics(older_than))

    def put_page(self, cache_key: str, data: Sequence[Document]) -> None:
        self._mirrored(lambda store: store.put_page(cache_key, data))

    def get_page(self, cache_key: str) -> list[Document] | None:
        return self._mirrored(lambda store: store.get_page(cache_key))

    def clear_pages(self) -> int:
        return self._mirrored(lambda store: store.clear_pages())

    def put_objects(
        self, kind: str, bodies: Iterable[Document], api_version: str, fetched_at: datetime
    ) -> None:
        self._mirrored(lambda store: store.put_objects(kind, bodies, api_version, fetched_at))

    def bury_objects(self, kind: str, ids: Iterable[str], at: datetime) -> None:
        self._mirrored(lambda store: store.bury_objects(kind, ids, at))

    def objects(self, kind: str, *, with_deleted: bool = False) -> Iterator[Document]:
        return self._stream(lambda store: store.objects(kind, with_deleted=with_deleted))

    def get_object(self, kind: str, object_id: str) -> Document | None:
        return self._mirrored(lambda store: store.get_object(kind, object_id))

    def object_ids(self, kind: str) -> set[str]:
        return self._mirrored(lambda store: store.object_ids(kind))

    def count_objects(self) -> dict[str, int]:
        return self._mirrored(lambda store: store.count_objects())

    def clear_objects(self) -> None:
        self._mirrored(lambda store: store.clear_objects())

    def put_events(self, events: Iterable[Document]) -> int:
        """While the server is away, every distinct event counts as new."""
        given = list(events)

        def wait() -> int:
            self._wait("events", {"events": given})
            if self._stand_in.leading:
                self._stand_in.store(server_is_back=False).put_events(given)
            return len({event["id"] for event in given})

        return self._try(lambda: self._primary.put_events(given), wait)

    def events(self, since: int = 0, families: Sequence[str] = ("",)) -> Iterator[Document]:
        return self._stream(lambda store: store.events(since, families))

    def prints(self, before: Prints | None = None) -> Prints:
        return self._mirrored(lambda store: store.prints(before))

    def owned(self, customers: Sequence[str], remembered: Collection[str] = ()) -> Iterator[Owned]:
        return self._stream(lambda store: store.owned(customers, remembered))

    def get_state(self, name: str) -> Document | None:
        return self._mirrored(lambda store: store.get_state(name))

    def put_state(self, name: str, state: Mapping[str, Any]) -> None:
        self._mirrored(lambda store: store.put_state(name, state))

    def acquire_lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        """While the server is away, one leader among the processes that share the spool."""

        def local() -> Lease | None:
            lease = self._spool.acquire_lease(name + _LOCAL, holder, seconds)
            self._stand_in.leading = lease is not None and self._stand_in.allowed
            return lease

        if self._stand_in.leading:
            return local()
        return self._try(lambda: self._primary.acquire_lease(name, holder, seconds), local)

    def release_lease(self, lease: Lease) -> None:
        if lease.name.endswith(_LOCAL):
            self._stand_in.leading = False
            self._spool.release_lease(lease)
            if self._connected:
                self._stand_in.forget()
        else:
            self._only(lambda: self._primary.release_lease(lease))

    def publish_build(self, meta: Mapping[str, Any], payload: bytes, lease: Lease | None = None) -> int:
        """While the server is away its leases cannot be checked: the replay gives way to later builds."""
        named = {"_id": ObjectId(), **meta}

        def publish() -> int:
            generation = self._primary.publish_build(named, payload, lease)
            self._last_known.keep_build(Build(generation, named, payload))
            return generation

        def wait() -> int:
            local = lease if lease is not None and lease.name.endswith(_LOCAL) else None
            with self._state, self._spool.database.transaction():
                base = self._spool.generation()
                generation = self._spool.publish_build(named, payload, local)
                self._wait("build", {"base": base, "meta": named, "payload": payload})
            return generation

        return self._try(publish, wait)

    def latest_build(self) -> Build | None:
        def read() -> Build | None:
            build = self._primary.latest_build()
            self._last_known.keep_build(build)
            return build

        build = self._try(read, lambda: self._known(self._spool.latest_build(), None))
        return None if build is None else build._replace(meta=_unnamed(build.meta))

    def generation(self) -> int:
        """A new build is copied to the spool before its number is told; no number goes back in an outage."""

        def read() -> int:
            self._told = self._primary.generation()
            if self._told != self._spool.generation():
                build = self._primary.latest_build()
                self._last_known.keep_build(build)
                self._told = 0 if build is None else build.generation
            return self._told

        def known() -> int:
            return self._known(max(self._told, self._spool.generation()) or None, 0)

        return self._try(read, known)

    def inputs(self, name: str) -> list[Document]:
        return self.input_change(name).rows

    def replace_inputs(
        self, name: str, rows: Sequence[Mapping[str, Any]], expected: int | None = None
    ) -> InputChange:
        change = self._only(lambda: self._primary.replace_inputs(name, rows, expected))
        self._last_known.keep_input_change(name, change)
        return change

    def input_change(self, name: str) -> InputChange:
        def read() -> InputChange:
            change = self._primary.input_change(name)
            self._last_known.keep_input_change(name, change)
            return change

        return self._try(read, lambda: self._known(self._last_known.input_change(name), NO_INPUTS))

    def input_changes(self, name: str) -> list[InputChange]:
        return self._only(lambda: self._primary.input_changes(name))

    def input_numbers(self) -> dict[str, int]:
        return self._try(self._primary.input_numbers, lambda: self._known(None, {}))

    def put_record(self, kind: str, record_id: str, body: Mapping[str, Any], expected: int) -> bool:
        return self._only(lambda: self._primary.put_record(kind, record_id, body, expected))

    def record(self, kind: str, record_id: str) -> Record | None:
        return self._only(lambda: self._primary.record(kind, record_id))

    def records(self, kind: str, limit: int) -> list[Record]:
        return self._only(lambda: self._primary.records(kind, limit))

    def close(self) -> None:
        self._primary.close()
        self._stand_in.close()
        self._spool.close()

    def _try(self, primary: Callable[[], T], spool: Callable[[], T]) -> T:
        if self._answers():
            try:
                return primary()
            except StoreUnavailable as error:
                self._lost(error)
        return spool()

    def _only(self, primary: Callable[[], T]) -> T:
        return self._try(primary, self._refuse)

    def _mirrored(self, use: Callable[[Store], T]) -> T:
        if (stand_in := self._standing_in()) is not None:
            return use(stand_in)
        return self._only(lambda: use(self._primary))

    def _standing_in(self) -> Store | None:
        answers = self._answers()
        if self._stand_in.leading or (not answers and self._stand_in.allowed):
            return self._stand_in.store(server_is_back=answers)
        return None

    def _stream(self, use: Callable[[Store], Iterator[T]], *, stands_in: bool = True) -> Iterator[T]:
        if stands_in and (stand_in := self._standing_in()) is not None:
            yield from use(stand_in)
            return
        if not self._answers():
            self._refuse()
        try:
            yield from use(self._primary)
        except StoreUnavailable as error:
            self._lost(error)
            raise

    def _known(self, kept: T | None, nothing: T) -> T:
        """What was kept; `nothing` where a stand-in makes the first figures."""
        if kept is not None:
            return kept
        return nothing if self._stand_in.allowed else self._refuse()

    def _refuse(self) -> NoReturn:
        _, sentence = self._outage or (None, "The store has just gone away: try again.")
        raise StoreUnavailable(sentence)

    def _answers(self) -> bool:
        """Whether the server may be used: it did not fail lately, and has got everything that waited."""
        if self._connected:
            return True
        # In an outage one caller asks the server and the others go on; at the start they wait for it.
        if not self._probing.acquire(blocking=self._outage is None):
            return False
        try:
            # Those who waited may have been spared the question, or may learn that it was in vain.
            if not self._connected and time.monotonic() >= self._retry_at:
                self._primary.generation()
                self._replay()
        except StoreUnavailable as error:
            self._lost(error)
        finally:
            self._probing.release()
        return self._connected

    def _replay(self) -> None:
        replayed = 0
        while True:
            # The lock of the file keeps other processes from replaying the same entry.
            with self._state, self._spool.database.transaction():
                entry = self._outbox.first()
                if entry is None:
                    if self._outage is not None:
                        _log.warning("The store answers again; %d writes have been handed over.", replayed)
                    self._connected, self._outage = True, None
                    self._stand_in.forget()
                    return
                self._hand_over(entry)
                self._outbox.remove(entry)
                replayed += 1

    def _hand_over(self, entry: Entry) -> None:
        document = entry.document
        match entry.kind:
            case "metrics":
                self._primary.append_metrics(document["documents"])
            case "events":
                self._primary.put_events(document["events"])
            case "build":
                build = Build(document["base"] + 1, document["meta"], document["payload"])
                if self._primary.generation() != document["base"]:
                    build = self._primary.latest_build() or build
                    if build.meta.get("_id") == document["meta"]["_id"]:
                        return
                self._primary.publish_build(build.meta, build.payload)

    def _wait(self, kind: str, document: Document) -> None:
        with self._state:
            self._outbox.append(kind, document)
            # Perhaps the server is back by now: then this comes before anything else.
            self._connected = False

    def _lost(self, error: StoreUnavailable) -> None:
        with self._state:
            self._connected = False
            self._retry_at = time.monotonic() + self._retry_seconds
            if self._outage is None:
                self._outage = (utc_now(), str(error))
                _log.warning("The store is away: %s", error)


def _unnamed(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "_id"}
