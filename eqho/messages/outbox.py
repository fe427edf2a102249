"""What went out and what waits, in the store: of a message and a destination one copy goes.

A try is written down before it is made. A process that dies in the middle of one leaves it so; whether that
copy arrived nobody knows, so it is not sent again, and people are told.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from eqho.messages.destinations import Destination
from eqho.store.base import Record, Store

State = Literal["sending", "sent", "waiting", "unsure", "given up"]
_KIND = "message"
_NEVER = datetime.fromtimestamp(0, UTC)
_BEGIN = "message-begin"
_FIRST_PAUSE, _LONGEST_PAUSE = 60, 3_600
_GIVEN_UP_AFTER = 3 * 86_400
KEPT_IN_SIGHT = 200


class Copy(msgspec.Struct, frozen=True):
    """One message for one destination. Instants are UTC seconds of the real clock."""

    destination: str
    title: str
    text: str
    state: State
    tries: int
    first_try: int
    next_try: int
    error: str | None = None


class Outbox:
    """`origin`: whose data the messages are of. Every method raises StoreError."""

    def __init__(
        self,
        store: Store,
        origin: str,
        wall: Callable[[], float] = time.time,
        first_pause: int = _FIRST_PAUSE,
    ) -> None:
        self._store, self._origin, self._wall = store, origin, wall
        self._first_pause = first_pause
        self._done: set[str] = set()

    def begin_of(self, destination: Destination, now: int) -> int:
        """When the destination was first seen, by the data's clock: what was before is not sent to it."""
        name = f"{self._origin}/{destination.id}"
        found = self._store.record(_BEGIN, name)
        if found is None:
            self._store.put_record(_BEGIN, name, {"at": now}, 0)
            found = self._store.record(_BEGIN, name)
        return int(found.body["at"]) if found is not None else now

    def is_known(self, destination: Destination, key: str) -> bool:
        name = self._name(destination, key)
        if name not in self._done and self._store.record(_KIND, name) is not None:
            self._done.add(name)
        return name in self._done

    def send(self, destination: Destination, key: str, title: str, text: str) -> bool:
        """The first try. False where another process has made it."""
        now = int(self._wall())
        copy = Copy(destination.id, title, text, "sending", 1, now, now)
        return self._try(destination, Record(self._name(destination, key), 0, _NEVER, {}), copy)

    def settle_interrupted(self) -> None:
        """For the one that leads, at the beginning of its turn: nobody else is sending."""
        for record, copy in self._copies():
            if copy.state == "sending":
                self._write(record, msgspec.structs.replace(copy, state="unsure"))

    def retry(self, destinations: dict[str, Destination], goes_on: Callable[[], bool]) -> None:
        """Those whose time has come."""
        now = int(self._wall())
        for record, copy in self._copies():
            destination = destinations.get(copy.destination)
            # Longer than any pause: the clock was put back since.
            pauses = 0 < copy.next_try - now <= _LONGEST_PAUSE
            if copy.state != "waiting" or pauses or destination is None or not goes_on():
                continue
            if now - copy.first_try > _GIVEN_UP_AFTER:
                self._write(record, msgspec.structs.replace(copy, state="given up"))
                continue
            again = msgspec.structs.replace(copy, state="sending", tries=copy.tries + 1)
            self._try(destination, record, again)

    def copies(self) -> list[Copy]:
        """Those written last, newest first."""
        return [copy for _, copy in self._copies()]

    def _try(self, destination: Destination, record: Record, copy: Copy) -> bool:
        if not self._write(record, copy):
            return False
        error = destination.send(copy.title, copy.text)
        pause = min(self._first_pause * 2 ** (copy.tries - 1), _LONGEST_PAUSE)
        state: State = "sent" if error is None else "waiting"
        done = msgspec.structs.replace(copy, state=state, error=error, next_try=int(self._wall()) + pause)
        self._write(record._replace(number=record.number + 1), done)
        return True

    def _write(self, record: Record, copy: Copy) -> bool:
        return self._store.put_record(_KIND, record.id, msgspec.structs.asdict(copy), record.number)

    def _copies(self) -> list[tuple[Record, Copy]]:
        """Of this origin."""
        found = self._store.records(_KIND, KEPT_IN_SIGHT)
        mine = [record for record in found if record.id.startswith(f"{self._origin}/")]
        return [(record, msgspec.convert(record.body, Copy)) for record in mine]

    def _name(self, destination: Destination, key: str) -> str:
        return f"{self._origin}/{destination.id}/{key}"
