"""Processor time of a page of 100 invoices from Stripe's answer to the store, beside the code of an earlier
commit in the same run: the demo company's invoices, served over HTTP by another process. Goal: a third."""

import multiprocessing
from datetime import datetime
from multiprocessing.connection import Connection

from benchmarks.demo import NOW
from benchmarks.earlier import COMMIT, earlier_tree, measured
from benchmarks.timing import print_table
from eqho.application import ROOT
from eqho.sources.demo.company import demo_account
from tests.services.stripe_server import KEY, stripe_server

TIMES = 3
# Runs with the code of either commit.
SCRIPT = """
import json, sys, tempfile, time
from datetime import UTC, datetime
from pathlib import Path
try:
    from eqho.sources.stripe.source import StripeSource
except ImportError:
    from eqho.sources.stripe_api import StripeSource
try:
    from eqho.sources.base import pages as listed
except ImportError:
    def listed(source, kind, before):
        return source.pages(kind, before)
from eqho.store.embedded import EmbeddedStore

url, key, now = sys.argv[1], sys.argv[2], int(sys.argv[3])
source = StripeSource(key, url, rate=10_000.0)
found = {"wire": 1e9, "store": 1e9}
with tempfile.TemporaryDirectory() as folder:
    store = EmbeddedStore(Path(folder) / "eqho.db")
    for turn in range(4):
        began = time.process_time()
        pages = [page.objects for page in listed(source, "invoice", now)]
        read = time.process_time()
        for number, page in enumerate(pages):
            store.put_page(f"{turn}:{number}", page)
            store.put_objects("invoice", page, "v", datetime.now(UTC))
        written = time.process_time()
        found["wire"] = min(found["wire"], 1_000 * (read - began) / len(pages))
        found["store"] = min(found["store"], 1_000 * (written - read) / len(pages))
    store.close()
print(json.dumps(found))
"""


def serve(pipe: Connection) -> None:
    now = int(datetime.fromisoformat(NOW).timestamp())
    with stripe_server(demo_account(now)) as server:
        pipe.send((server.url, now))
        pipe.recv()


def run() -> None:
    context = multiprocessing.get_context("spawn")
    pipe, other_end = context.Pipe()
    process = context.Process(target=serve, args=(other_end,), daemon=True)
    process.start()
    url, now = pipe.recv()
    with earlier_tree() as tree:
        trees = {"now": ROOT} if tree is None else {COMMIT: tree, "now": ROOT}
        runs = [
            {name: measured(SCRIPT, where, url, KEY, str(now)) for name, where in trees.items()}
            for _ in range(TIMES)
        ]
    pipe.send("end")
    process.join()
    best = {
        name: {step: min(run[name][step] for run in runs) for step in ("wire", "store")} for name in trees
    }
    whole = {name: sum(steps.values()) for name, steps in best.items()}
    first = next(iter(whole.values()))
    print_table(
        ("CPU ms per page of 100 invoices", "wire → objects", "objects → store", "both", "÷ first row"),
        [
            (name, f"{steps['wire']:.1f}", f"{steps['store']:.1f}", f"{whole[name]:.1f}",
             f"{whole[name] / first:.2f}")
            for name, steps in best.items()
        ],
    )  # fmt: skip
