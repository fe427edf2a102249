"""`/metrics`: the document of a product, and both products side by side."""

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response
from msgspec import structs

from eqho.api.contract import answers
from eqho.api.models import Metrics, ProductSummary, Provenance, Summary
from eqho.api.parameters import AsOf, LookUp, Policy, Product
from eqho.api.responses import as_json
from eqho.metrics.document_fields import MetricsDocument
from eqho.tiers import Served

routes = APIRouter(tags=["metrics"])


@routes.get("/metrics/summary", operation_id="getSummary", responses=answers(Summary, 400, 503))
def summary(tiers: LookUp, as_of: AsOf, policy: Policy = None) -> Response:
    """The figures of TowPilot and of all products side by side."""
    towpilot, all_products = (
        _summary(tiers.metrics(slug, as_of, policy).value) for slug in ("towpilot", "all-products")
    )
    return as_json(Summary(towpilot, all_products))


@routes.get("/metrics/{product}", operation_id="getMetrics", responses=answers(Metrics, 400, 404, 503))
def metrics(tiers: LookUp, product: Product, as_of: AsOf, policy: Policy = None) -> Response:
    """Every number of one product at one instant, with where it comes from."""
    return as_json(with_provenance(tiers.metrics(product, as_of, policy)))


def with_provenance(served: Served[MetricsDocument]) -> Metrics:
    provenance = msgspec.convert(served.provenance, Provenance, from_attributes=True)
    return Metrics(**structs.asdict(served.value), provenance=provenance)


def _summary(document: MetricsDocument) -> ProductSummary:
    revenue, cac, ltv = document.revenue_metrics, document.cac_metrics, document.ltv_metrics
    return ProductSummary(
        customers=document.customer_metrics.customers,
        mrr=revenue.mrr,
        arr=revenue.arr,
        acv=revenue.acv,
        arpa=revenue.arpa,
        nrr_12m=document.retention_metrics.nrr_12m,
        customer_churn_rate=document.retention_metrics.customer_churn_rate,
        ltv=ltv.ltv,
        cac=cac.cac,
        ltv_cac=ltv.ltv_cac,
        payback_months=cac.payback_months,
        gross_margin=ltv.gross_margin,
    )
