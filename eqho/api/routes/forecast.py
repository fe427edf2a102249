"""MRR of the months that come."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from eqho.api.contract import answers
from eqho.api.parameters import AsOf, LookUp, Policy, Product
from eqho.metrics.forecast_rows import Forecast

routes = APIRouter(tags=["views"])


@routes.get("/forecast/{product}", operation_id="getForecast", responses=answers(Forecast, 400, 404, 503))
def forecast(
    tiers: LookUp,
    product: Product,
    months: Annotated[int, Query(ge=1, le=36, description="Months ahead, the running one first.")] = 12,
    as_of: AsOf = None,
    policy: Policy = None,
) -> JSONResponse:
    """With a band from its own past errors, and its back-test beside what any forecast has to beat."""
    return JSONResponse(tiers.view("forecast", product, as_of, policy, months=str(months)).value)
