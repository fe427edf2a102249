"""`tiers`: the product line's pricing tiers, customers by what they pay per month."""

import numpy as np

from eqho.metrics.document_fields import TierRow
from eqho.metrics.query import Scene, Undefined
from eqho.metrics.retention import ratio
from eqho.products import ALL


def tiers(scene: Scene, undefined: Undefined) -> list[TierRow]:
    """Highest tier first; [] for a product without tiers."""
    configured = () if scene.product == ALL else scene.lines.line(scene.product).tiers
    paying = scene.balance[scene.balance > 0]
    rows: list[TierRow] = []
    below = np.iinfo(np.int64).max
    for i, tier in enumerate(configured):
        floor = int(tier.floor * scene.units_per_major)
        inside = paying[(paying >= floor) & (paying < below)]
        mrr, count = int(inside.sum()), len(inside)
        rows.append(
            TierRow(
                tier=tier.name,
                customers=count,
                mrr=scene.money(mrr),
                arpa=undefined.unless(
                    f"tiers.{i}.arpa", scene.average(mrr, count), "no customers in this tier"
                ),
                share=undefined.unless(f"tiers.{i}.share", ratio(mrr, scene.mrr), "no MRR"),
            )
        )
        below = floor
    return rows
