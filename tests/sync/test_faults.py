"""Whatever goes wrong on the way, the mirror ends the same."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from eqho.periods import rfc3339
from eqho.sources.base import SourceError
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from eqho.store.embedded import EmbeddedStore
from eqho.sync import Sync
from tests.services.plain_account import DAY, NOW, change, customer, invoice, plain_account, subscription
from tests.services.stripe_server import KEY, Limit, StripeServer, stripe_server
from tests.sync.rig import mirror, rig, undisturbed

# Pauses a hundred times shorter than asked for.
HASTY = RetryPolicy(tries=30, sleep=lambda seconds: time.sleep(seconds / 100), patience=60.0)


class Meanwhile:
    """At every 6th request something is created, changed or deleted in the account."""

    def __init__(self, server: StripeServer, seed: int) -> None:
        self.server = server
        self.random = random.Random(seed)
        self.requests = 0
        self.done: Counter[str] = Counter()
        server.before = self

    def __call__(self, path: str) -> None:
        with self.server.lock:
            self.requests += 1
            if self.requests % 6 == 0:
                self.happen()

    def happen(self) -> None:
        account = self.server.account
        account.now += 1
        number = 10_000 + self.requests
        act = ("create", "change", "delete")[self.requests // 6 % 3]
        self.done[act] += 1
        if act == "create":
            change(account, "customer", customer(number, account.now), "customer.created")
            change(
                account, "subscription", subscription(number, account.now), "customer.subscription.created"
            )
            change(account, "invoice", invoice(number, number, account.now), "invoice.paid")
            return
        of = self.random.randrange(0, 500)
        body = account.stored("customer", f"cus_{of:06}")
        if act == "change" or body is None:
            past_due = subscription(of, NOW - DAY, status="past_due")
            change(account, "subscription", past_due, "customer.subscription.updated")
        else:
            change(account, "customer", body, "customer.deleted")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_faults_and_changes_during_the_pull_end_in_the_same_mirror(tmp_path: Path, seed: int) -> None:
    account = plain_account(500, 8)
    store = EmbeddedStore(tmp_path / "eqho.db")
    clock = [NOW]
    with stripe_server(account) as server:
        server.faults.at_random(0.25, seed)
        meanwhile = Meanwhile(server, seed)
        source = StripeSource(KEY, server.url, rate=2_000.0, retries=HASTY, timeout=(1.0, 0.4))
        first = Sync(source, store, lambda: clock[0]).run()
        assert first.full
        clock[0] += 900
        account.now += 900
        second = Sync(source, store, lambda: clock[0]).run()
        assert not second.full
        server.faults.clear()
        server.before = lambda path: None
        clock[0] += 900
        account.now += 900
        Sync(source, store, lambda: clock[0]).run()
        assert min(meanwhile.done.values()) >= 2
        assert sum(server.faults.seen.values()) >= 20
        assert len(server.faults.seen) >= 7
    assert mirror(store) == undisturbed(account, tmp_path / "quiet", clock[0]).mirror
    store.close()


def test_a_limit_below_our_rate_is_settled_with_few_refusals(tmp_path: Path) -> None:
    """72 requests at 100/s against a server that admits 20/s."""
    with rig(plain_account(1_000, 4), tmp_path, rate=100.0) as r:
        r.server.limit = Limit(20.0, r.time.clock)
        r.run()
        refused = sum(request.status == 429 for request in r.server.requests)
        assert len(mirror(r.store)["invoice"]) == 4_000
    assert 0 < refused < 60


def test_stripe_switched_off_fails_with_a_sentence_and_keeps_everything(tmp_path: Path) -> None:
    account = plain_account(50, 1)
    store = EmbeddedStore(tmp_path / "eqho.db")
    with stripe_server(account) as server:
        source = StripeSource(
            KEY, server.url, retries=RetryPolicy(tries=3, shortest=0.01), timeout=(1.0, 0.5)
        )
        sync = Sync(source, store, lambda: NOW)
        sync.run()
        before = mirror(store)
        server.down = True
        with pytest.raises(SourceError) as raised:
            sync.run()
        assert str(raised.value) == (
            f"Stripe (127.0.0.1:{server.port}) does not answer: check the network, a proxy, and "
            "STRIPE_API_BASE if it is set."
        )
        assert mirror(store) == before
    store.close()


def test_an_object_without_a_usable_id_is_named_by_its_list_and_second_and_costs_no_other(
    tmp_path: Path,
) -> None:
    account = plain_account(50, 1)
    nameless = {"id": 7, "object": "invoice", "created": NOW - 400 * DAY, "livemode": False}
    account.put("invoice", nameless)
    with rig(account, tmp_path) as r:
        result = r.run()
        assert [issue.code for issue in result.issues] == ["unreadable_object"]
        assert (
            f"The invoice created at {rfc3339(NOW - 400 * DAY)} could not be read" in result.issues[0].message
        )
        assert "sent a page of invoices that is not a list of objects" in result.issues[0].message
        assert len(mirror(r.store)["subscription"]) == 50
        assert len(mirror(r.store)["invoice"]) == 50
