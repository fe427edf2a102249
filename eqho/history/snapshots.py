"""Metrics documents on their way into the store and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from eqho.metrics.definitions import METRICS, holds_every_metric
from eqho.metrics.document_fields import MetricsDocument

Record = dict[str, Any]

_ENVELOPE = ("product", "policy", "definition")
_GROUPS = {
    field.name: frozenset(field.type.__struct_fields__)
    for field in msgspec.structs.fields(MetricsDocument)
    if field.name.endswith("_metrics")
}
"""Group of the document → its fields."""


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
    """A metric that the definitions of its time did not have is None; what today's no longer have is left
    out."""
    metrics = dict(record["metrics"])
    metrics["undefined"] = dict(metrics["undefined"])
    known = {group: dict(metrics.get(group, {})) for group in _GROUPS}
    for path in (definition.path for definition in METRICS.values()):
        group, _, name = path.partition(".")
        if name not in known[group]:
            known[group][name] = None
            metrics["undefined"].setdefault(path, "the definitions of that time did not have it")
    told = {
        group: {name: value for name, value in known[group].items() if name in fields}
        for group, fields in _GROUPS.items()
    }
    envelope = {name: record[name] for name in _ENVELOPE}
    return msgspec.convert({**envelope, **metrics, **told}, MetricsDocument)


def is_of_build(record: Record, origin: str, build: int, entered: str) -> bool:
    """Whether the record was stored with that build of that origin's data and with these inputs, by a version
    that knew every metric: a build outlives the version that made it."""
    known = (record.get("origin"), record.get("build"), record.get("entered"))
    return known == (origin, build, entered) and holds_every_metric(record["metrics"])
