"""A refresh in which nothing has changed, one in which one subscription has, and the first one after a
restart, beside the full build of the same account in the same run. The source is in this process: what is
measured is this machine's share. Goal of the idle one: 2 % of the full build."""

import tempfile
from pathlib import Path

from benchmarks.timing import Once, once, print_table
from eqho.store.embedded import EmbeddedStore
from eqho.sync import Owner, Sync
from eqho.tiers import Tiers
from tests.services.plain_account import DAY, NOW, change, plain_account, subscription
from tests.tiers.rig import SmallSource, replica

CUSTOMERS, INVOICES_EACH = 5_000, 16


def run() -> None:
    source = SmallSource(plain_account(CUSTOMERS, INVOICES_EACH))
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder) / "eqho.db")
        # The pull itself is measured by `sync`; then everything is built from the stored objects.
        Sync(source, store, lambda: NOW, owner=Owner(source, "stripe-test")).run()
        tiers = replica(store, source)
        full = refreshed(tiers)
        idle = refreshed(tiers)
        changed = subscription(7, NOW - 50 * DAY, status="past_due")
        change(source.account, "subscription", changed, "customer.subscription.updated", NOW)
        one = refreshed(tiers)
        tiers.stop()
        tiers = replica(store, source)  # goes on with the parts that the full build has stored
        again = refreshed(tiers)
        tiers.stop()
        store.close()
    rows = [
        ("baseline: full build from the stored objects", full),
        ("refresh, nothing changed", idle),
        ("refresh, one subscription changed", one),
        ("the first refresh after a restart", again),
    ]
    print_table(
        ("refresh", "seconds", "CPU seconds", "÷ baseline"),
        [(name, *timing.cells, f"{timing.processor / full.processor:.3f}") for name, timing in rows],
    )
    print(f"\n{CUSTOMERS:,} subscriptions, {CUSTOMERS * INVOICES_EACH:,} invoices; ÷ of processor time.")


def refreshed(tiers: Tiers) -> Once:
    """One refresh to its end, with the freezing of months that follows it."""

    def whole() -> None:
        tiers.refresh(wait=True)
        assert tiers.settled(600.0)

    return once(whole)[1]
