"""Unit economics and cash by month."""

from fastapi import APIRouter
from fastapi.responses import Response

from eqho.api.contract import answers
from eqho.api.parameters import AsOf, From, LookUp, Policy, Product, To
from eqho.api.responses import as_json
from eqho.metrics.rows import Cash, UnitEconomics
from eqho.tiers import views

routes = APIRouter(tags=["money"])


@routes.get(
    "/unit-economics/{product}",
    operation_id="readUnitEconomics",
    responses=answers(UnitEconomics, 400, 404, 503),
)
def unit_economics(
    tiers: LookUp,
    product: Product,
    start: From,
    end: To,
    as_of: AsOf,
    policy: Policy = None,
) -> Response:
    """What customers cost and bring, by month, and how long each cohort takes to pay itself back."""
    return as_json(tiers.view(views.UnitEconomics(start, end), product, as_of, policy).value)


@routes.get("/cash/{product}", operation_id="readCash", responses=answers(Cash, 400, 404, 503))
def cash(
    tiers: LookUp,
    product: Product,
    start: From,
    end: To,
    as_of: AsOf,
    policy: Policy = None,
) -> Response:
    """What was paid and given back, failed and was recovered, by month."""
    return as_json(tiers.view(views.Cash(start, end), product, as_of, policy).value)
