"""An export of fifty thousand rows: all of them read, each difference explained, and how long that took."""

import random
import time
from collections import Counter

from eqho.tiers.comparing import compare_export
from tests.metrics.hand_made import ledger_of, paid
from tests.metrics.queries import scene_of

CUSTOMERS, MONTHS = 5_000, range(3, 13)


def test_fifty_thousand_rows() -> None:
    rng = random.Random(1)
    spans, rows, planted = [], ["customer id,month,mrr"], Counter[str]()
    for number in range(CUSTOMERS):
        who, net = f"cus_{number}", rng.randrange(2_000, 90_000) / 100
        cause = (None, "coupon", "cancel timing", "unexplained", None)[number % 5]
        told = net + {"coupon": 5, "cancel timing": -net, "unexplained": 0.07}.get(cause or "", 0)
        more = {"stripe": net + 5} if cause == "coupon" else {}
        asked = {"requested": "2025-02-01"} if cause == "cancel timing" else {}
        until = ("2026-06-10",) if asked else ()
        spans.append(paid(who, net, "2025-01-01", *until, **more, **asked))
        rows += [f"{who},2025-{month:02d},{told:.2f}" for month in MONTHS]
        if cause:
            planted[cause] += len(MONTHS)
    scene = scene_of(ledger_of(*spans), "all-products")
    content = "\n".join(rows).encode()
    started = time.perf_counter()
    found = compare_export(scene, content, "auto", "").comparison
    print(f"{len(rows) - 1:,} rows in {time.perf_counter() - started:.1f} s")
    assert Counter(part.cause for part in found.differences) == planted
    assert found.agreeing == 2 * CUSTOMERS // 5 * len(MONTHS)
