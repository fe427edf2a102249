"""Servers for the acceptance tests: Stripe's double over hand-written objects, MongoDB, the dashboard."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.dashboard import KEY, Dashboard
from tests.acceptance.known_company import known_company
from tests.services.stripe_server import StripeServer, stripe_server

Run = Callable[..., Dashboard]


def of_stripe(server: StripeServer) -> dict[str, str]:
    """The settings of a dashboard that reads this server."""
    return {"STRIPE_API_BASE": server.url, "STRIPE_SECRET_KEY": server.key}


@pytest.fixture(scope="session")
def known_stripe() -> Iterator[StripeServer]:
    """The company whose numbers are known; no test changes it."""
    with stripe_server(known_company().account, KEY) as server:
        yield server


@pytest.fixture(scope="session")
def known(
    known_stripe: StripeServer, mongod_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    """Its dashboard, with MongoDB."""
    folder = tmp_path_factory.mktemp("known")
    mongo = {"MONGODB_URL": mongod_url, "MONGODB_DATABASE": f"eqho_{folder.name}"}
    with Dashboard(folder, **of_stripe(known_stripe), **mongo) as dashboard:
        yield dashboard


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Start a dashboard of one's own with these settings; it is stopped after the test."""
    with ExitStack() as running:

        def start(**settings: str) -> Dashboard:
            dashboard = Dashboard(tmp_path, **settings)
            running.callback(dashboard.stop)
            return dashboard.start()

        yield start
