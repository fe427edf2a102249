"""Replicas of the tiers over one store and a company of three customers at $100 a month."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from eqho.issues import Issue
from eqho.products import ProductLines, parse
from eqho.refresh.pipeline import Builder
from eqho.refresh.publishing import Conventions
from eqho.sources.base import Page, Raw
from eqho.store.base import Store
from eqho.stripe_simulator.account import StripeAccount
from eqho.sync import Owner, Sync
from eqho.tiers import Tiers
from tests.services.plain_account import NOW

LINES = parse((Path(__file__).resolve().parents[2] / "eqho.toml").read_text(), "eqho.toml")
CONVENTIONS = Conventions(
    ZoneInfo("UTC"), None, "eqho", 1, customer_url="https://dashboard.stripe.com/test/customers/"
)


class SmallSource:
    """An account read without HTTP. `failure` is raised while it is set; a closed `gate` holds reads back."""

    name = "stripe"
    splits = False
    now = None

    def __init__(self, account: StripeAccount) -> None:
        self.account = account
        self.failure: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.requests = 0

    def check(self) -> list[Issue]:
        self._asked()
        return []

    def page(self, kind: str, created_from: int, created_before: int, after: str | None) -> Page:
        self._asked()
        filters: dict[str, Any] = {"subscription": {"status": "all"}, "invoiceitem": {"pending": True}}
        return Page(list(self.account.every(kind, **filters.get(kind, {}))), True)

    def retrieve(self, kind: str, object_id: str) -> Raw | None:
        self._asked()
        return self.account.retrieve(kind, object_id, complete=True)

    def events(self, since: int, types: Sequence[str] = ()) -> Iterator[Raw]:
        self._asked()
        wanted = {"types": types} if types else {}
        yield from self.account.every("event", created={"gte": since}, **wanted)

    def _asked(self) -> None:
        self.requests += 1
        self.gate.wait(20)
        if self.failure is not None:
            raise self.failure


class PassingTime:
    """The `time` module with hours that can be skipped, and a clock on the wall that can be put back."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._put_back = 0.0
        self._standing: float | None = None

    def advance(self, seconds: float) -> None:
        self._skipped += seconds

    def put_back(self, seconds: float) -> None:
        self._put_back += seconds

    def stand_still(self, at: float) -> None:
        self._standing = at

    def time(self) -> float:
        return (time.time() if self._standing is None else self._standing) + self._skipped - self._put_back

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def perf_counter(self) -> float:
        return time.perf_counter()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def replica(
    store: Store, source: SmallSource, *, origin: str = "stripe-test", lines: ProductLines = LINES
) -> Tiers:
    """As in a process of its own: nothing is shared but the store and the source."""
    owner = Owner(source, origin)
    sync = Sync(source, store, lambda: NOW, owner=owner)
    builder = Builder(sync, store, lines, CONVENTIONS, lambda: NOW, owner)
    return Tiers(builder, store, lines, CONVENTIONS, source.name, owner, 300, lambda: source.requests)


def settle(until: Callable[[], bool]) -> None:
    """Wait for what happens in the background."""
    for _ in range(400):
        if until():
            return
        threading.Event().wait(0.05)
    raise AssertionError("what happens in the background did not come to its end")


def shown(store: Store, product: str = "towpilot") -> list[tuple[int, float]]:
    """(build, MRR) of every snapshot, without the frozen months."""
    found = store.metrics_between(
        product, "eqho", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    )
    return [
        (record["build"], record["metrics"]["revenue_metrics"]["mrr"])
        for record in found
        if "closed_month" not in record
    ]


def mrr(tiers: Tiers, product: str = "towpilot") -> float:
    found: float = tiers.metrics(product).value.revenue_metrics.mrr
    return found
