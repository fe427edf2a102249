"""Views that people named: a page with what its URL said, kept in the store for everybody."""

import threading
import time
from collections.abc import Callable
from uuid import uuid4

import msgspec

from eqho.errors import BadArgument, WrittenMeanwhile
from eqho.names import on_one_line
from eqho.store.base import Store, StoreError

_KIND = "saved-views"
MOST = 50
LONGEST_NAME = 60
_LONGEST_QUERY = 2_000
_TRIES = 5
_AGAIN_SECONDS = 10.0
"""They stand on every page: the store is asked this often, and no more often while it does not answer."""


class SavedView(msgspec.Struct, frozen=True):
    """`page` is its address ("" the first one), `query` what follows the question mark."""

    id: str
    name: str
    page: str
    query: str


class SavedViews:
    """One list for each `origin`, which says whose data they are of. Thread-safe."""

    def __init__(self, store: Store, origin: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._origin, self._clock = store, origin, clock
        self._known: tuple[SavedView, ...] = ()
        self._ask_at = -float("inf")
        self._lock = threading.Lock()

    def all(self) -> tuple[SavedView, ...]:
        """By name, up to ten seconds old; the last known ones while the store does not answer."""
        with self._lock:
            due = self._clock() >= self._ask_at
            if due:
                self._ask_at = self._clock() + _AGAIN_SECONDS
        if due:
            try:
                self._known = self._read()[1]
            except StoreError:
                return self._known
        return self._known

    def save(self, name: str, page: str, query: str) -> SavedView:
        """Raises BadArgument for a name that cannot be used or is taken, StoreError, WrittenMeanwhile."""
        if len(query) > _LONGEST_QUERY:
            raise BadArgument("This page's address is too long to be kept: choose fewer things on it.")
        saved = SavedView(uuid4().hex, _name(name), page, query)

        def added(views: tuple[SavedView, ...]) -> tuple[SavedView, ...]:
            if len(views) >= MOST:
                raise BadArgument(f"{MOST} views are kept already: delete one first.")
            _refuse_taken(views, saved)
            return (*views, saved)

        self._change(added)
        return saved

    def rename(self, view_id: str, name: str) -> None:
        """Raises as `save`; what somebody else has deleted meanwhile stays so."""
        name = _name(name)

        def renamed(views: tuple[SavedView, ...]) -> tuple[SavedView, ...]:
            changed = tuple(
                msgspec.structs.replace(one, name=name) if one.id == view_id else one for one in views
            )
            for one in changed:
                if one.id == view_id:
                    _refuse_taken(changed, one)
            return changed

        self._change(renamed)

    def delete(self, view_id: str) -> None:
        """Raises StoreError, WrittenMeanwhile."""
        self._change(lambda views: tuple(one for one in views if one.id != view_id))

    def _change(self, change: Callable[[tuple[SavedView, ...]], tuple[SavedView, ...]]) -> None:
        """Applied to what is there now, again where somebody else wrote meanwhile."""
        for _ in range(_TRIES):
            number, views = self._read()
            changed = tuple(sorted(change(views), key=lambda one: (one.name.casefold(), one.id)))
            body = {"views": [msgspec.to_builtins(one) for one in changed]}
            if self._store.put_record(_KIND, self._origin, body, number):
                self._known = changed
                return
        raise WrittenMeanwhile("Others are changing the saved views at this moment: try it again.")

    def _read(self) -> tuple[int, tuple[SavedView, ...]]:
        record = self._store.record(_KIND, self._origin)
        if record is None:
            return 0, ()
        return record.number, msgspec.convert(record.body["views"], tuple[SavedView, ...])


def _name(text: str) -> str:
    name = on_one_line(text)
    if not name or len(name) > LONGEST_NAME:
        raise BadArgument(f"A view is kept under a name of 1 to {LONGEST_NAME} characters.")
    return name


def _refuse_taken(views: tuple[SavedView, ...], mine: SavedView) -> None:
    if any(one.name.casefold() == mine.name.casefold() and one.id != mine.id for one in views):
        raise BadArgument(f"There is a view “{mine.name}” already: take another name, or delete that one.")
