"""`/cache`: read the source again, forget what is remembered, and how the tiers do."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from eqho.api.contract import answers
from eqho.api.models import CacheStatistics, ClearAnswer, Metrics, Refreshing
from eqho.api.parameters import LookUp, Product
from eqho.api.responses import as_json
from eqho.api.routes.metrics import with_provenance

routes = APIRouter(prefix="/cache", tags=["cache"])


@routes.post(
    "/refresh/{product}",
    operation_id="refresh",
    status_code=202,
    responses=answers(Metrics, says="The new metrics, where `wait` was asked")
    | answers(Refreshing, 400, 404, 503, status=202, says="A refresh runs"),
)
def refresh(
    tiers: LookUp,
    product: Product,
    wait: Annotated[bool, Query(description="Answer with the new metrics when they are there.")] = False,
    full: Annotated[bool, Query(description="Read everything again, not only what changed.")] = False,
) -> Response:
    """Read what changed at the source, for every product at once; with `full` everything again behind that,
    also where a refresh runs already."""
    status = tiers.refresh(wait=wait, full=full)
    if not wait:
        return JSONResponse({"status": status}, status_code=202)
    return as_json(with_provenance(tiers.metrics(product)))


@routes.post("/clear", operation_id="clearCaches", responses=answers(ClearAnswer, 503))
def clear(tiers: LookUp) -> JSONResponse:
    """Forget memory and the raw pages. History is never cleared."""
    return JSONResponse({"cleared": tiers.clear()})


@routes.get("/stats", operation_id="getCacheStatistics", responses=answers(CacheStatistics))
def stats(tiers: LookUp) -> JSONResponse:
    """Hits, misses and latencies of every tier, and how refreshes went."""
    return JSONResponse(tiers.statistics())
