"""Metrics documents outlive the version that stored them: frozen months of years ago are read by today's."""

import copy
from typing import Any

import msgspec
import pytest

from eqho.history.snapshots import from_store, is_of_build, to_store
from eqho.metrics.definitions import METRICS
from tests.ui.fake_document import document

STORED = to_store(document(), 1_790_000_000, 1_790_000_100, "stripe", 7, "3")
FIELDS = [
    (group, name)
    for group, fields in STORED["metrics"].items()
    if group.endswith("_metrics")
    for name in fields
]
METRIC_PATHS = {definition.path for definition in METRICS.values()}


def of_older_version(*missing: tuple[str, str]) -> dict[str, Any]:
    record = copy.deepcopy(STORED)
    for group, name in missing:
        del record["metrics"][group][name]
    return record


def test_todays_record_is_read_as_it_was_written() -> None:
    assert from_store(STORED) == document()
    assert is_of_build(STORED, "stripe", 7, "3")


@pytest.mark.parametrize(("group", "name"), FIELDS)
def test_a_field_that_came_later_is_empty_and_the_document_is_made_anew(group: str, name: str) -> None:
    older = of_older_version((group, name))

    told = msgspec.to_builtins(from_store(older))

    assert told[group][name] in (None, "", [])
    path = f"{group}.{name}"
    if path in METRIC_PATHS:
        assert told["undefined"][path] == "the definitions of that time did not have it"
    whole = msgspec.to_builtins(document())
    told[group][name] = whole[group][name]
    assert {**told, "undefined": whole["undefined"]} == whole
    assert not is_of_build(older, "stripe", 7, "3")


@pytest.mark.parametrize("group", sorted({group for group, _ in FIELDS}))
def test_a_whole_group_that_came_later_is_empty(group: str) -> None:
    older = copy.deepcopy(STORED)
    del older["metrics"][group]

    told = msgspec.to_builtins(from_store(older))

    assert not any(told[group].values())
    assert {path for path in METRIC_PATHS if path.startswith(f"{group}.")} <= told["undefined"].keys()
    assert not is_of_build(older, "stripe", 7, "3")


def test_what_todays_version_no_longer_has_is_left_out() -> None:
    former = copy.deepcopy(STORED)
    former["metrics"]["revenue_metrics"]["former_metric"] = 1.0

    assert from_store(former) == document()
    assert is_of_build(former, "stripe", 7, "3")


@pytest.mark.parametrize(
    ("origin", "build", "entered"), [("demo", 7, "3"), ("stripe", 8, "3"), ("stripe", 7, "4")]
)
def test_a_record_of_something_else_is_not_of_this_build(origin: str, build: int, entered: str) -> None:
    assert not is_of_build(STORED, origin, build, entered)
