"""Nothing that a program can ask for tells a secret or hands on what acts: API, MCP, monitoring, log.

Routes come from the OpenAPI document, tools from the MCP server: a new one is swept by itself.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.acceptance.test_tiers_from_outside import becomes
from tests.hostile import secrets
from tests.hostile.calls import Call, calls, value_of
from tests.hostile.conftest import LOG, Hostile
from tests.hostile.judged import acts, texts_of, wrong_with
from tests.hostile.names import MARK, NAMES
from tests.services.session import session

BESIDE_THE_API = (
    "/health",
    "/metrics",
    "/mcp",
    "/nowhere",
    "/api/v1/nowhere",
    "/api/v1/docs",
    "/_stcore/health",
)
HOSTILE_ARGUMENTS = tuple(name for name in NAMES if len(name) < 200)


def described(hostile: Hostile) -> list[Call]:
    found = list(calls(hostile.client.get("/api/v1/openapi.json").json()))
    assert len(found) > 20
    return found


def called(hostile: Hostile, call: Call) -> httpx.Response:
    body: dict[str, Any] = dict(call.body)
    headers = {"Accept": call.accept, **body.pop("headers", {})}
    return hostile.client.request(
        call.verb, f"/api/v1{call.path}", params=call.query, headers=headers, **body
    )


def test_every_route_in_every_kind_of_answer(hostile: Hostile) -> None:
    seen = ""
    for call in described(hostile):
        answer = called(hostile, call)
        assert answer.status_code in {200, 202}, f"{call.verb} {call.path}: {answer.text[:300]}"
        assert wrong_with(answer.headers["content-type"], answer.content) == [], call.path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store", call.path
        seen += answer.text if "json" in answer.headers["content-type"] else ""
    # The names are there, as they are: it was not for want of them.
    assert json.dumps(f"<script>window.owned=1</script>{MARK}") in seen
    assert f"שלום {MARK} 123" in seen.encode().decode("unicode_escape", "ignore") or f"שלום {MARK}" in seen


def test_hostile_arguments_get_a_sentence(hostile: Hostile) -> None:
    refused = 0
    for number, call in enumerate(described(hostile)):
        name = HOSTILE_ARGUMENTS[number % len(HOSTILE_ARGUMENTS)]
        asked = hostile.client.build_request(
            call.verb, f"/api/v1{call.path}", params={**dict.fromkeys(call.query, name), "policy": name},
            headers={"Accept": call.accept},
        )  # fmt: skip
        answer = hostile.client.send(asked)
        assert answer.status_code < 500, (call.path, answer.text)
        assert b"Traceback" not in answer.content
        assert secrets.told(answer.content) == []
        refused += answer.status_code in {400, 404}
    for name in HOSTILE_ARGUMENTS:
        answer = hostile.client.get(f"/api/v1/metrics/{quote(name, safe='')}")
        assert answer.status_code in {400, 404}
        assert wrong_with(answer.headers["content-type"], answer.content) == [], name
    assert refused > 20


@pytest.mark.parametrize("path", BESIDE_THE_API)
def test_what_stands_beside_the_api(hostile: Hostile, path: str) -> None:
    verb = "POST" if path == "/mcp" else "GET"
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = hostile.client.request(verb, path, headers=headers)
        assert answer.status_code < 500
        assert wrong_with(answer.headers.get("content-type", "text/plain"), answer.content) == []
        assert MARK not in answer.text


def rpc(hostile: Hostile, method: str, **parameters: Any) -> Any:
    answer = hostile.client.post(
        "/mcp",
        json={"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters},
        headers={"Accept": "application/json, text/event-stream"},
    )
    assert wrong_with(answer.headers["content-type"], answer.content) == []
    return answer.json()


def test_every_tool_of_an_assistant(hostile: Hostile) -> None:
    tools = rpc(hostile, "tools/list")["result"]["tools"]
    seen = []
    for tool in tools:
        schema = tool["inputSchema"]
        arguments = {name: value_of(name, schema["properties"][name]) for name in schema.get("required", [])}
        answer = rpc(hostile, "tools/call", name=tool["name"], arguments=arguments)
        assert not answer["result"].get("isError"), (tool["name"], answer)
        seen += texts_of(answer["result"].get("structuredContent"))
        for name in HOSTILE_ARGUMENTS[:4]:
            given = dict.fromkeys(schema["properties"], name)
            assert "Traceback" not in json.dumps(
                rpc(hostile, "tools/call", name=tool["name"], arguments=given)
            )
    assert len(tools) > 10
    assert any(MARK in text for text in seen)


@contextmanager
def everything_away(hostile: Hostile) -> Iterator[None]:
    """Stripe refuses the key, MongoDB is down: the sentences that hold addresses and keys are told."""
    hostile.mongod.kill()
    hostile.stripe.faults.plan("401", times=1_000_000)
    becomes("degraded", lambda: hostile.client.get("/health").json()["status"])
    try:
        yield
    finally:
        hostile.stripe.faults.clear()
        hostile.mongod.start()
        becomes(True, lambda: hostile.client.get("/api/v1/cache/stats").json()["l2"]["enabled"])


def test_while_everything_fails_no_sentence_tells_a_secret(hostile: Hostile) -> None:
    told = []
    with everything_away(hostile):
        for call in described(hostile):
            answer = called(hostile, call)
            assert wrong_with(answer.headers["content-type"], answer.content) == [], call.path
            assert "Traceback" not in answer.text
            told.append(answer.status_code)
        assert wrong_with("application/json", hostile.client.get("/health").content) == []
        with session(hostile.dashboard.url) as window:
            for page in ("", "data", "alerts"):
                assert [secrets.told(one) for one in window.look(page) if secrets.told(one)] == []
    assert {200, 503} <= set(told)


def test_the_log_tells_no_secret_and_no_line_of_it_is_forged(hostile: Hostile) -> None:
    """After all of the above, in this file's order."""
    log = hostile.dashboard.log
    assert secrets.told(log) == []
    assert acts(log) == []
    assert "eqho.forged" not in log
    ours = [line for line in log.splitlines() if re.fullmatch(LOG, line)]
    assert len(ours) > 20
    assert "Traceback" not in log
