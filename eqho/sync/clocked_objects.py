"""Objects that live on a test clock of a sandbox: Stripe's lists of customers, subscriptions and invoices
leave them out; its lists of what was paid back, and its events, do not."""

import threading
from collections.abc import Callable, Iterable

from eqho.issues import Issue
from eqho.sources.base import Raw
from eqho.store.base import Store

_STATE = "test_clocks"
_REMEMBERED = ("customer", "subscription")
_TELL_THEIR_CUSTOMER_ALONE = ("credit_note", "refund")


class ClockedObjects:
    """Never counted, and said. Remembered in `sync_state` under `test_clocks`. Thread-safe.

    `customer` is one by its id, as the source gives it: it tells of a refund whose customer no list shows.
    """

    def __init__(self, store: Store, customer: Callable[[str], Raw | None]) -> None:
        self._store, self._customer = store, customer
        self._sandbox: bool | None = None
        self._asked: set[str] = set()
        self._lock = threading.Lock()
        saved = store.get_state(_STATE) or {}
        self._ids = {kind: set(saved.get(kind, ())) for kind in _REMEMBERED}

    def without(self, kind: str, bodies: Iterable[Raw]) -> list[Raw]:
        """Those of `bodies` that live in real time. Raises SourceError."""
        bodies = list(bodies)
        if kind in _TELL_THEIR_CUSTOMER_ALONE:
            self._ask_whose(bodies)
        kept = []
        for body in bodies:
            if self.holds(body):
                self._remember(kind, body)
            else:
                kept.append(body)
        return kept

    def _ask_whose(self, bodies: Iterable[Raw]) -> None:
        """Each customer that is neither stored nor remembered, once."""
        for customer in {str(body["customer"]) for body in bodies if body.get("customer")}:
            if customer in self._asked or customer in self._ids["customer"] or not self._is_sandbox():
                continue
            self._asked.add(customer)
            if self._store.get_object("customer", customer) is None and (found := self._customer(customer)):
                self.without("customer", [found])

    def _is_sandbox(self) -> bool:
        """Elsewhere there are no test clocks."""
        if self._sandbox is None:
            any_object = next(iter(self._store.objects("subscription")), {})
            self._sandbox = any_object.get("livemode") is not True
        return self._sandbox

    def holds(self, body: Raw) -> bool:
        """Whether an object is on a test clock, or of a customer who is."""
        return bool(body.get("test_clock")) or body.get("customer") in self._ids["customer"]

    def issues(self) -> list[Issue]:
        found = tuple(sorted(self._ids["subscription"]))
        if not found:
            return []
        return [
            Issue(
                "test_clock",
                f"{len(found)} {'subscription runs' if len(found) == 1 else 'subscriptions run'} on a test "
                "clock of this sandbox, in a time of their own: never counted.",
                found,
            )
        ]

    def _remember(self, kind: str, body: Raw) -> None:
        with self._lock:
            if kind in self._ids and body["id"] not in self._ids[kind]:
                self._ids[kind].add(body["id"])
                self._store.put_state(_STATE, {each: sorted(ids) for each, ids in self._ids.items()})
