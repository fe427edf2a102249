"""Every number of one product at one instant, in the shape of the JSON API."""

from eqho.metrics.definitions import VERSION
from eqho.metrics.groups.cash import cash_metrics
from eqho.metrics.groups.customers import customer_metrics
from eqho.metrics.groups.economics import unit_economics
from eqho.metrics.groups.movement import movement_metrics
from eqho.metrics.groups.pricing_tiers import tiers
from eqho.metrics.groups.products import products
from eqho.metrics.groups.retention import retention_metrics
from eqho.metrics.groups.revenue import revenue_metrics
from eqho.metrics.groups.trials import trial_metrics
from eqho.metrics.query import Document, Scene, Undefined
from eqho.periods import rfc3339
from eqho.products import ALL


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
        "customer_metrics": customer_metrics(scene, undefined),
        "revenue_metrics": revenue_metrics(scene, undefined),
        "movement_metrics": movement_metrics(scene, undefined),
        "retention_metrics": retention_metrics(scene, undefined),
        "cash_metrics": cash_metrics(scene, undefined),
        "trial_metrics": trial_metrics(scene, undefined),
        **unit_economics(scene, undefined),
        "tiers": tiers(scene, undefined),
    }
    if scene.product == ALL:
        answer["products"] = products(scene, undefined)
    answer["undefined"] = dict(undefined)
    return answer
