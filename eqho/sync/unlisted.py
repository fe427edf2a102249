"""Objects that the mirror has and a list did not show, and that are not gone for all that."""

from collections.abc import Collection

from eqho.sources.base import created_of
from eqho.sync.context import Tools
from eqho.sync.events import OVERLAP, is_gone
from eqho.sync.sightings import note_sightings


def not_listed(tools: Tools, kind: str, missing: Collection[str], bound: int) -> set[str]:
    """Those of `missing` that a list of what was created before `bound` had to leave out: what is younger,
    which came by an event while the list was interrupted, and what was created in a second that could not be
    listed. Each of these is brought up to date by its id, or noted as unreadable; what the source no longer
    knows is not among them.

    Raises SourceError.
    """
    seconds, kept = tools.unreadable.seconds(kind), set()
    for object_id in missing:
        created = created_of(tools.store.get_object(kind, object_id) or {})
        if created is not None and created >= bound:
            kept.add(object_id)
            continue
        # What was created as the list began, by whichever clock, may have come just after its page was read.
        if created not in seconds and (created is None or created < bound - OVERLAP):
            continue
        body, told = tools.unreadable.retrieve(tools.source, kind, object_id)
        if told and (body is None or is_gone(kind, body)):
            continue
        kept.add(object_id)
        tools.unreadable.known_after_all(kind, created)
        if body is not None:
            note_sightings(tools.store, kind, [body], tools.clock())
            tools.store.put_objects(kind, [body], tools.api_version, tools.clock())
    return kept
