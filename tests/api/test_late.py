"""What is made when somebody asks for it answers as if it had been there from the start."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from eqho.api.late import Late, LateRunning


def test_it_is_made_once_and_not_before_somebody_asks() -> None:
    made = []

    def create() -> PlainTextResponse:
        made.append(1)
        return PlainTextResponse("here")

    late = Late(create)
    with TestClient(Starlette(routes=[Route("/late", late)])) as client:
        assert made == []
        assert [client.get("/late").text for _ in range(3)] == ["here"] * 3
    assert made == [1]


class Endpoint:
    def __init__(self) -> None:
        self.state = "made"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(self.state)(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.state = "running"
        try:
            yield
        finally:
            self.state = "ended"


def test_what_has_to_run_runs_when_it_answers_and_ends_with_the_server() -> None:
    endpoint = Endpoint()
    late = LateRunning(lambda: endpoint)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with late.running():
            yield

    with TestClient(Starlette(routes=[Route("/late", late)], lifespan=lifespan)) as client:
        assert endpoint.state == "made"
        assert client.get("/late").text == "running"
        assert client.get("/late").text == "running"
    assert endpoint.state == "ended"


def test_a_server_that_nobody_asked_ends_all_the_same() -> None:
    endpoint = Endpoint()
    late = LateRunning(lambda: endpoint)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with late.running():
            yield

    with TestClient(Starlette(lifespan=lifespan)):
        pass
    assert endpoint.state == "made"
