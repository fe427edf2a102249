"""1,000,000 invoice lines that are in memory → spans, beside the code of an earlier commit in the same run,
each in a process of its own. Goal: a third of its processor time."""

from benchmarks.earlier import COMMIT, earlier_tree, measured
from benchmarks.timing import print_table
from eqho.application import ROOT

SUBSCRIPTIONS, INVOICES_EACH = 20_000, 50

# Runs with the code of either commit.
SCRIPT = """
import json, sys, time
from pathlib import Path
from benchmarks.company import NOW, account
from eqho.ledger.build import build_ledger
from eqho.products import load

company, products = account(int(sys.argv[1]), int(sys.argv[2])), load(Path("eqho.toml"))
wall, began = time.perf_counter(), time.process_time()
ledger = build_ledger(company, products, NOW)
cpu, wall = time.process_time() - began, time.perf_counter() - wall
spans = ledger.spans
print(json.dumps({"cpu": cpu, "wall": wall, "spans": len(spans), "mrr": int(spans.net_eqho.sum())}))
"""


def run() -> None:
    with earlier_tree() as tree:
        trees = {"now": ROOT} if tree is None else {f"the code of {COMMIT}": tree, "now": ROOT}
        found = {
            name: measured(SCRIPT, where, str(SUBSCRIPTIONS), str(INVOICES_EACH))
            for name, where in trees.items()
        }
    first = next(iter(found.values()))
    assert all((told["spans"], told["mrr"]) == (first["spans"], first["mrr"]) for told in found.values())
    print_table(
        ("lines → spans", "seconds", "CPU seconds", "÷ first row"),
        [
            (name, f"{told['wall']:.1f}", f"{told['cpu']:.1f}", f"{told['cpu'] / first['cpu']:.2f}")
            for name, told in found.items()
        ],
    )
    print(f"\n{SUBSCRIPTIONS * INVOICES_EACH:,} lines → {int(first['spans']):,} spans.")
