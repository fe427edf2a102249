"""Metrics documents on their way into the store and back."""

from datetime import UTC, datetime
from typing import Any

from eqho.metrics.definitions import holds_every_metric

Document = dict[str, Any]

_ENVELOPE = ("product", "policy", "definition")


def to_store(
    document: Document, timestamp: int, refreshed_at: int, origin: str, build: int, entered: str = ""
) -> Document:
    """The record of the `metrics` collection; `entered` numbers the inputs it was made with.

    Paths in `undefined` hold dots, which field names should not: they are stored as pairs.
    """
    metrics = {k: v for k, v in document.items() if k not in _ENVELOPE}
    metrics["undefined"] = [list(pair) for pair in document["undefined"].items()]
    return {
        **{name: document[name] for name in _ENVELOPE},
        "timestamp": datetime.fromtimestamp(timestamp, UTC),
        "refreshed_at": datetime.fromtimestamp(refreshed_at, UTC),
        "as_of": None,
        "origin": origin,
        "build": build,
        "entered": entered,
        "metrics": metrics,
    }


def from_store(record: Document) -> Document:
    metrics = dict(record["metrics"])
    metrics["undefined"] = dict(metrics["undefined"])
    return {**{name: record[name] for name in _ENVELOPE}, **metrics}


def is_of_build(record: Document, origin: str, build: int, entered: str) -> bool:
    """Whether the record was stored with that build of that origin's data and with these inputs, by a version
    that knew every metric: a build outlives the version that made it."""
    known = (record.get("origin"), record.get("build"), record.get("entered"))
    return known == (origin, build, entered) and holds_every_metric(record["metrics"])
