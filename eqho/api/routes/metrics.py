"""`/metrics`: the document of a product, and both products side by side."""

from typing import Any

import msgspec
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from eqho.api.contract import answers
from eqho.api.models import Metrics, Provenance, Summary
from eqho.api.parameters import AsOf, LookUp, Policy, Product
from eqho.tiers import Served

Document = dict[str, Any]

routes = APIRouter(tags=["metrics"])

SUMMARY = {
    "customers": ("customer_metrics", "customers"),
    "mrr": ("revenue_metrics", "mrr"),
    "arr": ("revenue_metrics", "arr"),
    "acv": ("revenue_metrics", "acv"),
    "arpa": ("revenue_metrics", "arpa"),
    "nrr_12m": ("retention_metrics", "nrr_12m"),
    "customer_churn_rate": ("retention_metrics", "customer_churn_rate"),
    "ltv": ("ltv_metrics", "ltv"),
    "cac": ("cac_metrics", "cac"),
    "ltv_cac": ("ltv_metrics", "ltv_cac"),
    "payback_months": ("cac_metrics", "payback_months"),
    "gross_margin": ("ltv_metrics", "gross_margin"),
}


@routes.get("/metrics/summary", operation_id="getSummary", responses=answers(Summary, 400, 503))
def summary(tiers: LookUp, as_of: AsOf = None, policy: Policy = None) -> JSONResponse:
    """The figures of TowPilot and of all products side by side."""
    return JSONResponse(
        {
            slug.replace("-", "_"): _summary(tiers.metrics(slug, as_of, policy).value)
            for slug in ("towpilot", "all-products")
        }
    )


@routes.get("/metrics/{product}", operation_id="getMetrics", responses=answers(Metrics, 400, 404, 503))
def metrics(tiers: LookUp, product: Product, as_of: AsOf = None, policy: Policy = None) -> JSONResponse:
    """Every number of one product at one instant, with where it comes from."""
    return JSONResponse(with_provenance(tiers.metrics(product, as_of, policy)))


def with_provenance(served: Served[Document]) -> Document:
    known = msgspec.structs.asdict(served.provenance)
    shown = {field: known[field] for field in Provenance.__struct_fields__}
    return served.value | {"provenance": shown}


def _summary(document: Document) -> Document:
    return {name: document[group][field] for name, (group, field) in SUMMARY.items()}
