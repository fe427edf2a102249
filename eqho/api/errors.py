"""Every failure as `{"detail": one sentence}` with its status."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from eqho.errors import BadArgument, NoBuild, RefreshFailed, WrittenMeanwhile
from eqho.products import UnknownProduct
from eqho.store.base import StoreError

log = logging.getLogger("eqho.api")


def install(app: FastAPI) -> None:
    @app.exception_handler(UnknownProduct)
    def unknown_product(_: Request, error: UnknownProduct) -> JSONResponse:
        return _answer(404, str(error))

    @app.exception_handler(BadArgument)
    def bad_argument(_: Request, error: BadArgument) -> JSONResponse:
        return _answer(400, str(error))

    @app.exception_handler(WrittenMeanwhile)
    def written_meanwhile(_: Request, error: WrittenMeanwhile) -> JSONResponse:
        return _answer(409, str(error))

    @app.exception_handler(RequestValidationError)
    def bad_parameter(_: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(400, _sentence(error.errors()[0]))

    @app.exception_handler(NoBuild)
    def no_build(_: Request, error: NoBuild) -> JSONResponse:
        return JSONResponse({"detail": error.sentence, "progress": error.progress}, status_code=503)

    @app.exception_handler(StoreError)
    @app.exception_handler(RefreshFailed)
    def out_of_reach(_: Request, error: StoreError | RefreshFailed) -> JSONResponse:
        return _answer(503, str(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        sentences = {
            404: f"There is nothing at {request.url.path}; see /api/v1/docs.",
            405: f"{request.method} is not possible at {request.url.path}; see /api/v1/docs.",
        }
        detail = sentences.get(error.status_code, str(error.detail))
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(_allowed(request))
        return JSONResponse({"detail": detail}, status_code=error.status_code, headers=headers)

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        return _answer(500, "The server failed at this; its log says more.")


def _allowed(request: Request) -> list[str]:
    """The methods of every route at this path: the router names those of the first one only."""
    return [
        method
        for method in ("DELETE", "GET", "POST", "PUT")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def _sentence(error: dict[str, Any]) -> str:
    place, name = error["loc"][0], error["loc"][-1]
    # A field of a form has a name, what is wrong inside JSON has not.
    if place == "body" and (name == "body" or not isinstance(name, str)):
        return "The body is not what this call takes: send JSON as /api/v1/docs shows it."
    if error["type"] == "literal_error":
        allowed = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return f"{name} is one of {allowed}, not “{error['input']}”."
    return f"{name}: {error['msg']}."


def _answer(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status_code=status)
