"""L3 without the network: ledger and snapshots of 100,000 subscriptions, beside a pandas groupby of the same
sums over rows that are already there."""

from zoneinfo import ZoneInfo

import pandas as pd

from benchmarks.company import NOW, account
from benchmarks.timing import once, print_table
from eqho.application import ROOT
from eqho.ledger.build import Ledger, build_ledger
from eqho.ledger.tables import pack, unpack
from eqho.metrics.document import snapshot
from eqho.metrics.document_fields import MetricsDocument
from eqho.metrics.entered import Inputs
from eqho.metrics.policy import EQHO
from eqho.metrics.query import Scene
from eqho.money import MRR_SCALE
from eqho.products import ALL, ProductLines, load

SUBSCRIPTIONS = 100_000


def run() -> None:
    lines = load(ROOT / "eqho.toml")
    company = account(SUBSCRIPTIONS, invoices_each=1)
    ledger, built = once(lambda: build_ledger(company, lines, NOW))
    table = pd.DataFrame(
        {"line": ledger.spans.line, "customer": ledger.spans.customer, "mrr": ledger.spans.net_eqho}
    )
    sums, grouped = once(
        lambda: table.groupby("line").agg(mrr=("mrr", "sum"), customers=("customer", "nunique"))
    )
    document, one = once(lambda: of_product(ledger, lines, ALL))
    slugs = (ALL, *lines.keys)
    _, every = once(lambda: [of_product(ledger, lines, slug) for slug in slugs])
    packed, packing = once(lambda: pack(ledger))
    _, unpacking = once(lambda: unpack(packed))
    rows = [
        ("baseline: pandas groupby of the spans", grouped),
        ("account → ledger", built),
        ("snapshot of all products", one),
        (f"snapshots of all {len(slugs)} products", every),
        ("pack", packing),
        ("unpack", unpacking),
    ]
    print_table(("step", "seconds", "CPU seconds"), [(name, *timing.cells) for name, timing in rows])
    by_pandas = sums["mrr"].sum() / (100 * MRR_SCALE)
    print(f"\n{len(ledger.spans):,} spans, {len(packed) / 1e6:.1f} MB packed.")
    print(f"MRR: {document.revenue_metrics.mrr:,.2f}; by pandas {by_pandas:,.2f}.")


def of_product(ledger: Ledger, lines: ProductLines, slug: str) -> MetricsDocument:
    return snapshot(Scene(ledger, lines, Inputs(), slug, NOW, EQHO, "usd", ZoneInfo("UTC")))
