"""Sync: requests, rate and memory of a full pull and of refreshes, beside the ways without events or windows.

The Stripe-like server runs in a process of its own. 200,000 invoices at the live rate take three minutes.
"""

import multiprocessing
import resource
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.timing import print_table
from eqho.sources.stripe.client import LIVE_RATE
from eqho.sources.stripe.source import StripeSource
from eqho.store.embedded import EmbeddedStore
from eqho.sync import Progress, Sync, SyncResult
from tests.services.plain_account import DAY, NOW, change, pending_item, plain_account, subscription
from tests.services.stripe_server import KEY, stripe_server

CUSTOMERS = 20_000
INVOICES_EACH = 10
# Products, prices, coupons, schedules, pending items, credit notes, refunds, disputes: a page each.
OTHER_KINDS = 8
LATENCY = 0.1  # seconds
PROBES = 12
FULL_PAGES = 2 * CUSTOMERS // 100 + CUSTOMERS * INVOICES_EACH // 100 + OTHER_KINDS


def serve(pipe: Connection) -> None:
    """Answers with its URL; each message then advances the account by one step."""
    account = plain_account(CUSTOMERS, INVOICES_EACH)
    with stripe_server(account) as server:
        server.latency = LATENCY
        pipe.send(server.url)
        pipe.recv()
        with server.lock:
            account.now += 900
            changed = subscription(7, NOW - 50 * DAY, status="past_due")
            change(account, "subscription", changed, "customer.subscription.updated")
        pipe.send("one subscription is past due")
        pipe.recv()
        with server.lock:
            account.now += 900
            change(account, "subscription", changed, "customer.subscription.updated")
            for number in (1, 2):
                change(account, "invoiceitem", pending_item(number, 7, account.now), "invoiceitem.created")
        pipe.send("its quantity has changed, with two prorations")
        pipe.recv()


def run() -> None:
    context = multiprocessing.get_context("spawn")
    pipe, other_end = context.Pipe()
    process = context.Process(target=serve, args=(other_end,), daemon=True)
    process.start()
    url = pipe.recv()
    with tempfile.TemporaryDirectory() as folder:
        measure(url, pipe, EmbeddedStore(Path(folder) / "eqho.db"))
    pipe.send("end")
    process.join()


def measure(url: str, pipe: Connection, store: EmbeddedStore) -> None:
    clock = [NOW]
    sync = Sync(StripeSource(KEY, url, rate=LIVE_RATE), store, lambda: clock[0])
    memory: list[tuple[float, int]] = []

    def note(progress: Progress) -> None:
        memory.append((progress.requests, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))

    full = sync.run(on_progress=note)
    pages = full.requests - PROBES - 1
    print_table(
        ("full pull of 20,000 subscriptions and 200,000 invoices", "measured", "baseline"),
        [
            ("pages requested; fewest possible", f"{pages:,}", f"{FULL_PAGES:,}"),
            ("above the fewest", f"{pages / FULL_PAGES - 1:.1%}", "goal ≤ 5 %"),
            ("requests/s; permitted", f"{full.requests / full.seconds:.2f}", f"{LIVE_RATE:.2f}"),
            ("of the permitted rate", f"{full.requests / full.seconds / LIVE_RATE:.1%}", "goal ≥ 90 %"),
            ("one worker at this latency, requests/s at most", "", f"{1 / LATENCY:.2f}"),
            *(
                (f"highest memory after {share:.0%} of the requests, MB", f"{at(memory, share, full)}", "")
                for share in (0.1, 0.5, 1.0)
            ),
            ("seconds", f"{full.seconds:.0f}", ""),
        ],
    )
    rows = []
    for step in range(3):
        what = advance(pipe) if step else "nothing has changed"
        clock[0] += 900
        began = time.perf_counter()
        requests = sync.run().requests
        rows.append(
            (what, f"{requests}", f"{time.perf_counter() - began:.2f}", f"{FULL_PAGES:,}", f"{CUSTOMERS:,}")
        )
    print()
    print_table(("refresh", "requests", "seconds", "listing everything", "one per customer"), rows)


def advance(pipe: Connection) -> str:
    pipe.send("next")
    return str(pipe.recv())


def at(memory: list[tuple[float, int]], share: float, full: SyncResult) -> int:
    return max(size for requests, size in memory if requests <= share * full.requests)
