"""The OpenAPI document: schemas of our structs, the errors a route can give, no 422."""

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from eqho.api.frames import CSV, RECORDS
from eqho.api.models import NotYet, Problem

_TEMPLATE = "#/components/schemas/{name}"
_ERRORS: dict[int, tuple[str, type]] = {
    400: ("A parameter cannot be used", Problem),
    401: ("The bearer token is missing or wrong", Problem),
    403: ("Called from another site's page", Problem),
    404: ("There is no such product", Problem),
    409: ("Somebody else wrote meanwhile", Problem),
    503: ("Nothing can be served yet, or the store or the source is out of reach", NotYet),
}
_GUARDED = (401, 403)
_OF_PYDANTIC = ("HTTPValidationError", "ValidationError")
_models: set[type] = {model for _, model in _ERRORS.values()}

Responses = dict[int | str, dict[str, Any]]


def answers(model: type, *errors: int, status: int = 200, says: str = "The answer") -> Responses:
    """`responses=` of a route: its answer, and what the guard and the route itself can refuse."""
    _models.add(model)
    return {status: _json(says, model)} | _refusals(errors)


def tables(model: type, *errors: int) -> Responses:
    """As `answers`, of a route whose rows can be had alone: as records and as CSV."""
    found = answers(model, *errors)
    record = {"type": "object", "additionalProperties": True}
    found[200]["content"] |= {
        RECORDS: {"schema": {"type": "array", "items": record}},
        CSV: {"schema": {"type": "string"}},
    }
    return found


def file_of(media: str, says: str, *errors: int) -> Responses:
    """As `answers`, of a route that gives a file."""
    found = {"description": says, "content": {media: {"schema": {"type": "string", "format": "binary"}}}}
    return {200: found} | _refusals(errors)


def _refusals(errors: Iterable[int]) -> Responses:
    return {error: _json(*_ERRORS[error]) for error in sorted({*_GUARDED, *errors})}


def _json(text: str, model: type) -> dict[str, Any]:
    reference = {"$ref": _TEMPLATE.format(name=model.__name__)}
    return {"description": text, "content": {"application/json": {"schema": reference}}}


def models() -> list[type]:
    """Of every answer."""
    return sorted(_models, key=lambda model: model.__name__)


def install(app: FastAPI) -> None:
    """The document is made once, when it is first asked for."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes,
        servers=[{"url": "/api/v1"}],
    )  # fmt: skip
    for operation in _operations(found):
        operation["responses"].pop("422", None)
    components = found.setdefault("components", {}).setdefault("schemas", {})
    for name in _OF_PYDANTIC:
        components.pop(name, None)
    components |= msgspec.json.schema_components(models(), ref_template=_TEMPLATE)[1]
    return found


def _operations(document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()
