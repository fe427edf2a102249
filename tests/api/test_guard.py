"""Who may call: this machine, or whoever has the token; never another site's page."""

import pytest

from tests.api.conftest import Client

TOKEN = "secret-token"
ONLY_HERE = "Set EQHO_API_TOKEN and send it as a bearer token: without it only this machine may ask."
SEND_TOKEN = "Send the header “Authorization: Bearer <EQHO_API_TOKEN>”."
OTHER_SITE = "This API is not called from other sites' pages; call it from a program."
PATH = "/api/v1/cache/stats"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["http://127.0.0.1:8501", "http://localhost:8501", "http://[::1]:8501"])
def test_without_a_token_this_machine_may_ask(client: Client, address: str, host: str) -> None:
    assert client(address=address, host=host).get(PATH).status_code == 200


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.5", "::ffff:10.0.0.5", "fe80::1", "testclient"])
def test_without_a_token_nobody_else_may(client: Client, address: str) -> None:
    answer = client(address=address).get(PATH)
    assert (answer.status_code, answer.json()) == (401, {"detail": ONLY_HERE})


@pytest.mark.parametrize(
    "host", ["evil.example", "metrics.example.com:8501", "127.0.0.1.evil.example", "[oops", ""]
)
def test_a_name_that_points_here_is_not_this_machine(client: Client, host: str) -> None:
    """DNS rebinding: the browser is local, the page is not."""
    answer = client().get(PATH, headers={"Host": host})
    assert (answer.status_code, answer.json()) == (401, {"detail": ONLY_HERE})


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[oops"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("token", [None, TOKEN])
def test_no_call_from_another_sites_page(
    client: Client, method: str, headers: dict[str, str], token: str | None
) -> None:
    authorization = {"Authorization": f"Bearer {TOKEN}"} if token else {}
    path = PATH if method == "GET" else "/api/v1/cache/clear"
    answer = client(token).request(method, path, headers=headers | authorization)
    assert (answer.status_code, answer.json()) == (403, {"detail": OTHER_SITE})


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://127.0.0.1:8501"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
)
def test_the_dashboards_own_pages_may(client: Client, headers: dict[str, str]) -> None:
    assert client().get(PATH, headers=headers).status_code == 200


def test_with_the_token_from_anywhere(client: Client) -> None:
    far = client(TOKEN, address="203.0.113.9", host="https://metrics.example.com")
    assert far.get(PATH, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert far.get(PATH, headers={"Authorization": f"bearer  {TOKEN} "}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer ü".encode("latin-1")},
    ],
)
def test_with_a_token_set_even_this_machine_needs_it(client: Client, headers: dict[str, str | bytes]) -> None:
    answer = client(TOKEN).get(PATH, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()) == (401, {"detail": SEND_TOKEN})
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["metrics/towpilot", "docs", "openapi.json", "no/such/path"])
def test_nothing_is_told_to_who_may_not_ask(client: Client, path: str) -> None:
    assert client(TOKEN).get(f"/api/v1/{path}").status_code == 401
