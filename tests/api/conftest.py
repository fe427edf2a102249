"""The API as the dashboard mounts it, over a real store and a company of three customers.

Ann pays $100 since 10 September; Bob paid $400 from 5 October to 10 November; Cy pays $300 since 3 November.
It is 22 November 2026, noon.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from eqho.api.app import create_api
from eqho.api.health import health_answer
from eqho.store.embedded import EmbeddedStore
from eqho.stripe_simulator.account import StripeAccount
from eqho.tiers import Tiers
from tests.services.plain_account import NOW, price, product
from tests.services.plain_account import subscription as plain_subscription
from tests.tiers.rig import LINES, SmallSource, replica

Client = Callable[..., TestClient]
Get = Callable[..., Any]


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def subscribed(number: int, name: str, amount: int, since: str, until: str | None = None) -> dict[str, Any]:
    """Customer, price and subscription of one buyer, by kind."""
    start, end = at(since), until and at(until)
    sold = price(number, amount, start)
    bought = plain_subscription(number, start, status="canceled" if end else "active", ended_at=end)
    bought["canceled_at"] = end
    bought["items"]["data"][0]["price"] = sold
    who = {
        "id": f"cus_{number:06}", "object": "customer", "name": name, "email": f"{name.lower()}@example.com",
        "created": start, "metadata": {}, "discount": None, "livemode": False,
    }  # fmt: skip
    return {"price": sold, "customer": who, "subscription": bought}


@pytest.fixture
def source() -> SmallSource:
    account = StripeAccount(now=NOW)
    account.put("product", product(created=at("2026-09-01")))
    for objects in (
        subscribed(1, "Ann", 10_000, "2026-09-10"),
        subscribed(2, "Bob", 40_000, "2026-10-05", "2026-11-10"),
        subscribed(3, "Cy", 30_000, "2026-11-03"),
    ):
        for kind, body in objects.items():
            account.put(kind, body)
    return SmallSource(account)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "eqho.db")
    yield store
    store.close()


@pytest.fixture
def tiers(store: EmbeddedStore, source: SmallSource) -> Tiers:
    return replica(store, source)


@pytest.fixture
def client(tiers: Tiers) -> Client:
    """A caller: by default a program on the server's own machine, with no token set."""

    def health(_: Request) -> Response:
        return health_answer(tiers)

    def make(
        token: str | None = None, address: str = "127.0.0.1", host: str = "http://127.0.0.1:8501"
    ) -> TestClient:
        api = Mount("/api/v1", app=create_api(tiers, LINES, token))
        app = Starlette(routes=[Route("/health", health), api])
        return TestClient(app, base_url=host, client=(address, 50_000), raise_server_exceptions=False)

    return make


@pytest.fixture
def get(client: Client) -> Callable[..., Any]:
    """The JSON of `GET /api/v1/<path>`, which must succeed."""
    caller = client()

    def fetch(path: str, **query: Any) -> Any:
        answer = caller.get(f"/api/v1/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return fetch
