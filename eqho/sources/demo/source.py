"""The demo company as a source: the same protocol, the same shapes, no request."""

from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any

from eqho.issues import Issue
from eqho.sources.base import Page, Raw
from eqho.sources.demo.company import demo_account
from eqho.stripe_simulator.account import MAX_LIMIT, PATHS, StripeAccount
from eqho.stripe_simulator.calendar import DAY

# What the Stripe source asks to have expanded, within Stripe's four levels.
EXPAND = {
    "price": ("tiers", "currency_options"),
    "coupon": ("applies_to",),
    "customer": ("discount.source.coupon",),
    "subscription": ("discounts.source.coupon", "items.data.discounts"),
    "invoice": ("discounts.source.coupon", "lines.data.discounts"),
}
_PAGE = 1_000
"""Objects: each page is written durably before the next, and nothing here limits its size."""
_FILTERS: dict[str, dict[str, Any]] = {"subscription": {"status": "all"}, "invoiceitem": {"pending": True}}


class DemoSource:
    """`now` gives the instant to show; the company is made once for each UTC day it falls in."""

    name = "demo"
    splits = False

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._lock = Lock()
        self._made: tuple[int, StripeAccount] | None = None

    now = None

    @property
    def requests(self) -> int:
        return 0

    def check(self) -> list[Issue]:
        return []

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        account, objects, last = self._account(), list[Raw](), False
        while not last and len(objects) < _PAGE:
            found = account.list(
                kind,
                limit=MAX_LIMIT,
                starting_after=after,
                created={"gte": created_from, "lt": created_before},
                expand=[f"data.{path}" for path in EXPAND.get(kind, ())],
                complete=True,
                **_FILTERS.get(kind, {}),
            )
            last = not found["has_more"]
            objects += found["data"]
            after = objects[-1]["id"] if objects else None
        return Page(objects, last)

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        if kind not in PATHS:
            return None
        return self._account().retrieve(kind, object_id, EXPAND.get(kind, ()), complete=True)

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        wanted = {"types": types} if types else {}
        yield from self._account().every("event", created={"gte": since}, **wanted)

    def _account(self) -> StripeAccount:
        now = self._now()
        with self._lock:
            if self._made is None or self._made[0] != now // DAY:
                self._made = (now // DAY, demo_account(now))
            return self._made[1]
