"""`/health`: whether there is something to show, without figures."""

from starlette.responses import JSONResponse

from eqho.tiers import Tiers


def health_answer(tiers: Tiers) -> JSONResponse:
    """`GET /health`: no figures. 503 only while nothing can be served. `reason` stands there only when
    something is wrong."""
    health = tiers.health()
    if health["reason"] is None:
        del health["reason"]
    return JSONResponse(health, status_code=503 if health["status"] == "starting" else 200)
