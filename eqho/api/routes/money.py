"""Unit economics and cash by month."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from eqho.api.contract import answers
from eqho.api.parameters import AsOf, From, LookUp, Policy, Product, To, given
from eqho.metrics.rows import Cash, UnitEconomics

routes = APIRouter(tags=["money"])


@routes.get(
    "/unit-economics/{product}",
    operation_id="readUnitEconomics",
    responses=answers(UnitEconomics, 400, 404, 503),
)
def unit_economics(
    tiers: LookUp,
    product: Product,
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
    policy: Policy = None,
) -> JSONResponse:
    """What customers cost and bring, by month, and how long each cohort takes to pay itself back."""
    arguments = given(start=start, end=end)
    return JSONResponse(tiers.view("unit_economics", product, as_of, policy, **arguments).value)


@routes.get("/cash/{product}", operation_id="readCash", responses=answers(Cash, 400, 404, 503))
def cash(
    tiers: LookUp,
    product: Product,
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
    policy: Policy = None,
) -> JSONResponse:
    """What was paid and given back, failed and was recovered, by month."""
    return JSONResponse(tiers.view("cash", product, as_of, policy, **given(start=start, end=end)).value)
