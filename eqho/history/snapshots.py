"""Metrics documents on their way into the store and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_origin

import msgspec

from eqho.metrics.definitions import METRICS
from eqho.metrics.document_fields import MetricsDocument

Record = dict[str, Any]

_ENVELOPE = ("product", "policy", "definition")
_GROUPS = {
    field.name: {inner.name: inner.type for inner in msgspec.structs.fields(field.type)}
    for field in msgspec.structs.fields(MetricsDocument)
    if field.name.endswith("_metrics")
}
"""Group of the document → its fields and their types."""
_PATHS = frozenset(definition.path for definition in METRICS.values())
_NOT_DEFINED_THEN = "the definitions of that time did not have it"


def to_store(
    document: MetricsDocument, timestamp: int, refreshed_at: int, origin: str, build: int, entered: str = ""
) -> Record:
    """The record of the `metrics` collection; `entered` numbers the inputs it was made with.

    Paths in `undefined` hold dots, which field names should not: they are stored as pairs.
    """
    metrics = msgspec.to_builtins(document)
    envelope = {name: metrics.pop(name) for name in _ENVELOPE}
    metrics["undefined"] = [list(pair) for pair in document.undefined.items()]
    return {
        **envelope,
        "timestamp": datetime.fromtimestamp(timestamp, UTC),
        "refreshed_at": datetime.fromtimestamp(refreshed_at, UTC),
        "as_of": None,
        "origin": origin,
        "build": build,
        "entered": entered,
        "metrics": metrics,
    }


def from_store(record: Mapping[str, Any]) -> MetricsDocument:
    """A field that the definitions of its time did not have is empty, a metric None with that reason; what
    today's no longer have is left out."""
    metrics = dict(record["metrics"])
    undefined = dict(metrics["undefined"])
    told = {}
    for group, fields in _GROUPS.items():
        then = metrics.get(group, {})
        told[group] = {name: then[name] if name in then else _empty(type_) for name, type_ in fields.items()}
        missing = (f"{group}.{name}" for name in fields if name not in then)
        undefined |= {path: _NOT_DEFINED_THEN for path in missing if path in _PATHS}
    envelope = {name: record[name] for name in _ENVELOPE}
    return msgspec.convert({**envelope, **metrics, **told, "undefined": undefined}, MetricsDocument)


def _empty(type_: object) -> str | list[object] | None:
    if type_ is str:
        return ""
    return [] if get_origin(type_) is list else None


def is_of_build(record: Record, origin: str, build: int, entered: str) -> bool:
    """Whether the record was stored with that build of that origin's data and with these inputs, by a version
    that knew every field: a build outlives the version that made it."""
    known = (record.get("origin"), record.get("build"), record.get("entered"))
    return known == (origin, build, entered) and _holds_every_field(record["metrics"])


def _holds_every_field(metrics: Mapping[str, Any]) -> bool:
    return all(fields.keys() <= metrics.get(group, {}).keys() for group, fields in _GROUPS.items())
