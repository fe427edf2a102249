"""The Grafana dashboard and the alert rules ask for metrics that `/metrics` has."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from eqho.api.monitoring import create_monitoring
from eqho.tiers import Tiers

FILES = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
LABELS = re.compile(r"(eqho_\w+)(?:\{([^}]*)\})?")


@pytest.fixture
def exposed(tiers: Tiers) -> dict[str, set[str]]:
    """Labels by name, as Prometheus reads them, once every figure is there."""
    tiers.refresh(wait=True)
    for _ in range(3):
        tiers.metrics("towpilot")
    client = TestClient(
        create_monitoring(tiers, None), base_url="http://127.0.0.1", client=("127.0.0.1", 50_000)
    )
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def asked(expressions: list[str]) -> list[tuple[str, set[str]]]:
    """(name, labels) of every metric of ours in PromQL."""
    found = [match for expression in expressions for match in LABELS.finditer(expression)]
    return [(match[1], set(re.findall(r"(\w+)\s*[=!]", match[2] or ""))) for match in found]


def test_every_panel_of_the_dashboard(exposed: dict[str, set[str]]) -> None:
    dashboard: dict[str, Any] = json.loads((FILES / "grafana.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    names = asked(expressions)
    assert {name for name, _ in names} == set(exposed)
    assert [(name, labels) for name, labels in names if not labels <= exposed[name]] == []


def test_every_alert_rule(exposed: dict[str, set[str]]) -> None:
    groups = yaml.safe_load((FILES / "alert-rules.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    names = asked([rule["expr"] for rule in rules])
    assert {name for name, _ in names} <= set(exposed)
    assert [(name, labels) for name, labels in names if not labels <= exposed[name]] == []
    assert all(rule["annotations"]["summary"] for rule in rules)
