"""A damaged file of the embedded store is moved aside, and what of it can still be read is taken over.

What the source can tell again (the mirror, the cursors, the builds) is left to the next refresh.
"""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from eqho.issues import STORE_DAMAGED, Issue
from eqho.store.documents import utc_now
from eqho.store.embedded import EmbeddedStore
from eqho.store.outbox import Outbox
from eqho.store.sqlite import Damaged, marker

_log = logging.getLogger(__name__)
_SIDES = ("", "-wal", "-shm")
# Nobody but this file knows these.
_KEPT = ("inputs", "input_changes", "records", "metrics", "stripe_events", "outbox")


def open_embedded(path: Path, *, now: Callable[[], datetime] = utc_now) -> EmbeddedStore:
    """The store in `path`, whole. Raises StoreError where something else than damage forbids to open it."""
    if not _is_damaged(path):
        with suppress(Damaged):
            return EmbeddedStore(path, now=now)
    aside = path.with_name(f"{path.name}.damaged-{now():%Y%m%dT%H%M%SZ}")
    for side in _SIDES:
        with suppress(FileNotFoundError):
            path.with_name(path.name + side).rename(aside.with_name(aside.name + side))
    marker(path).unlink(missing_ok=True)
    store = EmbeddedStore(path, now=now)
    kept = _take_over(aside, store)
    _log.error("The store %s was damaged and is now %s: %s rows were taken over", path, aside.name, kept)
    return store


def moved_aside(folder: Path) -> tuple[Issue, ...]:
    """What to say as long as a damaged file lies in the folder of the store."""
    found = sorted(
        aside.name for aside in folder.glob("*.db.damaged-*") if not aside.name.endswith(_SIDES[1:])
    )
    if not found:
        return ()
    when = datetime.strptime(found[-1].rpartition("-")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return (
        Issue(
            STORE_DAMAGED,
            f"The file of the history was damaged on {when:%Y-%m-%d} and moved aside to {found[-1]}; what "
            "could be read of what people entered and of frozen months was taken over, the rest was read "
            "from the source again. Compare with a backup, check the disk, then remove that file.",
            tuple(found),
        ),
    )


def _is_damaged(path: Path) -> bool:
    """Whether a mark that an earlier process left holds true: reading the whole file takes its time."""
    if not marker(path).exists() or not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            whole = connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        whole = False
    if whole:
        marker(path).unlink(missing_ok=True)
    return not whole


def _take_over(aside: Path, store: EmbeddedStore) -> int:
    """Rows before and behind what cannot be read. Returns how many."""
    Outbox(store.database)
    kept = 0
    with closing(sqlite3.connect(aside)) as damaged, store.database.transaction() as sound:
        for table in _KEPT:
            had = _columns(damaged, table)
            # An older version of this program had fewer.
            columns = [name for name in _columns(sound, table) if name in had or not had]
            names, places = ", ".join(columns), ", ".join("?" * len(columns))
            # The names are this module's and the schema's own.
            read = f"select {names} from {table} order by rowid "  # noqa: S608
            write = f"insert or ignore into {table} ({names}) values ({places})"  # noqa: S608
            before = sound.total_changes
            for direction in ("asc", "desc"):
                with suppress(sqlite3.DatabaseError):
                    for row in damaged.execute(read + direction):
                        sound.execute(write, row)
            kept += sound.total_changes - before
    return kept


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    with suppress(sqlite3.DatabaseError):
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    return []
