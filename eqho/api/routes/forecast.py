"""MRR of the months that come."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from eqho.api.contract import answers
from eqho.api.parameters import AsOf, LookUp, Policy, Product
from eqho.api.responses import as_json
from eqho.metrics.forecast_rows import Forecast
from eqho.tiers import views

routes = APIRouter(tags=["views"])


@routes.get("/forecast/{product}", operation_id="getForecast", responses=answers(Forecast, 400, 404, 503))
def forecast(
    tiers: LookUp,
    product: Product,
    as_of: AsOf,
    months: Annotated[int, Query(ge=1, le=36, description="Months ahead, the running one first.")] = 12,
    policy: Policy = None,
) -> Response:
    """With a band from its own past errors, and its back-test beside what any forecast has to beat."""
    return as_json(tiers.view(views.Forecast(months), product, as_of, policy).value)
