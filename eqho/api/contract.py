"""The OpenAPI document: schemas of our structs, the errors a route can give, no 422."""

from collections.abc import Iterable
from typing import Any, get_args, get_origin

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from msgspec import Struct, structs

from eqho.api.frames import CSV, RECORDS, record_schema
from eqho.api.models import NotYet, Problem, Received
from eqho.api.webhook import IN_THE_API

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
_records: dict[str, dict[str, Any]] = {}

Responses = dict[int | str, dict[str, Any]]


def answers(model: type, *errors: int, status: int = 200, says: str = "The answer") -> Responses:
    """`responses=` of a route: its answer, and what the guard and the route itself can refuse."""
    _models.add(model)
    return {status: _json(says, model)} | refusals(*errors)


def tables(model: type, *errors: int) -> Responses:
    """As `answers`, of a route whose rows can be had alone: as records and as CSV."""
    found = answers(model, *errors)
    record = record_schema(_row_of(model))
    _records[record["title"]] = record
    reference = {"$ref": _TEMPLATE.format(name=record["title"])}
    found[200]["content"] |= {
        RECORDS: {"schema": {"type": "array", "items": reference}},
        CSV: {"schema": {"type": "string"}},
    }
    return found


def _row_of(model: type) -> type[Struct]:
    """What the first list of an answer is of."""
    row: type[Struct] = next(
        get_args(field.type)[0] for field in structs.fields(model) if get_origin(field.type) is list
    )
    return row


def file_of(media: str, says: str, *errors: int) -> Responses:
    """As `answers`, of a route that gives a file."""
    found = {"description": says, "content": {media: {"schema": {"type": "string", "format": "binary"}}}}
    return {200: found} | refusals(*errors)


def refusals(*errors: int) -> Responses:
    """What the guard and the route itself can refuse."""
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
    components |= msgspec.json.schema_components([*models(), Received], ref_template=_TEMPLATE)[1]
    components |= {name: record for name, record in _records.items() if name not in components}
    found["paths"][IN_THE_API] = {"post": _webhook()}
    for name, schema in components.items():
        components[name] = _strict(schema)
    return found


def _strict(schema: Any) -> Any:
    """An object whose fields are named has no others; a choice of words is text."""
    if isinstance(schema, list):
        return [_strict(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _strict(inner) for name, inner in schema.items()}
    if isinstance(found.get("properties"), dict) and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    if isinstance(words := found.get("enum"), list) and all(isinstance(word, str) for word in words):
        found.setdefault("type", "string")
    return found


def _webhook() -> dict[str, Any]:
    """It stands beside the app, outside its guard."""
    signature = {
        "name": "Stripe-Signature", "in": "header", "required": True, "schema": {"type": "string"},
    }  # fmt: skip
    event = {"type": "object", "additionalProperties": True, "description": "A snapshot event of Stripe."}
    responses = {
        "200": _json("Stored, stored before, or of no use here", Received),
        "400": _json("The signature or the event cannot be used", Problem),
        "404": _json("No webhook is accepted here", Problem),
        "413": _json("The event is too large", Problem),
        "503": _json("The store is out of reach", Problem),
    }
    return {
        "tags": ["webhook"],
        "summary": "Receive an event of Stripe",
        "description": "Stripe calls this; its signature says who it is, no token does.",
        "operationId": "receiveStripeEvent",
        "parameters": [signature],
        "requestBody": {"required": True, "content": {"application/json": {"schema": event}}},
        "responses": responses,
        "security": [],
    }


def _operations(document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()
