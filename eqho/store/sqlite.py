"""One SQLite file used by several threads and processes, and its errors in our words."""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from eqho.store.base import StoreError, StoreUnavailable

Row = tuple[Any, ...]

_BUSY_SECONDS = 10.0


class Damaged(StoreError):
    """The file is not what SQLite has written."""


def marker(path: Path) -> Path:
    """A file that says: the next start must look whether `path` is whole."""
    return path.with_name(path.name + ".suspect")


class Database:
    """A file in WAL mode; a commit is on disk when it returns.

    A connection belongs to one thread while that works with it, and is kept for the next one: tied to the
    life of a thread, connections would pile up, for they are in reference cycles and threads are short.
    Raises StoreError when the file cannot be created, read or written.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self._busy = threading.local()
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder {path.parent} cannot be created ({error.strerror}): "
                "set EQHO_DATA_DIR to a folder that can be written."
            ) from error
        with self.transaction() as connection:
            for statement in schema.split(";"):
                connection.execute(statement)

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._connection() as connection:
            return connection.execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commits at the end, undoes everything on an exception; inside another one it is part of it."""
        with self._connection() as connection:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        self._closed = True
        self._close_idle()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """The one this thread is at work with, else an idle one, else a new one."""
        mine: sqlite3.Connection | None = getattr(self._busy, "connection", None)
        with self._translated():
            if mine is not None:
                yield mine
                return
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
            self._busy.connection = connection
            try:
                yield connection
            finally:
                self._busy.connection = None
                self._idle.append(connection)
                if self._closed:
                    self._close_idle()

    def _close_idle(self) -> None:
        while True:
            try:
                self._idle.pop().close()
            except IndexError:
                return

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        _enter_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._translate(error) from error

    def _translate(self, error: sqlite3.Error) -> StoreError:
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return StoreUnavailable(
                    f"The store {self.path} has been locked for {_BUSY_SECONDS:.0f} s: "
                    "end the other program that holds it open."
                )
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
                return StoreError(
                    f"The store {self.path} cannot be written: give the user who runs the dashboard the "
                    "right to write it and its folder, or set EQHO_DATA_DIR to another folder."
                )
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                with suppress(OSError):
                    marker(self.path).touch()
                return Damaged(
                    f"The store {self.path} is damaged or not a database: restore it from a backup, or start "
                    "the dashboard again: it is moved aside then, and a new one takes over what can be read."
                )
            case sqlite3.SQLITE_FULL:
                return StoreError(f"The disk that holds the store {self.path} is full: make room on it.")
        return StoreError(f"The store {self.path} failed ({error}): check its disk.")


def _enter_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for the lock it needs to change the mode of a new file, so this does."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
