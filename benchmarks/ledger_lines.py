"""1,000,000 invoice lines → spans, beside the code of an earlier commit in the same run. Goal: a third of its
processor time."""

from benchmarks.company import NOW, account
from benchmarks.earlier import COMMIT, earlier_tree, measured
from benchmarks.timing import once, print_table
from eqho.application import ROOT
from eqho.ledger.build import build_ledger
from eqho.products import load

SUBSCRIPTIONS, INVOICES_EACH = 20_000, 50


# Runs with the code of the earlier commit.
SCRIPT = """
import json, sys, time
from pathlib import Path
from benchmarks.company import NOW, account
from eqho.ledger.build import build_ledger
from eqho.products import load

company = account(int(sys.argv[1]), int(sys.argv[2]))
wall, began = time.perf_counter(), time.process_time()
build_ledger(company, load(Path("eqho.toml")), NOW)
print(json.dumps({"cpu": time.process_time() - began, "wall": time.perf_counter() - wall}))
"""


def run() -> None:
    lines = load(ROOT / "eqho.toml")
    rows: list[tuple[str, ...]] = []
    before: dict[str, float] | None = None
    with earlier_tree() as tree:
        if tree is not None:
            before = measured(SCRIPT, tree, str(SUBSCRIPTIONS), str(INVOICES_EACH))
            rows.append((f"the code of {COMMIT}", f"{before['wall']:.3f}", f"{before['cpu']:.3f}", "1"))
    company = account(SUBSCRIPTIONS, INVOICES_EACH)
    billed = [line for invoice in company.invoices for line in invoice.lines]
    keys = [(line.subscription, line.item, line.start) for line in reversed(billed)]
    _, sorting = once(lambda: sorted(keys))
    ledger, building = once(lambda: build_ledger(company, lines, NOW))
    ratio = f"{building.processor / before['cpu']:.2f}" if before is not None else ""
    rows.append((f"{len(billed):,} lines → spans", *building.cells, ratio))
    rows.append(("sorting the keys they are grouped by", *sorting.cells, ""))
    print_table(("step", "seconds", "CPU seconds", f"÷ {COMMIT}"), rows)
    print(f"\n{len(ledger.spans):,} spans, {len(ledger.issues)} issues.")
