"""Sends what is due: one leader at a time, in a thread of its own, so that no refresh waits for it."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from eqho.errors import BadArgument, NoBuild
from eqho.messages.alerts import State, of_the_figures, of_the_refresh
from eqho.messages.destinations import Destination
from eqho.messages.digest import last_monday, month_message, week_message
from eqho.messages.message import Message
from eqho.messages.outbox import Copy, Outbox
from eqho.messages.rules import Rules
from eqho.periods import day_of, midnight
from eqho.refresh.leadership import Leadership
from eqho.store.base import Store, StoreError
from eqho.tiers import Tiers
from eqho.tiers.published import Current

log = logging.getLogger("eqho.messages")

LEASE = "messages"
LEASE_SECONDS = 60.0
TURN_SECONDS = 30.0


class Messenger:
    """`clock` gives the data's now (UTC seconds)."""

    def __init__(
        self,
        tiers: Tiers,
        store: Store,
        outbox: Outbox,
        destinations: tuple[Destination, ...],
        rules: Rules,
        zone: ZoneInfo,
        clock: Callable[[], int],
        public_url: str | None,
        *,
        demo: bool = False,
    ) -> None:
        self._tiers, self._store, self._outbox = tiers, store, outbox
        self.destinations, self.rules = destinations, rules
        self._sign = "Eqho Metrics (demo data)" if demo else "Eqho Metrics"
        self._zone, self._clock, self._public_url = zone, clock, public_url
        self._holder = uuid4().hex
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._made: tuple[int, date, tuple[Message, ...]] | None = None

    def start(self) -> None:
        """In the background, where there is any destination."""
        if self.destinations:
            self._thread = threading.Thread(target=self._run, name="eqho-messages", daemon=True)
            self._thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Waits so long for the message that is going out."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def turn(self) -> None:
        """Send what is due, unless another process does. Raises StoreError."""
        asked = time.monotonic()
        lease = self._store.acquire_lease(LEASE, self._holder, LEASE_SECONDS)
        if lease is None:
            return
        leading = Leadership(self._store, lease, LEASE_SECONDS, asked)
        try:
            self._outbox.settle_interrupted()
            if self.is_quiet():
                return

            def goes_on() -> bool:
                return leading.holds() and not self._stopped.is_set()

            self._outbox.retry({one.id: one for one in self.destinations}, goes_on)
            self._send_new(goes_on)
        finally:
            leading.close()

    def is_quiet(self) -> bool:
        quiet = self.rules.quiet
        return quiet is not None and quiet.cover(datetime.fromtimestamp(self._clock(), self._zone).time())

    def preview(self) -> list[Message]:
        """What the rules make of the figures as they are, sent or not: the last week and month, and every
        alert of the last days. Raises StoreError."""
        return list(self._due())

    def title(self, message: Message) -> str:
        return f"{self._sign}: {message.title}"

    def preview_text(self, message: Message, *, amounts: bool) -> str:
        return message.text(amounts=amounts, public_url=self._public_url)

    def test(self, destination: Destination) -> str | None:
        """Send a test message at once; why it did not go, None once it was taken."""
        amounts = "may" if destination.amounts else "do not"
        return destination.send(
            f"{self._sign}: a test", f"Messages arrive here. Amounts {amounts} go to this destination."
        )

    def copies(self) -> list[Copy]:
        """What went out and what waits, newest first. Raises StoreError."""
        return self._outbox.copies()

    def _send_new(self, goes_on: Callable[[], bool]) -> None:
        begins = {one.id: self._outbox.begin_of(one, self._clock()) for one in self.destinations}
        for message in self._due():
            for destination in self.destinations:
                if message.at < begins[destination.id] or self._outbox.is_known(destination, message.key):
                    continue
                if not goes_on():
                    return
                text = message.text(amounts=destination.amounts, public_url=self._public_url)
                if self._outbox.send(destination, message.key, self.title(message), text):
                    log.info("sent %s to %s", message.key.partition("/")[0], destination.name)

    def _due(self) -> Iterator[Message]:
        now = self._clock()
        yield from of_the_refresh(self._refresh_state(), self.rules, now)
        build = self._tiers.complete()
        if build is None:
            return
        with suppress(NoBuild, BadArgument):
            yield from self._of_the_build(build, day_of(now, self._zone))
            month = month_message(self._tiers, now, self._zone)
            if month is not None:
                yield month

    def _of_the_build(self, build: Current, today: date) -> tuple[Message, ...]:
        """Made once for each build and day."""
        if self._made is None or self._made[:2] != (build.generation, today):
            monday = last_monday(today)
            made = list(of_the_figures(self._tiers, self.rules, build, self._zone))
            if build.ledger.now >= midnight(monday, self._zone):
                week = week_message(self._tiers, monday, self._zone)
                made = [week, *made] if week is not None else made
            self._made = build.generation, today, tuple(made)
        return self._made[2]

    def _refresh_state(self) -> State:
        refreshed_at, failure = self._tiers.last_refresh()
        return State(refreshed_at, failure, self._tiers.age() or 0.0)

    def _run(self) -> None:
        while not self._stopped.wait(TURN_SECONDS):
            try:
                self.turn()
            except StoreError as error:
                log.warning("messages wait: %s", error)
            except Exception:
                log.exception("messages could not be sent")
