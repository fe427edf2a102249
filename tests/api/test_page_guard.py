"""Under which names the server answers, and what every answer carries."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from eqho.api.page_guard import PageGuard

PUBLIC = "https://metrics.eqho.example"


def client(host: str, *, public_url: str | None = None, address: str | None = "localhost") -> TestClient:
    async def websocket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("figures")
        await socket.close()

    app = Starlette(
        routes=[Route("/", lambda _: PlainTextResponse("figures")), WebSocketRoute("/ws", websocket)],
        middleware=[Middleware(PageGuard, public_url=public_url, address=address)],
    )
    return TestClient(app, base_url=f"http://{host}")


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1", "[::1]:8501"])
def test_this_machine_is_answered(host: str) -> None:
    assert client(host).get("/").text == "figures"


@pytest.mark.parametrize("host", ["rebound.example", "127.0.0.1.rebound.example"])
def test_a_foreign_name_for_this_machine_gets_a_sentence_and_no_figure(host: str) -> None:
    answer = client(host).get("/")
    assert (answer.status_code, "EQHO_PUBLIC_URL" in answer.text) == (403, True)
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client(host).websocket_connect("/ws", headers={"host": host}),
    ):
        pass
    assert refused.value.code == 1008


def test_the_api_is_left_to_its_own_guard() -> None:
    assert client("metrics.eqho.example").get("/api/v1/stripe/webhook").status_code == 404


def test_the_public_name_is_answered_and_no_other() -> None:
    assert client("metrics.eqho.example", public_url=PUBLIC).get("/").status_code == 200
    assert client("other.example", public_url=PUBLIC, address="0.0.0.0").get("/").status_code == 403


def test_a_server_for_everybody_without_a_public_name_answers_under_any() -> None:
    assert client("10.0.0.7:8501", address="0.0.0.0").get("/").status_code == 200


def test_no_other_site_frames_or_guesses_what_it_is() -> None:
    headers = client("localhost").get("/").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


def test_a_path_with_control_characters_is_nowhere() -> None:
    answer = client("localhost").get("/api/v1/metrics/a%0Ab")
    assert (answer.status_code, answer.json()["detail"]) == (
        404, "There is nothing at a path with control characters.",
    )  # fmt: skip
