"""MongoDB away when the dashboard starts for the first time: figures all the same, from the source."""

from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from eqho.stripe_simulator.account import StripeAccount
from tests.acceptance.conftest import Run, of_stripe
from tests.acceptance.dashboard import KEY, Dashboard, free_port
from tests.acceptance.test_tiers_from_outside import becomes, fourth_customer, shown, told
from tests.services.mongod import Mongod
from tests.services.plain_account import plain_account
from tests.services.stripe_server import stripe_server


def test_mongodb_comes_later(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, own_mongod: Mongod
) -> None:
    account: StripeAccount = plain_account(3)
    own_mongod.kill()
    with stripe_server(account, KEY) as stripe:
        settings = of_stripe(stripe) | {"MONGODB_URL": own_mongod.url}
        with Dashboard(tmp_path, **settings) as dashboard:
            becomes(300.0, lambda: told(dashboard)[0])
            away = (
                f"MongoDB at 127.0.0.1:{own_mongod.port} does not answer: start it, or check MONGODB_URL and "
                "the network."
            )
            status, health = dashboard.health()
            assert (status, health["status"], health["reason"]) == (200, "degraded", away)
            fourth_customer(account)
            assert dashboard.refresh().json()["revenue_metrics"]["mrr"] == 400.0
            dashboard.restart()
            assert told(dashboard)[0] == 400.0
            assert (tmp_path / "data" / "stand-in.db").exists()

            own_mongod.start()
            becomes("healthy", lambda: dashboard.health()[1]["status"])
            becomes(False, (tmp_path / "data" / "stand-in.db").exists)
            client: MongoClient[dict[str, Any]] = MongoClient(own_mongod.url)
            with client:
                assert shown(client["eqho_metrics"])[:2] == [300.0, 400.0]
            assert dashboard.refresh().json()["revenue_metrics"]["mrr"] == 400.0
            with Dashboard(tmp_path_factory.mktemp("another"), **settings) as another:
                assert told(another) == (400.0, "L2", False)


def test_a_server_that_is_never_there(run: Run, tmp_path: Path) -> None:
    port = free_port()
    with stripe_server(plain_account(3), KEY) as stripe:
        dashboard = run(**of_stripe(stripe), MONGODB_URL=f"mongodb://127.0.0.1:{port}")
        becomes(300.0, lambda: told(dashboard)[0])
        stripe.stop()
        assert told(dashboard, "all-products")[0] == 300.0
        assert dashboard.get("spend") == []
        answer = dashboard.ask("PUT", "/api/v1/spend")
        assert answer.status_code in {400, 503}
