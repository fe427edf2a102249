"""What the dashboard needs on disk and in memory, measured from outside over a whole first sync: two sizes of
one company on each store, from which follows what 10,000 customers more would need."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pymongo import MongoClient

from benchmarks.demo import NOW
from benchmarks.timing import print_table
from eqho.sources.demo.company import demo_account
from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import of_stripe
from tests.acceptance.dashboard import Dashboard
from tests.services.mongod import Mongod, find_mongod
from tests.services.plain_account import plain_account
from tests.services.stripe_server import stripe_server

KEY = "rk_live_eqho_sizing_key"
"""Live keys may ask nearly twice as often as test keys."""
SIZES = (1_500, 4_500)
INVOICES_EACH = 12
PATIENCE = 900.0


class Size(NamedTuple):
    """Bytes: on disk; in memory once everything is there and at most before. `own`: of the dashboard."""

    customers: int
    disk: int
    rests: int
    peak: int
    database: int


def run() -> None:
    rows = []
    for backend in ("embedded", "mongod"):
        if backend == "mongod" and find_mongod() is None:
            print("mongod is not installed: its rows are left out.\n")
            continue
        sizes = [measured(backend, customers) for customers in SIZES]
        rows += [(backend, f"{size.customers:,}", *cells(size[1:])) for size in sizes]
        small, large = sizes
        share = 10_000 / (large.customers - small.customers)
        more = [int((b - a) * share) for a, b in zip(small[1:], large[1:], strict=True)]
        rows.append((backend, "10,000 more", *cells(more)))
    print_table(
        ("store", "customers", "disk", "dashboard at rest", "dashboard at most", "mongod at rest"),
        rows,
        labels=2,
    )
    print(f"\nMB; {INVOICES_EACH} invoices a customer, of the demo's shape. At most: during the first sync.")


def cells(sizes: Any) -> list[str]:
    return [f"{size / 1e6:,.0f}" for size in sizes]


def measured(backend: str, customers: int) -> Size:
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        stripe = opened.enter_context(stripe_server(account(customers), KEY))
        settings = of_stripe(stripe) | {"STRIPE_SECRET_KEY": KEY}
        server = None
        if backend == "mongod":
            server = opened.enter_context(running(folder / "mongod"))
            settings |= {"MONGODB_URL": server.url}
        with Dashboard(folder, **settings) as dashboard:
            wait_until_all_is_there(dashboard)
            peak, rests = memory(dashboard.pid, "VmHWM"), memory(dashboard.pid, "VmRSS")
            disk, database = (used(folder / "data"), 0) if server is None else of_database(server.url)
        return Size(customers, disk, rests, peak, database)


def account(customers: int) -> StripeAccount:
    """Plain subscriptions, whose invoices have all the fields of the demo company's."""
    pattern = demo_account(int(datetime.fromisoformat(NOW).timestamp()))
    full: Mapping[str, Any] = next(iter(pattern.every("invoice")))
    plain = plain_account(customers, INVOICES_EACH)
    rich = StripeAccount(now=plain.now)
    for kind in ("product", "price", "customer", "subscription"):
        for body in plain.every(kind):
            rich.put(kind, body)
    for body in plain.every("invoice"):
        lines = [{**full["lines"]["data"][0], **line} for line in body["lines"]["data"]]
        rich.put("invoice", {**full, **body, "lines": {**body["lines"], "data": lines}})
    return rich


@contextmanager
def running(folder: Path) -> Iterator[Mongod]:
    server = Mongod(folder).start()
    try:
        yield server
    finally:
        server.stop()


def wait_until_all_is_there(dashboard: Dashboard) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        status, told = dashboard.health()
        if status == 200 and told["status"] == "healthy":
            dashboard.get("history/all-products")
            time.sleep(20)  # closed months are frozen when nobody waits
            return
        time.sleep(1)
    raise TimeoutError("The first sync did not end.")


def memory(pid: int, name: str) -> int:
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return 1_024 * int(told[name].split()[0])


def used(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def of_database(url: str) -> tuple[int, int]:
    """(on disk with its indexes, the server's resident memory)."""
    with MongoClient[dict[str, Any]](url) as client:
        client.admin.command("fsync")
        told = client["eqho_metrics"].command("dbStats")
        resident = client.admin.command("serverStatus")["mem"]["resident"]
        return int(told["storageSize"] + told["indexSize"]), int(resident * 2**20)
