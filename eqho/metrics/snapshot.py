"""Every number of one product at one instant, in the shape of the JSON API."""

import numpy as np

from eqho.metrics.definitions import VERSION
from eqho.metrics.groups.customers import customer_metrics
from eqho.metrics.groups.economics import unit_economics
from eqho.metrics.groups.movement import movement_metrics
from eqho.metrics.groups.retention import retention_metrics
from eqho.metrics.groups.revenue import revenue_metrics
from eqho.metrics.groups.trials import trial_metrics
from eqho.metrics.pricing_tiers import tier_rows
from eqho.metrics.retention import ratio
from eqho.metrics.scene import Document, Scene, Undefined
from eqho.periods import rfc3339
from eqho.products import ALL, PricingTier


def snapshot(scene: Scene) -> Document:
    """The document of `GET /api/v1/metrics/{product}` without issues and provenance. Money in major units."""
    undefined = Undefined()
    answer: Document = {
        "product": scene.product,
        "timestamp": rfc3339(scene.ledger.now),
        "as_of": rfc3339(scene.at),
        "currency": scene.currency.upper(),
        "timezone": scene.zone.key,
        "policy": scene.policy.name,
        "definition": VERSION,
        "customer_metrics": customer_metrics(scene),
        "revenue_metrics": revenue_metrics(scene, undefined),
        "movement_metrics": movement_metrics(scene, undefined),
        "retention_metrics": retention_metrics(scene, undefined),
        "trial_metrics": trial_metrics(scene, undefined),
        **unit_economics(scene, undefined),
        "tiers": tier_rows(_pricing_tiers(scene), scene.balance, scene.currency),
    }
    if scene.product == ALL:
        answer["products"] = [_product_row(scene, key) for key in scene.lines.keys]
    answer["undefined"] = dict(undefined)
    return answer


def _pricing_tiers(scene: Scene) -> tuple[PricingTier, ...]:
    return () if scene.product == ALL else scene.lines.line(scene.product).tiers


def _product_row(scene: Scene, key: str) -> Document:
    balance = scene.book_of(key).scope.balance(scene.at)
    mrr = int(balance.sum())
    return {
        "product": key,
        "customers": int(np.count_nonzero(balance)),
        "mrr": scene.money(mrr),
        "share": ratio(mrr, scene.mrr),
    }
