"""What changed in the last days, in rows and in sentences."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from eqho.api.contract import answers
from eqho.api.parameters import AsOf, LookUp, Policy, Product
from eqho.api.responses import as_json
from eqho.metrics.rows import Changes
from eqho.tiers import recorded_views

routes = APIRouter(tags=["views"])


@routes.get("/changes/{product}", operation_id="getChanges", responses=answers(Changes, 400, 404, 503))
def changes(
    tiers: LookUp,
    product: Product,
    as_of: AsOf,
    days: Annotated[
        int, Query(ge=1, le=5_000, description="Since the beginning of the day so long ago.")
    ] = 7,
    policy: Policy = None,
) -> Response:
    """New, lost, grown and shrunk customers with amounts, MRR at risk, and trials that end soon."""
    return as_json(tiers.view(recorded_views.Changes(days), product, as_of, policy).value)
