"""Tables for people with pandas or a spreadsheet: the rows of an answer alone, flat, as records or as CSV."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Protocol

import msgspec
from fastapi import Depends, Query, Request
from fastapi.responses import Response
from msgspec import Struct

from eqho.api.responses import as_json
from eqho.csv_files import to_csv
from eqho.errors import NoBuild
from eqho.metrics.rows import Waiting
from eqho.tiers import Tiers

Row = Mapping[str, Any]
Shape = Literal["records", "csv"] | None
RECORDS = "application/vnd.eqho.records+json"
CSV = "text/csv"
_JSON = ("application/json", "application/*", "*/*")


async def _shape(
    request: Request,
    format: Annotated[
        Literal["records"] | None,
        Query(description="records: the rows alone, flat, as `pandas.read_json` takes them."),
    ] = None,
) -> Shape:
    if format is not None:
        return format
    wanted = _preferences(request.headers.get("accept", ""))
    plain = max((wanted.get(media, 0.0) for media in _JSON), default=0.0)
    return "csv" if wanted.get(CSV, 0.0) > 0 and wanted[CSV] >= plain else None


Wanted = Annotated[Shape, Depends(_shape)]


class Table(Protocol):
    """An answer with rows; `undefined` says why they wait where they do."""

    @property
    def undefined(self) -> Waiting: ...


def framed(shape: Shape, answer: Table, rows: Sequence[Struct], tiers: Tiers) -> Response:
    """The answer, or its rows in the shape that was asked for.

    Raises NoBuild where the rows wait for the past: an empty table would say that there is nothing.
    """
    if shape is None:
        return as_json(answer)
    if not rows and answer.undefined:
        raise NoBuild(f"This is told {next(iter(answer.undefined.values()))}.", tiers.progress())
    flat = [_flat(msgspec.to_builtins(row)) for row in rows]
    if shape == "records":
        return as_json(flat, media=RECORDS)
    columns = dict.fromkeys(name for row in flat for name in row)
    return Response(to_csv(flat, {name: name for name in columns}, "utf-8"), media_type=CSV)


def _flat(row: Row) -> dict[str, Any]:
    """`{customers: {new}}` becomes `customers_new`; the numbers of `values` become `month_0`, `month_1` …"""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            found |= {f"{name}_{inner}": each for inner, each in value.items()}
        elif name == "values":
            found |= {f"month_{number}": each for number, each in enumerate(value)}
        else:
            found[name] = value
    return found


def record_schema(row: type[Struct]) -> dict[str, Any]:
    """The JSON schema of a row as `_flat` makes it."""
    found, known = msgspec.json.schema_components([row], ref_template="{name}")
    whole: dict[str, Any] = known[found[0]["$ref"]]
    properties: dict[str, Any] = {}
    more: dict[str, Any] | bool = False
    for name, schema in whole["properties"].items():
        inner = known.get(schema.get("$ref", ""), {})
        if "properties" in inner:
            properties |= {f"{name}_{field}": each for field, each in inner["properties"].items()}
        elif name == "values":
            more = schema["items"]
        else:
            properties[name] = known[schema["$ref"]] if "$ref" in schema else schema
    if properties == whole["properties"]:
        return whole
    required = [name for name in properties if name in whole["required"] or name not in whole["properties"]]
    flat = {"type": "object", "properties": properties, "required": required, "additionalProperties": more}
    return {"title": f"{row.__name__}Record", "description": whole.get("description", "")} | flat


def _preferences(accept: str) -> dict[str, float]:
    """Media type → its weight."""
    found = {}
    for each in accept.split(","):
        media, *parameters = (part.strip().lower() for part in each.split(";"))
        weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
        try:
            found[media] = float(weight)
        except ValueError:
            found[media] = 0.0
    return found
