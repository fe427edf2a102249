"""What a dashboard reads from, as a test that holds for every source handles it."""

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from eqho.stripe_simulator.account import StripeAccount
from tests.services.plain_account import NOW, change, customer, subscription
from tests.services.stripe_server import KEY, StripeServer, stripe_server
from tests.services.supabase_project import OpenProject, Project, key
from tests.services.supabase_tables import ENGINE_TABLES, managed_tables, put

MAX_ROWS = 1_000


class Upstream(ABC):
    """`name` is the source's; `away` matches the sentence while it is `down`; `pages_needed` are the fewest
    requests that read everything."""

    name: str
    settings: dict[str, str]
    away: str
    pages_needed: int

    @abstractmethod
    def switch(self, *, down: bool) -> None: ...

    @abstractmethod
    def slow_down(self, seconds: float) -> None:
        """Each request waits so long."""

    @abstractmethod
    def add_customer(self, number: int) -> None:
        """At $100 a month."""

    @abstractmethod
    def times(self) -> list[float]:
        """Of the requests since the log was cleared, by the monotonic clock."""

    @abstractmethod
    def clear_log(self) -> None: ...

    @abstractmethod
    def pages(self) -> Counter[str]:
        """Of objects, without probes and looks for changes."""

    @abstractmethod
    def probes(self) -> int:
        """How many processes have looked at what the key may read."""

    @abstractmethod
    def looks(self) -> int:
        """How often was asked what has changed."""


class StripeUpstream(Upstream):
    name = "stripe"

    def __init__(self, server: StripeServer) -> None:
        self._server = server
        self.settings = {"STRIPE_API_BASE": server.url, "STRIPE_SECRET_KEY": server.key}
        self.away = re.escape(
            f"Stripe (127.0.0.1:{server.port}) does not answer: check the network, a proxy, and "
            "STRIPE_API_BASE if it is set."
        )
        self.pages_needed = server.pages_needed()

    def switch(self, *, down: bool) -> None:
        self._server.down = down

    def slow_down(self, seconds: float) -> None:
        self._server.latency = seconds

    def add_customer(self, number: int) -> None:
        account = self._server.account
        with self._server.lock:
            account.put("customer", customer(number, NOW - 60))
            change(account, "subscription", subscription(number, NOW - 60), "customer.subscription.created")

    def times(self) -> list[float]:
        return [request.at for request in list(self._server.requests)]

    def clear_log(self) -> None:
        self._server.clear_log()

    def pages(self) -> Counter[str]:
        return Counter(
            # A list is read in several windows of time at once.
            f"{request.path} {request.query.get('created')} {request.query.get('starting_after')}"
            for request in list(self._server.requests)
            if request.is_list and request.query["limit"] == "100" and request.path != "/v1/events"
        )

    def probes(self) -> int:
        requests = list(self._server.requests)
        return sum(r.path == "/v1/products" and r.query["limit"] == "1" for r in requests)

    def looks(self) -> int:
        requests = list(self._server.requests)
        return sum(r.path == "/v1/events" and r.query["limit"] == "100" for r in requests)


class SupabaseUpstream(Upstream):
    """The tables of the managed engine, whose rows were written when the account's clock says."""

    name = "supabase"

    def __init__(self, project: Project, account: StripeAccount) -> None:
        self._project = project
        self.settings = {
            "EQHO_SOURCE": "supabase", "SUPABASE_URL": project.url, "SUPABASE_KEY": key(),
        }  # fmt: skip
        address = re.escape(project.url.removeprefix("http://"))
        self.away = (
            rf"Supabase does not answer at {address} \(\w+Error\): check SUPABASE_URL, and whether the "
            r"project is paused\."
        )
        # An empty answer ends each table.
        self.pages_needed = sum(1 - (-account.count(kind) // MAX_ROWS) for kind in ENGINE_TABLES)

    def switch(self, *, down: bool) -> None:
        self._project.down = down

    def slow_down(self, seconds: float) -> None:
        self._project.latency = seconds

    def add_customer(self, number: int) -> None:
        self._project.sql(
            put("customer", [customer(number, NOW - 60)], at=NOW)
            + put("subscription", [subscription(number, NOW - 60)], at=NOW)
        )

    def times(self) -> list[float]:
        return [asked.at for asked in list(self._project.asked)]

    def clear_log(self) -> None:
        self._project.asked.clear()

    def pages(self) -> Counter[str]:
        return Counter(p for p in self._project.paths if f"limit={MAX_ROWS}" in p and not _is_look(p))

    def probes(self) -> int:
        return sum(p.startswith("/products?") and p.endswith("limit=1") for p in self._project.paths)

    def looks(self) -> int:
        return sum(p.startswith("/subscriptions?") and _is_look(p) for p in self._project.paths)


def _is_look(path: str) -> bool:
    return "_updated_at=gte." in path


@contextmanager
def stripe_upstream(account: StripeAccount) -> Iterator[StripeUpstream]:
    with stripe_server(account, KEY) as server:
        yield StripeUpstream(server)


def supabase_upstream(project: OpenProject, account: StripeAccount) -> SupabaseUpstream:
    rows = "".join(
        put(
            kind, account.every(kind, **({"status": "all"} if kind == "subscription" else {})), at=NOW - 3_600
        )
        for kind in ENGINE_TABLES
    )
    synced = f"update stripe._sync_runs set closed_at = to_timestamp({NOW - 3_600});"
    return SupabaseUpstream(project(managed_tables() + rows + synced), account)
