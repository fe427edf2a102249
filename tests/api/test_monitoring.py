"""`/metrics`, as Prometheus reads it."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from eqho.api.monitoring import create_monitoring
from eqho.errors import RefreshFailed
from eqho.sources.base import SourceError
from eqho.tiers import Tiers
from tests.tiers.rig import SmallSource


def caller(tiers: Tiers, token: str | None = None) -> TestClient:
    app = Starlette(routes=[Route("/metrics", create_monitoring(tiers, token))])
    return TestClient(app, base_url="http://127.0.0.1:8501", client=("127.0.0.1", 50_000))


def samples(tiers: Tiers) -> dict[tuple[str, ...], float]:
    """Value by name and values of the labels, sorted."""
    text = caller(tiers).get("/metrics").text
    families = text_string_to_metric_families(text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


def test_what_prometheus_reads_equals_the_statistics(tiers: Tiers) -> None:
    tiers.refresh(wait=True)
    for _ in range(3):
        tiers.metrics("towpilot")
    told, read = tiers.statistics(), samples(tiers)
    assert read["eqho_cache_hits_total", "L1"] == told["l1"]["hits"] == 2
    assert read["eqho_cache_misses_total", "L1"] == told["l1"]["misses"] == 1
    assert read["eqho_refreshes_total",] == told["l3"]["refreshes"] == 1
    assert read["eqho_build",] == told["generation"]
    assert read["eqho_cache_latency_seconds", "0.5", "L1"] == told["l1"]["p50_ms"] / 1000


def test_a_failed_refresh_is_seen(tiers: Tiers, source: SmallSource) -> None:
    tiers.refresh(wait=True)
    source.failure = SourceError("Stripe does not answer: check the network.")
    with pytest.raises(RefreshFailed):
        tiers.refresh(wait=True)
    read = samples(tiers)
    assert (read["eqho_refresh_failures_total",], read["eqho_status", "degraded"]) == (1, 1)


def test_before_the_first_build_there_is_no_age(tiers: Tiers) -> None:
    read = samples(tiers)
    assert read["eqho_status", "starting"] == 1
    assert ("eqho_data_age_seconds",) not in read


def test_the_tokens_rule_is_the_apis(tiers: Tiers) -> None:
    assert caller(tiers, "secret").get("/metrics").status_code == 401
    assert caller(tiers, "secret").get("/metrics", headers={"Authorization": "Bearer secret"}).is_success
