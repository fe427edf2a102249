"""What changed in the last days, in rows and in sentences."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from eqho.api.contract import answers
from eqho.api.parameters import AsOf, LookUp, Policy, Product
from eqho.metrics.rows import Changes

routes = APIRouter(tags=["views"])


@routes.get("/changes/{product}", operation_id="getChanges", responses=answers(Changes, 400, 404, 503))
def changes(
    tiers: LookUp,
    product: Product,
    days: Annotated[
        int, Query(ge=1, le=5_000, description="Since the beginning of the day so long ago.")
    ] = 7,
    as_of: AsOf = None,
    policy: Policy = None,
) -> JSONResponse:
    """New, lost, grown and shrunk customers with amounts, MRR at risk, and trials that end soon."""
    return JSONResponse(tiers.view("changes", product, as_of, policy, days=str(days)).value)
