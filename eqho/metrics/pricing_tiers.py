"""Pricing tiers of a product line: customers by what they pay per month."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from eqho.ledger.spans import Ints
from eqho.metrics.retention import ratio
from eqho.money import MRR_SCALE, major, minor_digits
from eqho.products import PricingTier


def tier_rows(tiers: Sequence[PricingTier], balance: Ints, currency: str) -> list[dict[str, Any]]:
    """`tiers`: highest first. `balance`: MRR units by customer."""
    paying = balance[balance > 0]
    scale = MRR_SCALE * 10 ** minor_digits(currency)
    floors = [int(Fraction(str(tier.floor)) * scale) for tier in tiers]
    total = int(paying.sum())
    rows, ceiling = [], None
    for tier, floor in zip(tiers, floors, strict=True):
        inside = paying[(paying >= floor) & (paying < ceiling if ceiling is not None else True)]
        mrr, count = int(np.sum(inside)), len(inside)
        rows.append(
            {
                "tier": tier.name,
                "customers": count,
                "mrr": major(mrr, currency),
                "arpa": major(round(Fraction(mrr, count)), currency) if count else None,
                "share": ratio(mrr, total),
            }
        )
        ceiling = floor
    return rows
