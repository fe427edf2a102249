"""A past that somebody else has recorded at the source, kept beside the mirror under its own name."""

from eqho.issues import Issue
from eqho.sources.base import Source, SourceError
from eqho.sources.told_history import TellsHistory, ToldHistory, from_state, to_state
from eqho.store.base import Store

_STATE = "told_history"


def keep_told_history(source: Source, store: Store) -> list[Issue]:
    """What cannot be read costs only itself: what was kept stays, with the reason. Raises StoreError."""
    if not isinstance(source, TellsHistory):
        return []
    try:
        told = source.told_history()
    except SourceError as why:
        return [Issue("told_history", str(why))]
    state = {} if told is None else to_state(told)
    if state != (store.get_state(_STATE) or {}):
        store.put_state(_STATE, state)
    return []


def told_history(store: Store) -> ToldHistory | None:
    """What is kept. Raises StoreError."""
    state = store.get_state(_STATE)
    return from_state(state) if state else None
