"""A refresh in which nothing has changed, one in which one subscription has, and the first one after a
restart, beside the full build of the same account in the same run, on each store. The source is in this
process: what is measured is this machine's share. Goal of the idle one: 2 % of the full build."""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.timing import Once, once, print_table
from eqho.store.base import Store
from eqho.store.embedded import EmbeddedStore
from eqho.store.mongo import MongoStore
from eqho.sync import Owner, Sync
from eqho.tiers import Tiers
from tests.services.mongod import Mongod, find_mongod
from tests.services.plain_account import DAY, NOW, change, plain_account, subscription
from tests.tiers.rig import SmallSource, replica

CUSTOMERS, INVOICES_EACH = 5_000, 16
REFRESHES = (
    "baseline: full build from the stored objects",
    "nothing changed",
    "one subscription changed",
    "the first refresh after a restart",
)


def run() -> None:
    rows = []
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        rows += _rows("embedded", measured(EmbeddedStore(folder / "eqho.db"), lambda: 0.0))
        if find_mongod() is None:
            print("mongod is not installed: its rows are left out.\n")
        else:
            server = Mongod(folder / "mongod").start()
            opened.callback(server.stop)
            store = MongoStore(server.url, "eqho_metrics")
            rows += _rows("MongoDB", measured(store, lambda: processor_of(server.pid)))
    print_table(("store", "refresh", "seconds", "CPU seconds", "÷ baseline"), rows, labels=2)
    print(
        f"\n{CUSTOMERS:,} subscriptions, {CUSTOMERS * INVOICES_EACH:,} invoices; processor time, mongod's "
        "with it, and ÷ of it."
    )


def measured(store: Store, elsewhere: Callable[[], float]) -> list[Once]:
    """`elsewhere`: the processor seconds that another process has taken so far."""
    source = SmallSource(plain_account(CUSTOMERS, INVOICES_EACH))

    def counted(tiers: Tiers) -> Once:
        before = elsewhere()
        timing = refreshed(tiers)
        return timing._replace(processor=timing.processor + elsewhere() - before)

    # The pull itself is measured by `sync`; then everything is built from the stored objects.
    Sync(source, store, lambda: NOW, owner=Owner(source, "stripe-test")).run()
    tiers = replica(store, source)
    told = [counted(tiers), counted(tiers)]
    changed = subscription(7, NOW - 50 * DAY, status="past_due")
    change(source.account, "subscription", changed, "customer.subscription.updated", NOW)
    told.append(counted(tiers))
    tiers.stop()
    tiers = replica(store, source)  # goes on with the parts that the full build has stored
    told.append(counted(tiers))
    tiers.stop()
    store.close()
    return told


def _rows(store: str, told: list[Once]) -> list[tuple[str, ...]]:
    return [
        (store, name, *timing.cells, f"{timing.processor / told[0].processor:.3f}")
        for name, timing in zip(REFRESHES, told, strict=True)
    ]


def processor_of(pid: int) -> float:
    """Seconds of a process since it was started."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def refreshed(tiers: Tiers) -> Once:
    """One refresh to its end, with the freezing of months that follows it."""

    def whole() -> None:
        tiers.refresh(wait=True)
        assert tiers.settled(600.0)

    return once(whole)[1]
