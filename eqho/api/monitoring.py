"""`/metrics` for Prometheus: the tiers, the refresh and the age of the data. No figure of the business."""

from collections.abc import Iterator

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector, CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import request_response
from starlette.types import ASGIApp

from eqho.api.guard import Guard
from eqho.tiers import Tiers

_CACHE_TIERS = {"L1": "l1", "L2": "l2"}
_PERCENTILES = {"0.5": "p50_ms", "0.95": "p95_ms", "0.99": "p99_ms"}
_STATES = ("healthy", "degraded", "starting")


def create_monitoring(tiers: Tiers, token: str | None) -> ASGIApp:
    """The endpoint of the route `/metrics`, under the API's rules of who may ask."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(TiersCollector(tiers))

    def metrics(_: Request) -> Response:
        headers = {"Cache-Control": "no-store"}
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4, headers=headers)

    return Guard(request_response(metrics), token)


class TiersCollector(Collector):
    """Reads the statistics when it is asked: what it says equals `/api/v1/cache/stats` of that moment."""

    def __init__(self, tiers: Tiers) -> None:
        self._tiers = tiers

    def collect(self) -> Iterator[Metric]:
        yield from self._look_ups()
        yield from self._refreshes()
        yield from self._health()

    def _look_ups(self) -> Iterator[Metric]:
        statistics = self._tiers.statistics()
        hits = CounterMetricFamily("eqho_cache_hits", "Look-ups that a tier answered", labels=["tier"])
        misses = CounterMetricFamily("eqho_cache_misses", "Look-ups that a tier passed on", labels=["tier"])
        latency = GaugeMetricFamily(
            "eqho_cache_latency_seconds",
            "Percentiles of the last 1,000 look-ups of a tier",
            labels=["tier", "quantile"],
        )
        for tier, key in _CACHE_TIERS.items():
            told = statistics[key]
            hits.add_metric([tier], told["hits"])
            misses.add_metric([tier], told["misses"])
            for quantile, name in _PERCENTILES.items():
                if told[name] is not None:
                    latency.add_metric([tier, quantile], told[name] / 1000)
        yield from (hits, misses, latency)
        entries = statistics["l1"]["entries"]
        yield GaugeMetricFamily("eqho_cache_entries", "What memory holds of the current build", value=entries)
        yield GaugeMetricFamily("eqho_build", "Number of the published build", value=statistics["generation"])

    def _refreshes(self) -> Iterator[Metric]:
        told = self._tiers.statistics()["l3"]
        yield CounterMetricFamily("eqho_refreshes", "Refreshes that published", value=told["refreshes"])
        yield CounterMetricFamily("eqho_refresh_failures", "Refreshes that failed", value=told["failures"])
        yield CounterMetricFamily(
            "eqho_source_requests", "Requests sent to the source", value=told["source_requests"]
        )
        yield GaugeMetricFamily(
            "eqho_refresh_running", "1 while this process refreshes", value=int(told["running"])
        )
        if told["last_duration_s"] is not None:
            yield GaugeMetricFamily(
                "eqho_refresh_duration_seconds", "How long the last one took", value=told["last_duration_s"]
            )

    def _health(self) -> Iterator[Metric]:
        health = self._tiers.health()
        status = GaugeMetricFamily("eqho_status", "1 for the state the dashboard is in", labels=["status"])
        for state in _STATES:
            status.add_metric([state], int(health["status"] == state))
        yield status
        outage = self._tiers.outage()
        yield GaugeMetricFamily(
            "eqho_store_reachable", "0 while the store cannot be reached", value=int(outage is None)
        )
        if (age := self._tiers.age()) is not None:
            yield GaugeMetricFamily("eqho_data_age_seconds", "Age of the figures", value=age)
