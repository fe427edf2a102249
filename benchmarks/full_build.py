"""A full build from stored objects to the published ledger, beside the code of an earlier commit in the same
run: monthly bills with all the fields of the demo's, one line each. Goal: a third of its processor time."""

import json
import tempfile
from datetime import datetime
from pathlib import Path

from benchmarks.demo import NOW
from benchmarks.earlier import COMMIT, earlier_tree, measured
from benchmarks.timing import print_table
from eqho.application import ROOT
from eqho.sources.demo.company import demo_account

CUSTOMERS, INVOICES_EACH = 2_000, 50

# Runs with the code of either commit. What is published costs the same whichever module is loaded first.
SCRIPT = """
import json, sys, tempfile, time
from datetime import UTC, datetime
from pathlib import Path

import pandas

from eqho.store.embedded import EmbeddedStore
from eqho.sync import Sync
from tests.services.plain_account import DAY, NOW, customer, invoice, plain_account, subscription
from tests.tiers.rig import CONVENTIONS, LINES, SmallSource

try:
    from eqho.refresh.pipeline import Builder
    from eqho.sync import Owner
    owner = Owner(source := SmallSource(plain_account(1)), "stripe-test")
    builds = lambda sync, store: Builder(sync, store, LINES, CONVENTIONS, lambda: NOW, owner)
    syncs = lambda store: Sync(source, store, lambda: NOW, owner=owner)
except ImportError:
    from eqho.tiers.building import Builder
    source = SmallSource(plain_account(1))
    builds = lambda sync, store: Builder(sync, store, LINES, CONVENTIONS, lambda: NOW, "stripe-test")
    syncs = lambda store: Sync(source, store, lambda: NOW)

full, customers, months = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2]), int(sys.argv[3])
bill_of_demo = {**full, "lines": None}
line_of_demo = full["lines"]["data"][0]
QUANTITIES, MONTH = (1, 2, 3, 5, 8), 30 * DAY


def quantity(number, month):
    return QUANTITIES[(number + month // 10) % 5]


def bill(number, month, created):
    at = created + month * MONTH
    plain = invoice(number * 1_000 + month, number, at)
    line = {**line_of_demo, **plain["lines"]["data"][0], "quantity": quantity(number, month)}
    line["quantity_decimal"] = str(line["quantity"])
    line["amount"] = paid = 10_000 * line["quantity"]
    return {**bill_of_demo, **plain, "lines": {**plain["lines"], "data": [line]}, "total": paid,
            "amount_due": paid, "amount_paid": paid,
            "status_transitions": {**full["status_transitions"], "finalized_at": at, "paid_at": at + 5}}


def put(store, number):
    created = NOW - months * MONTH + number % 29 * DAY // 2
    sold = subscription(number, created)
    sold["items"]["data"][0] |= {"quantity": quantity(number, months - 1),
                                 "current_period_start": created + (months - 1) * MONTH,
                                 "current_period_end": created + months * MONTH}
    for kind, bodies in {"customer": [customer(number, created)], "subscription": [sold],
                         "invoice": [bill(number, month, created) for month in range(months)]}.items():
        store.put_objects(kind, bodies, "v", datetime.now(UTC))


with tempfile.TemporaryDirectory() as folder:
    store = EmbeddedStore(Path(folder) / "eqho.db")
    syncs(store).run()
    for number in range(1, customers + 1):
        put(store, number)
    builder = builds(syncs(store), store)
    lease = store.acquire_lease("refresh", "benchmark", 10_000.0)
    wall, began = time.perf_counter(), time.process_time()
    built = builder.build(lease, lambda progress: None, lambda: True)
    found = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall}
    spans = built.ledger.spans
    store.close()
print(json.dumps({**found, "spans": len(spans), "mrr": int(spans.net_eqho.sum())}))
"""


def run() -> None:
    pattern = demo_account(int(datetime.fromisoformat(NOW).timestamp()))
    rows = []
    with earlier_tree() as tree, tempfile.TemporaryDirectory() as folder:
        bill = Path(folder) / "invoice.json"
        bill.write_text(json.dumps(next(iter(pattern.every("invoice")))))
        trees = {"now": ROOT} if tree is None else {f"the code of {COMMIT}": tree, "now": ROOT}
        found = {
            name: measured(SCRIPT, where, str(bill), str(CUSTOMERS), str(INVOICES_EACH))
            for name, where in trees.items()
        }
    first = next(iter(found.values()))
    for name, told in found.items():
        assert (told["spans"], told["mrr"]) == (first["spans"], first["mrr"])
        rows.append((name, f"{told['wall']:.1f}", f"{told['cpu']:.1f}", f"{told['cpu'] / first['cpu']:.2f}"))
    print_table(("full build", "seconds", "CPU seconds", "÷ first row"), rows)
    print(f"\n{CUSTOMERS * INVOICES_EACH:,} stored invoices of a line each → {int(first['spans']):,} spans.")
