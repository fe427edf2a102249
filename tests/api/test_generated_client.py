"""A client that is generated from the OpenAPI document answers with types: nothing is left as Any."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from eqho.api.app import create_api
from eqho.tiers import Tiers
from tests.tiers.rig import LINES

SETTINGS = """
post_hooks: []
package_name_override: eqho_client
content_type_overrides:
  application/vnd.apache.parquet: application/octet-stream
"""
SENT = {"ReceiveStripeEventBody"}
"""An event is Stripe's, and is sent to us."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("client")
    document = create_api(cast(Tiers, None), LINES, None).openapi()
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "settings.yml").write_text(SETTINGS)
    made = subprocess.run(
        [
            Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none",
            "--path", folder / "openapi.json", "--config", folder / "settings.yml",
            "--output-path", folder / "eqho_client", "--fail-on-warning",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    return folder / "eqho_client"


def _classes(folder: Path) -> Iterator[ast.ClassDef]:
    for file in sorted((folder / "models").glob("*.py")):
        yield from (node for node in ast.parse(file.read_text()).body if isinstance(node, ast.ClassDef))


def _has_any(annotation: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(annotation))


def test_no_field_of_an_answer_is_any(client: Path) -> None:
    fields = [
        (model.name, ast.unparse(field.target), field.annotation)
        for model in _classes(client)
        for field in model.body
        if isinstance(field, ast.AnnAssign)
    ]
    assert len(fields) > 200
    untyped = [(model, name) for model, name, annotation in fields if _has_any(annotation)]
    assert {model for model, _ in untyped} <= SENT


def test_every_operation_returns_its_answer(client: Path) -> None:
    returned = {}
    for file in sorted((client / "api").rglob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name == "sync":
                assert node.returns is not None
                returned[file.stem] = node.returns
    assert len(returned) > 20
    assert [name for name, annotation in returned.items() if _has_any(annotation)] == []
    assert "Metrics" in ast.unparse(returned["get_metrics"])
    assert "CohortTable" in ast.unparse(returned["get_cohorts"])
    assert "list[SpendRow]" in ast.unparse(returned["read_spend"])


def test_it_is_typed_through_and_through(client: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", client],
        capture_output=True, text=True, check=False, cwd=client.parent,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout
