"""One dashboard of the hostile company, with every secret planted, on a MongoDB that asks for a password."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from pymongo import MongoClient

from eqho.inputs.annotations import Annotations
from eqho.store.mongo import MongoStore
from eqho.tiers.saved_views import MOST, SavedViews
from tests.acceptance.dashboard import Dashboard
from tests.hostile import secrets
from tests.hostile.company import hostile_company
from tests.hostile.names import NAMES
from tests.services.mongod import Mongod
from tests.services.sinks import http_sink
from tests.services.stripe_server import StripeServer, stripe_server
from tests.tiers.rig import LINES

LOG = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w.]+ .*"
"""A line of the log as we write it."""


def _entered(url: str) -> None:
    """What people name on pages: annotations and saved views."""
    store = MongoStore(url, "eqho_metrics")
    annotations, views = Annotations(store, LINES), SavedViews(store, "stripe-live")
    for number, name in enumerate(NAMES):
        annotations.add(f"2026-{1 + number % 10:02}-15", name[:120], "all-products")
        if number < MOST // 2:
            views.save(f"{number} {name}"[:60], "towpilot", f"policy=stripe&n={number}")
    store.close()


class Hostile(NamedTuple):
    dashboard: Dashboard
    stripe: StripeServer
    mongod: Mongod
    client: httpx.Client
    """With the token of the API."""


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("hostile")
    mongod = Mongod(tmp_path_factory.mktemp("hostile-mongod"), "--auth").start()
    first: MongoClient[dict[str, Any]] = MongoClient(mongod.url)
    with first:
        first.admin.command("createUser", "eqho", pwd=secrets.MONGO_PASSWORD, roles=["root"])
    try:
        with (
            stripe_server(hostile_company(), secrets.STRIPE_KEY) as stripe,
            http_sink() as sink,
            Dashboard(
                folder,
                **secrets.SETTINGS,
                EQHO_SOURCE="stripe",
                EQHO_CURRENCY="usd",
                STRIPE_API_BASE=stripe.url,
                MONGODB_URL=f"mongodb://eqho:{secrets.MONGO_PASSWORD}@127.0.0.1:{mongod.port}/?authSource=admin",
                EQHO_ALERTS=f"amounts=json://me:{secrets.ALERTS_PASSWORD}@127.0.0.1:{sink.port}/hook",
            ) as dashboard,
            httpx.Client(
                base_url=dashboard.url,
                headers={"Authorization": f"Bearer {secrets.API_TOKEN}"},
                timeout=90,
            ) as client,
        ):
            assert client.get("/api/v1/metrics/towpilot").status_code == 200
            _entered(f"mongodb://eqho:{secrets.MONGO_PASSWORD}@127.0.0.1:{mongod.port}/?authSource=admin")
            yield Hostile(dashboard, stripe, mongod, client)
    finally:
        mongod.stop()
