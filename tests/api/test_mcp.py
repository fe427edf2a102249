"""`/mcp`: what an assistant gets over HTTP equals the API's answers, and strangers get nothing."""

import asyncio
import os
import random
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
from mcp.client import Client
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from eqho.api.mcp import McpEndpoint
from eqho.metrics.definitions import METRICS
from eqho.tiers import Tiers, views
from eqho.tiers.question import View
from tests.acceptance.dashboard import free_port
from tests.tiers.rig import LINES

TOOLS = {
    "metrics", "history", "movements", "movement_customers", "cohorts", "customers", "customer_timeline",
    "bridge_to_stripe", "unit_economics", "cash", "what_changed", "explain_change", "forecast", "definitions",
}  # fmt: skip


@pytest.fixture
def url(tiers: Tiers) -> Iterator[str]:
    tiers.refresh(wait=True)
    yield from _served(tiers, None)


def _served(tiers: Tiers, token: str | None) -> Iterator[str]:
    endpoint = McpEndpoint(tiers, LINES, token)

    @asynccontextmanager
    async def lifespan(_: object) -> Any:
        async with endpoint.running():
            yield

    port = free_port()
    app = Starlette(routes=[Route("/mcp", endpoint)], lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/mcp"
    server.should_exit = True
    thread.join(10)


def call(url: str, tool: str, **arguments: Any) -> Any:
    async def ask() -> Any:
        async with Client(url) as client:
            return await client.call_tool(tool, arguments)

    return finished(ask())


def finished(asking: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: the browser tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asking).result()


def test_every_tool_is_listed_as_read_only(url: str) -> None:
    async def ask() -> Any:
        async with Client(url) as client:
            return await client.list_tools()

    tools = finished(ask()).tools
    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)


def test_numbers_are_those_of_the_tiers_with_what_they_stand_for(url: str, tiers: Tiers) -> None:
    answer = call(url, "metrics", product="all-products").structured_content
    document = tiers.metrics("all-products").value
    assert answer["data"]["revenue_metrics"]["mrr"] == document.revenue_metrics.mrr == 400.0
    assert (answer["currency"], answer["policy"], answer["stale"]) == ("USD", "eqho", False)
    assert answer["as_of"] == document.as_of
    assert set(answer["definitions"]) == set(METRICS)


@pytest.mark.parametrize(
    ("tool", "view", "arguments"),
    [
        ("movements", views.Movements(), {}),
        ("cohorts", views.Cohorts("mrr"), {"measure": "mrr"}),
        ("movement_customers", views.MovementCustomers("2026-11"), {"period": "2026-11"}),
        ("bridge_to_stripe", views.Bridge(), {}),
        (
            "explain_change",
            views.Explain(date(2026, 10, 31), date(2026, 11, 22)),
            {"start": "2026-10-31", "end": "2026-11-22"},
        ),
    ],
)
def test_views_equal_the_tiers(
    url: str, tiers: Tiers, tool: str, view: View[Any], arguments: dict[str, str]
) -> None:
    answer = call(url, tool, product="all-products", **arguments).structured_content
    assert answer["data"] == msgspec.to_builtins(tiers.view(view, "all-products").value)


@pytest.mark.parametrize(
    ("tool", "path", "arguments"),
    [
        ("metrics", "metrics", {"as_of": "2026-10-31", "policy": "stripe"}),
        ("movements", "movements", {"interval": "quarter"}),
        ("cohorts", "cohorts", {"measure": "customers"}),
        ("unit_economics", "unit-economics", {}),
        ("cash", "cash", {}),
        ("what_changed", "changes", {"days": 20}),
        ("forecast", "forecast", {"months": 6}),
        ("bridge_to_stripe", "bridge", {}),
    ],
)
def test_answers_equal_the_apis(
    url: str, client: Callable[..., TestClient], tool: str, path: str, arguments: dict[str, Any]
) -> None:
    told = client().get(f"/api/v1/{path}/towpilot", params=arguments).json()
    told.pop("provenance", None)
    answer = call(url, tool, product="towpilot", **arguments).structured_content
    assert answer["data"] == told
    assert answer["definitions"]
    assert set(answer["definitions"]) <= set(METRICS)


def test_made_up_arguments_give_sentences(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """EQHO_SEEDS calls of each tool."""
    rng = random.Random(20)
    texts = (
        "all-products",
        "towpilot",
        "",
        "cus_000001",
        "2026-10",
        "2026-10-31",
        "9999-99",
        "\x00",
        "🚚" * 99,
    )
    words, numbers = ("mrr", "churn", "month", "stripe"), (-1, 10**30, 0.5, 3, True)
    made_up = (*texts, *words, *numbers, None, [], ["mrr"], ["mrr", None], {"a": {}})

    async def ask() -> list[tuple[str, Any]]:
        async with Client(url) as client:
            tools = (await client.list_tools()).tools
            answers = []
            for tool in tools:
                names = [*tool.input_schema.get("properties", {}), "unknown"]
                for _ in range(int(os.environ.get("EQHO_SEEDS", "6"))):
                    chosen = {name: rng.choice(made_up) for name in names if rng.random() < 0.7}
                    answers.append((tool.name, await client.call_tool(tool.name, chosen)))
            return answers

    answers = finished(ask())
    refused = [(tool, answer) for tool, answer in answers if answer.is_error]
    print(f"{len(answers)} calls, {len(refused)} refused")
    assert {tool for tool, _ in answers} == TOOLS
    assert refused
    for tool, answer in refused:
        text = answer.content[0].text
        assert "Traceback" not in text, tool
        assert "line " not in text, tool
    assert "Traceback" not in caplog.text


def test_history_gives_the_series_asked_for(url: str) -> None:
    answer = call(url, "history", product="all-products", metrics=["mrr"]).structured_content
    assert answer["data"]["points"][-1]["mrr"] == 400.0
    assert list(answer["definitions"]) == ["mrr"]


def test_one_customer_and_a_page_of_them(url: str) -> None:
    page = call(url, "customers", product="all-products", limit=1, offset=1).structured_content["data"]
    assert (page["total"], len(page["rows"])) == (3, 1)
    customer = page["rows"][0]["customer"]
    timeline = call(url, "customer_timeline", product="all-products", customer=customer).structured_content
    assert timeline["data"]["spans"][0]["evidence"]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("metrics", {"product": "nonsense"}, "nonsense"),
        ("metrics", {"product": "all-products", "as_of": "soon"}, "as_of is a day like"),
        ("movement_customers", {"product": "all-products", "period": "13"}, "period is like"),
        ("customer_timeline", {"product": "all-products", "customer": "cus_none"}, "no customer"),
        ("history", {"product": "all-products", "metrics": ["love"]}, "no series"),
        ("customers", {"product": "all-products", "limit": -1}, "limit"),
    ],
)
def test_a_wrong_argument_is_a_sentence_and_no_stack_trace(
    url: str, tool: str, arguments: dict[str, Any], said: str
) -> None:
    answer = call(url, tool, **arguments)
    text = answer.content[0].text
    assert answer.is_error
    assert said in text
    assert "Traceback" not in text


def test_strangers_get_nothing(tiers: Tiers) -> None:
    tiers.refresh(wait=True)
    for url in _served(tiers, "secret"):
        hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        sent = {"Accept": "application/json, text/event-stream"}
        given = {"no token": {}, "wrong token": {"Authorization": "Bearer wrong"}}
        for headers in given.values():
            assert httpx.post(url, json=hello, headers=sent | headers).status_code == 401
        foreign = {"Authorization": "Bearer secret", "Origin": "https://evil.example"}
        assert httpx.post(url, json=hello, headers=sent | foreign).status_code == 403
