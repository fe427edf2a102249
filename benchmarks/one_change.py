"""One changed subscription among many with a long history: seconds of a refresh and memory at most, beside
the full build of the same stored objects. Goal: 2 s at 100,000 subscriptions with 60 invoices each.

The invoices are written to the store as a pull would have left them (`sync` measures the pull); the full
build, and the refreshes of a process that goes on from it, each have a process of their own.
"""

import multiprocessing
import resource
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.refresh import refreshed
from benchmarks.timing import Once, print_table
from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator.account import StripeAccount
from eqho.sync import Owner, Sync
from tests.services.plain_account import DAY, NOW, Raw, change, invoice, plain_account, subscription
from tests.tiers.rig import SmallSource, replica

SIZES = ((20_000, 60), (100_000, 60))
CHANGES = 5
PAID = {"amount_due": 10_000, "amount_paid": 10_000, "attempt_count": 1}


class Measured(NamedTuple):
    """`peak`: bytes, of a process by itself."""

    told: tuple[Once, ...]
    peak: int


def run() -> None:
    rows = []
    for customers, invoices_each in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "eqho.db"
            fill(file, customers, invoices_each)
            size = file.stat().st_size
            full = alone(built, file, customers)
            later = alone(changed, file, customers)
        baseline = full.told[0].processor
        again, idle, *ones = later.told
        one = Once(median(each.wall for each in ones), median(each.processor for each in ones))
        of = f"{customers:,} × {invoices_each}, {size / 1e9:.1f} GB"
        rows += [
            (of, name, *timing.cells, f"{timing.processor / baseline:.4f}", f"{peak / 1e6:,.0f}")
            for name, timing, peak in (
                ("baseline: full build", full.told[0], full.peak),
                ("first refresh after a restart", again, later.peak),
                ("nothing changed", idle, later.peak),
                ("one subscription changed", one, later.peak),
            )
        ]
    head = ("subscriptions × invoices, file", "refresh", "seconds", "CPU seconds", "÷ baseline", "MB at most")
    print_table(head, rows, labels=2)
    print(f"\nOne changed: the median of {CHANGES}; ÷ of processor time; after the restart one process.")


def alone(measure: Callable[[Path, int], Measured], file: Path, customers: int) -> Measured:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (file, customers))


def fill(file: Path, customers: int, invoices_each: int) -> None:
    source = company(customers)
    store = EmbeddedStore(file)
    Sync(source, store, lambda: NOW, owner=Owner(source, "stripe-test")).run()
    bills = _bills(source.account, invoices_each)
    store.put_objects("invoice", bills, "x", datetime.fromtimestamp(NOW, UTC))
    store.close()


def company(customers: int) -> SmallSource:
    return SmallSource(plain_account(customers, 0, years=5.0))


def _bills(account: StripeAccount, invoices_each: int) -> Iterator[Raw]:
    for body in account.every("customer"):
        of, began = int(body["id"].removeprefix("cus_")), body["created"]
        step = max(1, (NOW - 3_600 - began) // invoices_each)
        for month in range(invoices_each):
            at = began + month * step
            yield invoice(of * invoices_each + month, of, at, **PAID, status_transitions={"paid_at": at})


def built(file: Path, customers: int) -> Measured:
    store, source = EmbeddedStore(file), company(customers)
    tiers = replica(store, source)
    full = refreshed(tiers)
    tiers.stop()
    store.close()
    return Measured((full,), _peak())


def changed(file: Path, customers: int) -> Measured:
    """The first refresh, one without news, and one after each of several changes."""
    store, source = EmbeddedStore(file), company(customers)
    tiers = replica(store, source)
    told = [refreshed(tiers), refreshed(tiers)]
    for number in range(CHANGES):
        of, status = number * (customers // CHANGES), ("past_due", "active")[number % 2]
        body = subscription(of, NOW - 50 * DAY, status=status)
        change(source.account, "subscription", body, "customer.subscription.updated", NOW)
        told.append(refreshed(tiers))
    tiers.stop()
    store.close()
    return Measured(tuple(told), _peak())


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
