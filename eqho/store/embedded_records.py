"""Records in the embedded store: documents of a kind under ids that callers give them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from eqho.store.base import Record
from eqho.store.documents import pack, unpack
from eqho.store.sqlite import Database

SCHEMA = """
create table if not exists records (
    kind text not null, id text not null, number integer not null, at integer not null, body blob not null,
    primary key (kind, id));
create index if not exists records_newest on records (kind, at desc, id)
"""
_COLUMNS = "id, number, at, body"


def put(
    database: Database, name: tuple[str, str], body: Mapping[str, Any], expected: int, now_ms: int
) -> bool:
    """`name` is (kind, id)."""
    row = (expected + 1, now_ms, pack(body), *name)
    with database.transaction() as connection:
        if expected == 0:
            sql = "insert or ignore into records (number, at, body, kind, id) values (?, ?, ?, ?, ?)"
            return connection.execute(sql, row).rowcount == 1
        sql = "update records set number = ?, at = ?, body = ? where kind = ? and id = ? and number = ?"
        return connection.execute(sql, (*row, expected)).rowcount == 1


def one(database: Database, kind: str, record_id: str) -> Record | None:
    sql = f"select {_COLUMNS} from records where kind = ? and id = ?"  # noqa: S608
    rows = database.read(sql, (kind, record_id))
    return _read(*rows[0]) if rows else None


def newest(database: Database, kind: str, limit: int) -> list[Record]:
    sql = f"select {_COLUMNS} from records where kind = ? order by at desc, id limit ?"  # noqa: S608
    return [_read(*row) for row in database.read(sql, (kind, limit))]


def _read(record_id: str, number: int, at: int, body: bytes) -> Record:
    return Record(record_id, number, datetime.fromtimestamp(at / 1_000, UTC), unpack(body))
