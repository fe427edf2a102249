"""The API put together: guard, routes, failures, contract and its page."""

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer

from eqho.api import contract, docs, errors
from eqho.api.guard import Guard
from eqho.api.inputs import inputs_router
from eqho.api.responses import PlainHttp
from eqho.api.routes import cache, changes, compare, forecast, ledger, metrics, money, views
from eqho.products import ProductLines
from eqho.tiers import Tiers

# Says how to send the token; `Guard` is who checks it.
_BEARER = HTTPBearer(
    scheme_name="bearer",
    description="EQHO_API_TOKEN; where none is set, this machine only.",
    auto_error=False,
)


def create_api(tiers: Tiers, lines: ProductLines, token: str | None) -> FastAPI:
    """An app to be mounted at `/api/v1`. `token` None: loopback clients only."""
    app = FastAPI(
        title="Eqho Metrics",
        version="1",
        description="Money in major units, rates as fractions, instants in UTC. "
        "A number that is not defined is null; `undefined` gives the reason.",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(_BEARER)],
    )
    app.state.tiers, app.state.lines = tiers, lines
    app.add_middleware(Guard, token=token)
    app.add_middleware(PlainHttp)
    errors.install(app)
    for subject in (metrics, views, changes, forecast, money, compare, ledger, cache):
        app.include_router(subject.routes)
    app.include_router(inputs_router(tiers))
    docs.install(app)
    contract.install(app)
    return app
