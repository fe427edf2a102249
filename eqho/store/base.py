"""The protocol of the historical store (L2), and its errors.

Documents are plain dicts of BSON types; instants in documents are timezone-aware UTC datetimes. Pages,
objects and events are as a source sent them: JSON.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

Document = dict[str, Any]
Backend = Literal["mongodb", "embedded"]
INPUTS = ("spend", "margins", "fx_rates", "goals", "annotations", "overrides")
INPUT_CHANGES_KEPT = 100
LEASES_LAST = 120.0
"""Seconds that a lease may have to run. One that has more was taken before a clock was put back, by an
instant that may be a day away: it counts as run out, and its token keeps two from leading."""


class StoreError(Exception):
    """The store cannot answer. The message is one sentence that says what to do."""


class StoreUnavailable(StoreError):
    """The store does not answer at all (network, server down); a later try may succeed."""


class LeaseLost(StoreError):
    """A write came with the token of a lease that somebody else has taken since."""


class InputsChanged(StoreError):
    """A list of inputs is no longer the one that was read: somebody else has written it since."""


class InputChange(NamedTuple):
    """What a list of inputs became at `at`. Numbers grow by one with each change; 0 is before the first."""

    number: int
    at: datetime
    rows: list[Document]


class Lease(NamedTuple):
    """`token` grows with every take-over and is checked by writes that must come from the leader only."""

    name: str
    holder: str
    token: int
    expires: datetime


class Record(NamedTuple):
    """A document under its own id. `number` grows by one with each write, `at` is the last one's instant."""

    id: str
    number: int
    at: datetime
    body: Document


class Build(NamedTuple):
    """A published build: `meta` is a small document, `payload` the packed columns of its spans."""

    generation: int
    meta: Document
    payload: bytes


Print = tuple[int, ...]
"""Of what is stored under one name: the same print is the same content."""


@dataclass(frozen=True)
class Prints:
    """`customers`: of the objects of each, and of the events that tell of them. `others`: of what is no
    customer's, by kind of object, its events under "event". `position`: as of when, by which the
    store tells whether, or whose, documents were written since."""

    customers: Mapping[str, Print]
    others: Mapping[str, Print]
    position: Any = field(default=None, compare=False)


class Owned(NamedTuple):
    """An object, or an event (its `kind` is "event"), of `customer`. Many of them are held at once: `packed`
    is as it is stored, and `eqho.store.documents.unpack_body` opens it."""

    customer: str
    kind: str
    packed: bytes


class Store(Protocol):
    backend: Backend

    # metrics: append-only snapshots {product, timestamp, metrics, as_of, policy, definition, build}
    def append_metrics(self, documents: Sequence[Document]) -> None:
        """Durable when it returns."""

    def latest_metrics(self, product: str, policy: str) -> Document | None: ...

    def metrics_between(
        self, product: str, policy: str, start: datetime, end: datetime
    ) -> Iterator[Document]:
        """Snapshots with `start <= timestamp < end`, oldest first."""

    def frozen_months(self, product: str, policy: str) -> Iterator[Document]:
        """Snapshots with a `closed_month` (`YYYY-MM`), by timestamp and then by `_id`, which is told here: of
        two of the same month the one with the later `_id` is in force."""

    def count_metrics(self, product: str | None = None) -> int: ...

    def thin_metrics(self, older_than: datetime) -> int:
        """Keep of each product, policy and UTC day before `older_than` the last document, and every document
        with a truthy `closed_month`. Returns how many were removed."""

    # stripe_cache: raw pages {cache_key, timestamp, data}, gone after one hour
    def put_page(self, cache_key: str, data: Sequence[Document]) -> None: ...

    def get_page(self, cache_key: str) -> list[Document] | None: ...

    def clear_pages(self) -> int: ...

    # stripe_objects: durable mirror {_id: "kind/id", type, body, api_version, fetched_at, deleted}
    def put_objects(
        self, kind: str, bodies: Iterable[Document], api_version: str, fetched_at: datetime
    ) -> None:
        """Upsert by id; durable when it returns. An object seen again is no longer deleted."""

    def bury_objects(self, kind: str, ids: Iterable[str], at: datetime) -> None:
        """Tombstones: `deleted` is set, the body stays."""

    def objects(self, kind: str, *, with_deleted: bool = False) -> Iterator[Document]:
        """Bodies in order of id."""

    def get_object(self, kind: str, object_id: str) -> Document | None: ...

    def object_ids(self, kind: str) -> set[str]:
        """Ids of the objects that are not deleted."""

    def count_objects(self) -> dict[str, int]:
        """By kind, without the deleted ones."""

    def clear_objects(self) -> None:
        """Forget the mirror and every `sync_state`: only before a pull from another account."""

    # stripe_events: raw events, kept for ever
    def put_events(self, events: Iterable[Document]) -> int:
        """De-duplicated on id; how many were new. Durable when it returns."""

    def events(self, since: int = 0, families: Sequence[str] = ("",)) -> Iterator[Document]:
        """By (created, id), those whose `type` begins with one of `families`."""

    # of both, by customer: whose each is, `eqho.billing.owners` says
    def prints(self, before: Prints | None = None) -> Prints:
        """One pass over an index; `before` itself where nothing was written since. The embedded store adds up
        only what was. Read before the objects, it is never newer than they are."""

    def owned(self, customers: Sequence[str], remembered: Collection[str] = ()) -> Iterator[Owned]:
        """Everything of these customers, or under "" what is no customer's: objects by kind and id, then
        telling events by (created, id). Of `remembered` kinds the deleted objects too."""

    # sync_state
    def get_state(self, name: str) -> Document | None: ...

    def put_state(self, name: str, state: Mapping[str, Any]) -> None:
        """Durable when it returns."""

    # leases: one leader across threads, processes and replicas
    def acquire_lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        """None while somebody else holds it; the holder itself may renew (its token stays). `seconds`: at
        most LEASES_LAST."""

    def release_lease(self, lease: Lease) -> None: ...

    # builds: one published build, flipped in one write
    def publish_build(self, meta: Mapping[str, Any], payload: bytes, lease: Lease | None = None) -> int:
        """Returns the new generation. LeaseLost when `lease` is no longer the current one."""

    def latest_build(self) -> Build | None: ...

    def generation(self) -> int:
        """0 before the first build. One small read: it is polled."""

    # what people enter, one list of rows per name of INPUTS
    def inputs(self, name: str) -> list[Document]: ...

    def replace_inputs(
        self, name: str, rows: Sequence[Mapping[str, Any]], expected: int | None = None
    ) -> InputChange:
        """All or nothing; durable when it returns. InputsChanged when `expected` is not the list's number."""

    def input_change(self, name: str) -> InputChange:
        """The list as it is, with its number; before the first change it is empty and has the number 0."""

    def input_changes(self, name: str) -> list[InputChange]:
        """The last INPUT_CHANGES_KEPT, newest first."""

    def input_numbers(self) -> dict[str, int]:
        """The number of each list of INPUTS that was ever changed. A few small reads: it is polled."""

    # records: documents of a kind under ids that callers give them
    def put_record(self, kind: str, record_id: str, body: Mapping[str, Any], expected: int) -> bool:
        """False, and nothing is written, where the record's number is not `expected` (0 where there is none):
        of several that write the same record at once one alone gets True. Durable when it returns."""

    def record(self, kind: str, record_id: str) -> Record | None: ...

    def records(self, kind: str, limit: int) -> list[Record]:
        """Those written last, newest first."""

    def close(self) -> None: ...
