"""Supabase stands in for a Stripe that refuses its key, and says so; for no other trouble of Stripe's."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eqho.application import Application
from eqho.errors import RefreshFailed
from eqho.settings import Settings
from tests.services import plain_account
from tests.services.mongod import free_port
from tests.services.plain_account import DAY, NOW
from tests.services.stripe_server import KEY, StripeServer, stripe_server
from tests.services.supabase_project import OpenProject, key
from tests.services.supabase_tables import managed_tables, put
from tests.tiers.rig import LINES

Start = Callable[..., Application]
# Two customers, where Stripe has three.
TABLES = (
    managed_tables()
    + put("product", [plain_account.product()])
    + put("price", [plain_account.price()])
    + put("subscription", [plain_account.subscription(number, NOW - 40 * DAY) for number in (1, 2)])
)
REFUSED = (
    "Stripe refuses the key ending in 1234: set STRIPE_SECRET_KEY to a valid restricted key (rk_…) of your "
    "account."
)
STANDS_IN = " Until the dashboard starts with a key that works, Supabase stands in for Stripe."


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    with stripe_server(plain_account.plain_account(3)) as server:
        yield server


@pytest.fixture
def start(stripe: StripeServer, project: OpenProject, tmp_path: Path) -> Iterator[Start]:
    """A dashboard with both sources set, on one folder: one after the other."""
    supabase = project(TABLES)
    running: list[Application] = []

    def begin(**settings: str) -> Application:
        for earlier in running:
            earlier.stop()
        running.clear()
        common = {
            "STRIPE_API_BASE": stripe.url, "STRIPE_SECRET_KEY": KEY,
            "SUPABASE_URL": supabase.url, "SUPABASE_KEY": key(),
            "EQHO_DATA_DIR": str(tmp_path / "data"), "EQHO_NOW": "2026-11-22T12:00:00Z",
        }  # fmt: skip
        running.append(Application(Settings(**common | settings), LINES))  # type: ignore[arg-type]
        return running[-1]

    yield begin
    for app in running:
        app.stop()


def shown(app: Application) -> tuple[float, str]:
    app.tiers.refresh(wait=True)
    served = app.tiers.metrics("all-products")
    return served.value.revenue_metrics.mrr, served.provenance.source


def fallen_back(app: Application) -> list[str]:
    told = [i.message for i in app.tiers.metrics("all-products").value.issues if i.code == "fell_back"]
    assert told == [i.message for i in app.tiers.issues() if i.code == "fell_back"]
    return told


def test_with_a_key_that_works_stripe_is_read(start: Start) -> None:
    app = start()
    assert shown(app) == (300.0, "stripe")
    assert fallen_back(app) == []


def test_a_refused_key_brings_supabase_in_until_it_is_mended(start: Start) -> None:
    app = start(STRIPE_SECRET_KEY="rk_test_revoked_1234")
    assert shown(app) == (200.0, "supabase")
    assert fallen_back(app) == [REFUSED + STANDS_IN]
    assert app.tiers.health()["source"] == "supabase"
    mended = start()
    assert shown(mended) == (300.0, "stripe")
    assert fallen_back(mended) == []


def test_a_key_that_may_not_read_subscriptions_does_too(start: Start, stripe: StripeServer) -> None:
    stripe.denied = {"subscription"}
    app = start()
    assert shown(app) == (200.0, "supabase")
    (said,) = fallen_back(app)
    assert said.startswith("Stripe does not let the key ending in _key read Subscriptions:")
    assert said.endswith(STANDS_IN)


def test_a_key_that_is_refused_later_leaves_the_last_build_of_stripe_on_screen(
    start: Start, stripe: StripeServer
) -> None:
    app = start()
    assert shown(app) == (300.0, "stripe")
    stripe.key = "rk_test_another"
    with pytest.raises(RefreshFailed, match="Stripe refuses the key"):
        app.tiers.refresh(wait=True)
    served = app.tiers.metrics("all-products")
    assert served.value.revenue_metrics.mrr == 300.0
    assert (served.provenance.source, served.provenance.stale) == ("stripe", True)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"EQHO_SOURCE": "stripe", "STRIPE_SECRET_KEY": "rk_test_revoked_1234"}, "^Stripe refuses the key"),
        ({"STRIPE_API_BASE": f"http://127.0.0.1:{free_port()}"}, "does not answer"),
    ],
    ids=["chosen", "away"],
)
def test_nothing_stands_in_for_a_stripe_that_was_chosen_or_that_is_away(
    start: Start, settings: dict[str, str], said: str
) -> None:
    app = start(**settings)
    assert app.source.name == "stripe"
    with pytest.raises(RefreshFailed, match=said):
        app.tiers.refresh(wait=True)
