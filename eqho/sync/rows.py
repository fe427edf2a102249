"""The incremental way where there are no events: every table is asked for the rows written since."""

from eqho.sources.base import KINDS
from eqho.sources.changed_rows import ChangedRow, ChangingSource
from eqho.sync.context import Tools
from eqho.sync.events import Cursor, Followed
from eqho.sync.sightings import note_sightings


def follow_rows(source: ChangingSource, tools: Tools, cursor: Cursor) -> Followed:
    """Everything is in the store when this returns: only then may the cursor be saved.

    Rows that are deleted for good leave no trace: the next full pull misses them.
    """
    recent: dict[str, int] = {}
    changed = deleted = 0
    for kind in KINDS:
        if kind in tools.skipped:
            continue
        for rows in source.changed(kind, cursor.since):
            tools.proceed()
            written = {f"{kind}/{row.id}/{row.version}": row for row in rows}
            recent |= {name: row.at for name, row in written.items()}
            fresh = [row for name, row in written.items() if name not in cursor.seen]
            changed += _write(tools, kind, fresh)
            deleted += _bury(tools, kind, fresh)
    created = max([cursor.created, *recent.values()])
    seen = frozenset(name for name, at in recent.items() if at >= Cursor(created).since)
    return Followed(Cursor(created, seen), 0, changed, deleted)


def _write(tools: Tools, kind: str, rows: list[ChangedRow]) -> int:
    bodies = [row.body for row in rows if row.body is not None]
    if bodies:
        note_sightings(tools.store, kind, bodies, tools.clock())
        tools.store.put_objects(kind, bodies, tools.api_version, tools.clock())
        tools.references.note(kind, (row.id for row in rows))
        tools.references.resolve(kind, bodies)
    return len(bodies)


def _bury(tools: Tools, kind: str, rows: list[ChangedRow]) -> int:
    names = {row.id for row in rows if row.body is None}
    gone = tools.store.object_ids(kind) & names if names else set()
    if gone:
        tools.store.bury_objects(kind, gone, tools.clock())
    return len(gone)
