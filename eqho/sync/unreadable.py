"""Objects that the source names and does not give: what is known of them stands in until they can be read."""

import threading
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from eqho.issues import Issue
from eqho.periods import rfc3339
from eqho.sources.base import ObjectUnreadable, Page, Raw, Source, SourceDenied
from eqho.store.base import Store

HOPELESS = 12
"""Objects of a kind that fail in a row before no other is asked for in this run: each costs seconds."""

_STATE = "unreadable"
_SECONDS = "unread_seconds"
_LEFT_OUT = ("tiers", "currency_options", "applies_to")
"""What an object shows only where it is asked for."""
_WORDS = {
    "subscription_schedule": "subscription schedule",
    "invoiceitem": "invoice item",
    "credit_note": "credit note",
}


class Unreadable:
    """Remembered in `sync_state` under `unreadable`, by kind and id with the sentence that says why, until
    the object is read; under `unread_seconds`, by kind and the second in which it was created, what no list
    could show and nobody has named. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        saved = store.get_state(_STATE) or {}
        self._why: dict[str, dict[str, str]] = {kind: dict(found) for kind, found in saved.items()}
        self._in_a_row: Counter[str] = Counter()
        seconds = store.get_state(_SECONDS) or {}
        self._unlisted: dict[str, dict[int, str]] = {
            kind: {int(second): why for second, why in found.items()} for kind, found in seconds.items()
        }

    def remembered(self) -> dict[str, list[str]]:
        """Ids by kind of what is to be tried again."""
        with self._lock:
            return {kind: list(found) for kind, found in self._why.items()}

    def retrieve(self, source: Source, kind: str, object_id: str) -> tuple[Raw | None, bool]:
        """The object as `source.retrieve` gives it, and whether it could be told: if not, (None, False)."""
        if self._in_a_row[kind] >= HOPELESS:
            self.note(kind, object_id, next(reversed(self._why[kind].values())))
            return None, False
        try:
            body = source.retrieve(kind, object_id)
        except (ObjectUnreadable, SourceDenied) as why:
            self.note(kind, object_id, str(why))
            return None, False
        self.read(kind, [object_id])
        return body, True

    def note(self, kind: str, object_id: str, why: str) -> None:
        with self._lock:
            self._in_a_row[kind] += 1
            known = self._why.setdefault(kind, {})
            if known.get(object_id) != why:
                known[object_id] = why
                self._save()

    def read(self, kind: str, ids: Iterable[str]) -> None:
        """These are in the store as they are now."""
        with self._lock:
            self._in_a_row[kind] = 0
            known = self._why.get(kind, {})
            gone = known.keys() & set(ids) if known else set()
            for object_id in gone:
                del known[object_id]
            if gone:
                self._save()

    def listed(self, kind: str, page: Page) -> None:
        """A page of these is in the store."""
        self.read(kind, {body["id"] for body in page.objects} - page.flawed.keys())
        for object_id, why in page.flawed.items():
            self.note(kind, object_id, why)
        if page.unread:
            with self._lock:
                self._unlisted.setdefault(kind, {})[page.unread.second] = page.unread.why
                self._save_seconds()

    def seconds(self, kind: str) -> list[int]:
        """In which something was created that no list could show."""
        with self._lock:
            return list(self._unlisted.get(kind, ()))

    def known_after_all(self, kind: str, second: int) -> None:
        """What was created in that second has been read, or is remembered by its id."""
        with self._lock:
            if self._unlisted.get(kind, {}).pop(second, None) is not None:
                self._save_seconds()

    def forget_seconds(self, kind: str) -> None:
        """Everything of a kind is to be listed again."""
        with self._lock:
            if self._unlisted.pop(kind, None):
                self._save_seconds()

    def issues(self, skipped: Collection[str]) -> list[Issue]:
        """One for each object with the cause, but for kinds that are not read at all."""
        with self._lock:
            return [
                Issue(
                    "unreadable_object",
                    f"{object_id} could not be read: what was last heard of it stands in, and every refresh "
                    f"tries it again. {why}",
                    (object_id,),
                )
                for kind, found in self._why.items()
                if kind not in skipped
                for object_id, why in found.items()
            ] + [
                Issue(
                    "unreadable_object",
                    f"The {_WORDS.get(kind, kind)} created at {rfc3339(second)} could not be read, nor its "
                    f"id: it is left out, and every refresh asks for it again. {why}",
                    (f"{kind} of {rfc3339(second)}",),
                )
                for kind, created in self._unlisted.items()
                if kind not in skipped
                for second, why in created.items()
            ]

    def _save_seconds(self) -> None:
        found = {
            kind: {str(second): why for second, why in each.items()} for kind, each in self._unlisted.items()
        }
        self._store.put_state(_SECONDS, {kind: each for kind, each in found.items() if each})

    def _save(self) -> None:
        self._store.put_state(_STATE, {kind: found for kind, found in self._why.items() if found})


def stand_in(payload: Raw, stored: Raw | None) -> Raw:
    """An event's payload, completed from the stored object: an event names by id what a list expands, and
    cuts nested lists at ten."""
    completed: Raw = _completed(payload, stored)
    return completed


def _completed(new: Any, old: Any) -> Any:
    if isinstance(new, str):
        return old if isinstance(old, dict) and old.get("id") == new else new
    if isinstance(new, dict) and isinstance(old, dict):
        if new.get("id", old.get("id")) != old.get("id"):
            return new
        merged = {name: old[name] for name in _LEFT_OUT if name in old}
        merged |= {name: _completed(value, old.get(name)) for name, value in new.items()}
        if new.get("object") == "list" and new.get("has_more"):
            here = {entry.get("id") for entry in merged["data"]}
            rest = [entry for entry in old.get("data", ()) if entry.get("id") not in here]
            merged |= {"data": [*merged["data"], *rest], "has_more": old.get("has_more", True)}
        return merged
    if isinstance(new, list) and isinstance(old, list):
        known = {entry["id"]: entry for entry in old if isinstance(entry, dict) and "id" in entry}
        return [
            _completed(entry, known.get(entry if isinstance(entry, str) else _id(entry))) for entry in new
        ]
    return new


def _id(entry: Any) -> Any:
    return entry.get("id") if isinstance(entry, dict) else None
