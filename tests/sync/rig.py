"""A server, a store and a sync with a clock of its own."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from eqho.billing.normalise import read_account
from eqho.ledger.build import Ledger, build_ledger
from eqho.ledger.tables import pack
from eqho.refresh.parts import REMEMBERED
from eqho.sources.base import KINDS, Raw
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from eqho.store.base import Store
from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator.account import StripeAccount
from eqho.sync import Sync, SyncResult
from tests.services.fake_time import FakeTime
from tests.services.plain_account import NOW
from tests.services.stripe_server import KEY, StripeServer, stripe_server
from tests.tiers.rig import LINES

Mirror = dict[str, dict[str, dict[str, Any]]]


class Rig:
    """The clock of the sync and that of the account advance together; pauses cost no time."""

    def __init__(
        self,
        server: StripeServer,
        store: Store,
        *,
        rate: float = 1_000.0,
        now: int = NOW,
        read_timeout: float = 0.5,
    ) -> None:
        self.server = server
        self.store = store
        self.now = now
        self.time = FakeTime()
        self.rate = rate
        self.read_timeout = read_timeout
        self.sync = self.new_process()

    def new_process(self, key: str | None = None) -> Sync:
        """As after a restart: nothing is remembered but what is in the store."""
        source = StripeSource(
            key or self.server.key,
            self.server.url,
            rate=self.rate,
            retries=RetryPolicy(clock=self.time.clock, sleep=self.time.sleep),
            timeout=(1.0, self.read_timeout),
            clock=lambda: float(self.now),
        )
        self.sync = Sync(source, self.store, lambda: self.now)
        return self.sync

    def pass_time(self, seconds: int) -> None:
        self.now += seconds
        self.server.account.now += seconds

    def run(self, after: int = 0, **arguments: Any) -> SyncResult:
        """One run, `after` seconds later, with an empty request log."""
        self.pass_time(after)
        self.server.requests.clear()
        return self.sync.run(**arguments)

    @property
    def asked(self) -> dict[str, int]:
        """The requests of the last run, without the probes of `check` and the question whose key it is."""
        found: dict[str, int] = {}
        for request in self.server.requests:
            if request.query.get("limit") != "1" and request.path != "/v1/account":
                path = request.path.removeprefix("/v1/")
                found[path] = found.get(path, 0) + 1
        return found


def mirror(store: Store) -> Mirror:
    """Everything in the store that is not deleted."""
    return {kind: {body["id"]: body for body in store.objects(kind)} for kind in KINDS}


@contextlib.contextmanager
def rig(account: StripeAccount, folder: Path, store: Store | None = None, **arguments: Any) -> Iterator[Rig]:
    """With `store` that one, which is closed in the end; else a file in `folder`."""
    store = store or EmbeddedStore(folder / "eqho.db")
    with stripe_server(account, KEY) as server:
        yield Rig(server, store, **arguments)
    store.close()


def ledger(store: Store) -> Ledger:
    """What the mirror and the events tell, as a build publishes it."""
    bodies: dict[str, Iterator[Raw]] = {
        kind: store.objects(kind, with_deleted=kind in REMEMBERED) for kind in KINDS
    }
    account, unread = read_account({**bodies, "event": store.events()})
    assert unread == []
    return build_ledger(account, LINES, NOW)


class Outcome(NamedTuple):
    """`ledger` is packed."""

    mirror: Mirror
    ledger: bytes


def outcome(store: Store) -> Outcome:
    return Outcome(mirror(store), pack(ledger(store)))


def undisturbed(account: StripeAccount, folder: Path, now: int) -> Outcome:
    """What one quiet full pull into an empty store makes of the account."""
    folder.mkdir(parents=True, exist_ok=True)
    with rig(account, folder, now=now) as quiet:
        quiet.run()
        return outcome(quiet.store)
