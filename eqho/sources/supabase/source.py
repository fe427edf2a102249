"""A Supabase project as a source: Stripe's objects out of whichever tables it has."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from eqho.issues import Issue
from eqho.sources.base import Page, Raw, SourceDenied, SourceError
from eqho.sources.changed_rows import ChangedRow
from eqho.sources.supabase.columns import stripe_object
from eqho.sources.supabase.coverage import coverage
from eqho.sources.supabase.freshness import staleness
from eqho.sources.supabase.mrr_snapshots import read_snapshots
from eqho.sources.supabase.reader import TIMEOUT, Reader, Row
from eqho.sources.supabase.refusals import accounts_untold, no_rows
from eqho.sources.supabase.shapes import Layout, Shape, Table, recognise
from eqho.sources.supabase.simple import simple_object
from eqho.sources.told_history import ToldHistory

LOOK_AGAIN_SECONDS = 3_600
"""After which the shape and the grants are looked at again; at once after an error."""


class _Looked(NamedTuple):
    layout: Layout
    until: float


class _Told(NamedTuple):
    layout: Layout
    history: ToldHistory | None


class SupabaseSource:
    """Reads one project with a key that may select, and of the accounts in it one: the `chosen`, or the only
    one. Thread-safe. `clock` is that of the data, in UTC seconds; `timeout` is in seconds."""

    name = "supabase"
    splits = False

    def __init__(
        self,
        url: str,
        key: str,
        chosen: str | None = None,
        *,
        clock: Callable[[], float] = time.time,
        timeout: float = TIMEOUT,
    ) -> None:
        self._reader = Reader(url, key, timeout=timeout)
        self._chosen = chosen
        self._mark = sha256(f"{url.rstrip('/')} {chosen or ''}".encode()).hexdigest()[:16]
        self._clock = clock
        self._looked: _Looked | None = None
        self._told: _Told | None = None
        self._synced: str | None = None
        self._lock = threading.Lock()

    @property
    def requests(self) -> int:
        return self._reader.requests

    @property
    def now(self) -> int | None:
        return self._reader.clock.now()

    @property
    def shape(self) -> Shape:
        return self._layout().shape

    @property
    def key_mark(self) -> str:
        """Of the project and the account: whose data it is does not change with the key."""
        return self._mark

    def account(self) -> str | None:
        return self._layout().account

    def told_history(self) -> ToldHistory | None:
        """What `mrr_snapshots` beside the simple tables tells; read again with each look at the shape."""
        layout = self._layout()
        if layout.shape is not Shape.SIMPLE:
            return None
        if self._told is None or self._told.layout is not layout:
            self._told = _Told(layout, read_snapshots(self._reader))
        return self._told.history

    def check(self) -> list[Issue]:
        """Raises SourceError too where no row is visible: an empty answer is no account of nothing."""
        layout = self._layout()
        stale = staleness(self._reader, layout, self._synced, int(self._clock()))
        return [*layout.issues, *coverage(layout), *stale]

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        """In the order of ids, which holds while rows are written; instants exclude nothing, for what came
        since is as true. Rows of deleted objects are passed over."""
        layout = self._layout()
        table = layout.tables.get(kind)
        if table is None:
            return Page([], True)
        behind, bodies = after, list[Raw]()
        while not bodies:
            with self._asking():
                rows = self._rows(layout, table, behind)
            if kind == "subscription" and not rows and behind is None:
                self._looked = None
                raise no_rows(f"{layout.schema}.{table.name}")
            if not rows:
                return Page([], True)
            bodies = [body for row in rows if (body := self._body(layout, kind, row)) is not None]
            behind = str(rows[-1][table.key])
        return Page(bodies, False)

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        layout = self._layout()
        table = layout.tables.get(kind)
        if table is None:
            return None
        columns = self._columns(layout, table)
        with self._asking():
            row = self._reader.one(layout.schema, table.name, columns, table.key, object_id, layout.only)
        return None if row is None else self._body(layout, kind, row)

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        raise SourceDenied("Supabase mirrors no events: what changed is told by its rows.")

    def changed(self, kind: str, since: int) -> Iterator[list[ChangedRow]]:
        layout = self._layout()
        table = layout.tables.get(kind)
        if table is None:
            return
        if table.stamp is None:
            yield from self._all_rows(layout, kind, table, since)
            return
        stamp = table.stamp
        columns = self._columns(layout, table)
        instant = datetime.fromtimestamp(since, UTC).isoformat()
        last: Row | None = None
        complete = False
        while not complete:
            with self._asking():
                rows, complete = self._reader.changed(
                    layout.schema, table.name, columns, table.key, stamp, instant, last, layout.only
                )
            if rows:
                last = rows[-1]
                yield [self._changed_row(layout, kind, table, row) for row in rows]

    def _all_rows(self, layout: Layout, kind: str, table: Table, since: int) -> Iterator[list[ChangedRow]]:
        """Where rows do not say when they were written, what they hold tells whether they changed."""
        last: str | None = None
        while True:
            with self._asking():
                rows = self._rows(layout, table, last)
            if not rows:
                return
            last = str(rows[-1][table.key])
            yield [
                ChangedRow(
                    str(row[table.key]),
                    self._body(layout, kind, row),
                    since,
                    sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16],
                )
                for row in rows
            ]

    def _changed_row(self, layout: Layout, kind: str, table: Table, row: Row) -> ChangedRow:
        written = str(row[table.stamp or ""])
        self._synced = max(filter(None, (self._synced, written)))
        at = int(datetime.fromisoformat(written).timestamp())
        return ChangedRow(str(row[table.key]), self._body(layout, kind, row), at, written)

    def _rows(self, layout: Layout, table: Table, last: str | None) -> list[Row]:
        columns = self._columns(layout, table)
        return self._reader.after(layout.schema, table.name, columns, table.key, last, layout.only)

    def _columns(self, layout: Layout, table: Table) -> str:
        """Of the newer engines the object only: their other columns are made from it, and differ."""
        if not layout.raw:
            return "*"
        return ",".join(filter(None, (table.key, "_raw_data", table.stamp)))

    def _body(self, layout: Layout, kind: str, row: Row) -> Raw | None:
        if layout.shape is Shape.SIMPLE:
            return simple_object(kind, row)
        if not layout.raw:
            return stripe_object(kind, row)
        body: Raw = row["_raw_data"]
        return None if body.get("deleted") is True else body

    def _layout(self) -> Layout:
        with self._lock:
            now = self._clock()
            if self._looked is None or now >= self._looked.until:
                layout = recognise(self._reader, self._chosen)
                if self._chosen and layout.account is None:
                    raise accounts_untold(layout.schema)
                self._looked = _Looked(layout, now + LOOK_AGAIN_SECONDS)
                self._synced = layout.tables["subscription"].synced
            return self._looked.layout

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """After an error everything may be different: the next refresh looks again."""
        try:
            yield
        except SourceError:
            self._looked = None
            raise
