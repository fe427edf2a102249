"""Whose documents were written when: what tells the embedded store which prints are to be added up again.

The file notes it by itself, in the transaction of each write, whichever program writes.
"""

import sqlite3
from typing import NamedTuple
from uuid import uuid4

from eqho.store.sqlite import Database

_KEPT = 100_000
"""Notes; who asks for older ones adds up everything."""
_SCHEMA = (
    "create table if not exists written (number integer primary key, customer text)",
    "create table if not exists written_in (id text not null)",
)
_OTHERS = "from stripe_objects where type = new.type and id = new.id and customer is not new.customer"
_TRIGGERS = (
    # A document that is replaced may have been another customer's.
    (
        "stripe_objects",
        "before insert",
        f"when exists (select 1 {_OTHERS})",
        (f"(select customer {_OTHERS})",),
    ),
    ("stripe_objects", "after insert", "", ("new.customer",)),
    ("stripe_objects", "after update", "", ("old.customer", "new.customer")),
    ("stripe_objects", "after delete", "", ("old.customer",)),
    ("stripe_events", "after insert", "", ("new.customer",)),
    ("stripe_events", "after update", "", ("old.customer", "new.customer")),
    ("stripe_events", "after delete", "", ("old.customer",)),
)


class Position(NamedTuple):
    """In the notes of the file that is called `file`."""

    file: str
    number: int


def upgrade(connection: sqlite3.Connection) -> None:
    """After the columns that the triggers name."""
    for statement in _SCHEMA:
        connection.execute(statement)
    if connection.execute("select count(*) from written_in").fetchone() == (0,):
        connection.execute("insert into written_in (id) values (?)", (uuid4().hex,))
    for table, moment, when, customers in _TRIGGERS:
        name = f"{table}_{moment.replace(' ', '_')}"
        body = " ".join(
            f"insert into written (customer) values ({customer}); "  # noqa: S608
            f"delete from written where number = last_insert_rowid() - {_KEPT};"
            for customer in customers
        )
        connection.execute(f"create trigger if not exists {name} {moment} on {table} {when} begin {body} end")


def position(database: Database) -> Position:
    """What is written from now on is noted after it."""
    ((file, number),) = database.read(
        "select id, (select coalesce(max(number), 0) from written) from written_in"
    )
    return Position(file, number)


def written_after(database: Database, before: Position, now: Position) -> set[str] | None:
    """Of whom something was; None where the notes do not reach so far back, or are another file's."""
    if before.file != now.file or before.number < now.number - _KEPT:
        return None
    rows = database.read("select distinct customer from written where number > ?", (before.number,))
    return {customer for (customer,) in rows if customer is not None}
