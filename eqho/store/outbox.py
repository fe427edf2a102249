"""Acknowledged writes that still have to reach another store, in the order they were made."""

from typing import NamedTuple

from eqho.store.base import Document
from eqho.store.documents import pack, unpack
from eqho.store.sqlite import Database

_SCHEMA = """create table if not exists outbox (
    seq integer primary key autoincrement, kind text not null, document blob not null)"""


class Entry(NamedTuple):
    seq: int
    kind: str
    document: Document


class Outbox:
    """A table of `database`: an entry may be added or removed in one transaction with what belongs to it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.transaction() as connection:
            connection.execute(_SCHEMA)

    def append(self, kind: str, document: Document) -> None:
        with self._database.transaction() as connection:
            connection.execute("insert into outbox (kind, document) values (?, ?)", (kind, pack(document)))

    def first(self) -> Entry | None:
        found = self._database.read("select seq, kind, document from outbox order by seq limit 1")
        return Entry(found[0][0], found[0][1], unpack(found[0][2])) if found else None

    def remove(self, entry: Entry) -> None:
        with self._database.transaction() as connection:
            connection.execute("delete from outbox where seq = ?", (entry.seq,))

    def __len__(self) -> int:
        count: int = self._database.read("select count(*) from outbox")[0][0]
        return count
