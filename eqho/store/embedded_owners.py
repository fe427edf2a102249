"""By customer: what the embedded store holds of each, and whether it is still the same."""

from collections.abc import Collection, Iterator, Sequence
from operator import itemgetter
from typing import Any

from eqho.billing.owners import owner_of
from eqho.store import embedded_written
from eqho.store.base import Owned, Print, Prints
from eqho.store.documents import batched, marks, unpack_body
from eqho.store.embedded_mirror import CHUNK, NOBODY, describe
from eqho.store.embedded_written import Position, position, written_after
from eqho.store.sqlite import Database

_COLUMNS = ("customer text", "mark_a integer", "mark_b integer")
_SUMS = "count(*), sum(mark_a), sum(mark_b)"
_ASKED_AT_ONCE = 100
_ADDED_UP_AT_MOST = 5_000
"""Customers; for more of them one pass over all is sooner done."""


def upgrade(database: Database) -> None:
    """Files of older versions of this program get the columns; `prints` fills them."""
    with database.transaction() as connection:
        for table in ("stripe_objects", "stripe_events"):
            known = {row[1] for row in connection.execute(f"pragma table_info({table})")}
            for column in _COLUMNS:
                if column.split()[0] not in known:
                    connection.execute(f"alter table {table} add column {column}")
            connection.execute(
                f"create index if not exists {table}_customer on {table} (customer, mark_a, mark_b)"
            )
        embedded_written.upgrade(connection)


def prints(database: Database, before: Prints | None) -> Prints:
    _fill(database)
    now = position(database)
    written = None
    if before is not None and isinstance(before.position, Position):
        written = written_after(database, before.position, now)
    if before is None or written is None or len(written) > _ADDED_UP_AT_MOST:
        return Prints(_customers(database, "customer not in (?, ?)", ("", NOBODY)), _others(database), now)
    if not written:
        return before
    customers, others = dict(before.customers), before.others
    if "" in written:
        others = _others(database)
    for names in batched((name for name in written if name not in ("", NOBODY)), _ASKED_AT_ONCE):
        for name in names:
            customers.pop(name, None)
        customers |= _customers(database, f"customer in ({', '.join('?' * len(names))})", names)
    return Prints(customers, others, now)


def _customers(database: Database, condition: str, names: Sequence[str]) -> dict[str, Print]:
    found: dict[str, Print] = {}
    for table, missing in (("stripe_objects", ()), ("stripe_events", (0, 0, 0))):
        rows = database.read(
            f"select customer, {_SUMS} from {table} where {condition} group by customer",  # noqa: S608
            names,
        )
        for customer, *sums in rows:
            found[customer] = (*found.get(customer, missing), *sums)
    return found


def _others(database: Database) -> dict[str, Print]:
    others = dict[str, Print]()
    for kind, *sums in database.read(
        f"select type, {_SUMS} from stripe_objects where customer = ? group by type",  # noqa: S608
        ("",),
    ):
        others[kind] = tuple(sums)
    events = f"select {_SUMS} from stripe_events where customer = ?"  # noqa: S608
    ((count, *marked),) = database.read(events, ("",))
    if count:
        others["event"] = (count, *marked)
    return others


def owned(database: Database, customers: Sequence[str], remembered: Collection[str]) -> Iterator[Owned]:
    kinds = ", ".join("?" * len(remembered))
    for begin in range(0, len(customers), _ASKED_AT_ONCE):
        asked = customers[begin : begin + _ASKED_AT_ONCE]
        places = ", ".join("?" * len(asked))
        found = database.read(
            "select type, id, customer, body from stripe_objects "  # noqa: S608
            f"where customer in ({places}) and (deleted is null or type in ({kinds}))",
            (*asked, *remembered),
        )
        # SQLite would carry the bodies through its sort.
        found.sort(key=itemgetter(0, 1))
        for kind, _, customer, body in found:
            yield Owned(customer, kind, body)
        for customer, body in database.read(
            f"select customer, body from stripe_events where customer in ({places}) order by created, id",  # noqa: S608
            asked,
        ):
            yield Owned(customer, "event", body)


def _fill(database: Database) -> None:
    while rows := database.read(
        "select type, id, body, deleted from stripe_objects where customer is null limit ?", (CHUNK,)
    ):
        changes: list[tuple[Any, ...]] = []
        for kind, object_id, packed, deleted in rows:
            first, second = marks(kind, packed)
            ordered = (first, second) if deleted is None else (second, first)
            changes.append((owner_of(kind, unpack_body(packed)), *ordered, kind, object_id, packed, deleted))
        with database.transaction() as connection:
            connection.executemany(
                "update stripe_objects set customer = ?, mark_a = ?, mark_b = ? "
                "where type = ? and id = ? and body = ? and deleted is ?",
                changes,
            )
    nameless = "select id, body from stripe_events where customer is null limit ?"
    while rows := database.read(nameless, (CHUNK,)):
        described = [(*describe(unpack_body(body)), event_id) for event_id, body in rows]
        with database.transaction() as connection:
            connection.executemany(
                "update stripe_events set customer = ?, mark_a = ?, mark_b = ? where id = ?", described
            )
