"""1,000,000 invoice lines → spans, beside sorting the keys they are grouped by. Goal: 15 s."""

from benchmarks.company import NOW, account
from benchmarks.timing import once, print_table
from eqho.application import ROOT
from eqho.ledger.build import build_ledger
from eqho.products import load

SUBSCRIPTIONS, INVOICES_EACH = 20_000, 50


def run() -> None:
    lines = load(ROOT / "eqho.toml")
    company = account(SUBSCRIPTIONS, INVOICES_EACH)
    billed = [line for invoice in company.invoices for line in invoice.lines]
    keys = [(line.subscription, line.item, line.start) for line in reversed(billed)]
    _, sorting = once(lambda: sorted(keys))
    ledger, building = once(lambda: build_ledger(company, lines, NOW))
    rows = [("baseline: sort the keys", sorting), (f"{len(billed):,} lines → spans", building)]
    print_table(("step", "seconds", "CPU seconds"), [(name, *timing.cells) for name, timing in rows])
    print(f"\n{len(ledger.spans):,} spans, {len(ledger.issues)} issues.")
