"""Another account on the same data begins with nothing, at once, on every store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eqho.errors import NoBuild, RefreshFailed
from eqho.sources.stripe.retries import RetryPolicy
from eqho.sources.stripe.source import StripeSource
from eqho.store import open_store
from eqho.store.base import Store
from eqho.tiers import Tiers, service
from eqho.tiers.recorded_views import Restatements, ShownHistory
from tests.services.plain_account import plain_account
from tests.services.stripe_server import StripeServer, stripe_server
from tests.tiers.rig import mrr, replica, settle

FIRST_KEY, SECOND_KEY = "rk_test_51TheFirstCompanyAAAA", "rk_test_51TheSecondCompanyBBBB"


@pytest.fixture(params=["embedded", "mongodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url, database = None, ""
    if request.param == "mongodb":
        url, database = request.getfixturevalue("mongo_database")
    opened = open_store(url, database, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def first() -> Iterator[StripeServer]:
    """Three customers at $100."""
    with stripe_server(plain_account(3), FIRST_KEY) as server:
        server.account_id = "acct_first"
        yield server


@pytest.fixture
def second() -> Iterator[StripeServer]:
    """Seven customers at $100, under ids of their own."""
    account = plain_account(0)
    for kind in ("customer", "subscription"):
        for body in plain_account(7).every(kind, **({"status": "all"} if kind == "subscription" else {})):
            account.put(kind, _renamed(body))
    with stripe_server(account, SECOND_KEY) as server:
        server.account_id = "acct_second"
        yield server


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _renamed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner) for inner in value]
    ours = isinstance(value, str) and value.startswith(("cus_", "sub_", "si_"))
    return f"{value}_second" if ours else value


def process(store: Store, server: StripeServer, key: str | None = None) -> Tiers:
    """As after a restart with that key."""
    retries = RetryPolicy(shortest=0.01, longest=0.05, patience=0.5)
    source = StripeSource(key or server.key, server.url, rate=1_000.0, retries=retries)
    return replica(store, source)  # type: ignore[arg-type]


def refreshed(tiers: Tiers, store: Store) -> None:
    tiers.refresh(wait=True)
    settle(lambda: store.acquire_lease("refresh", "test", 0) is not None)


def origins(store: Store) -> set[str]:
    return {record["origin"] for record in store.frozen_months("all-products", "eqho")}


def test_the_first_companys_figures_are_not_served_for_a_moment(
    store: Store, first: StripeServer, second: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed(process(store, first), store)
    monkeypatch.setattr(service, "FIRST_BUILD_WAIT", 0.0)
    second.latency = 0.2
    restarted = process(store, second)
    with pytest.raises(NoBuild, match="The first sync is still running"):
        restarted.metrics("all-products")
    assert restarted.health()["status"] == "starting"
    assert restarted.issues() == ()
    settle(lambda: restarted.health()["status"] == "healthy")
    assert mrr(restarted, "all-products") == 700.0
    assert [issue.code for issue in restarted.issues()] == ["other_account"]


def test_none_of_its_frozen_months_are_left(store: Store, first: StripeServer, second: StripeServer) -> None:
    refreshed(process(store, first), store)
    assert origins(store) == {"stripe-test/acct_first"}
    restarted = process(store, second)
    refreshed(restarted, store)
    assert origins(store) == {"stripe-test/acct_first", "stripe-test/acct_second"}
    assert restarted.view(Restatements(), "all-products").value.rows == []
    points = restarted.view(ShownHistory(("mrr",)), "all-products").value.points
    assert points[-1].mrr == 700.0
    latest = store.latest_build()
    assert latest is not None
    assert latest.meta["origin"] == "stripe-test/acct_second"


def test_while_the_second_stripe_is_away_nothing_is_told(
    store: Store, first: StripeServer, second: StripeServer
) -> None:
    refreshed(process(store, first), store)
    second.down = True
    restarted = process(store, second)
    with pytest.raises(NoBuild, match="does not answer: check the network"):
        restarted.metrics("all-products")
    with pytest.raises(RefreshFailed):
        restarted.refresh(wait=True)
    with pytest.raises(NoBuild, match="does not answer: check the network"):
        restarted.view(ShownHistory(), "all-products")


def test_where_nothing_names_the_accounts_their_objects_tell_them_apart(
    store: Store, first: StripeServer, second: StripeServer
) -> None:
    for server in (first, second):
        server.faults.plan("404 html", "/v1/account", times=99)
    refreshed(process(store, first), store)
    restarted = process(store, second)
    assert mrr(restarted, "all-products") == 700.0
    settle(lambda: len(origins(store)) == 2)
    assert restarted.view(Restatements(), "all-products").value.rows == []


def test_the_first_company_finds_its_history_when_it_comes_back(
    store: Store, first: StripeServer, second: StripeServer
) -> None:
    refreshed(process(store, first), store)
    count = sum(1 for _ in store.frozen_months("all-products", "eqho"))
    refreshed(process(store, second), store)
    both = sum(1 for _ in store.frozen_months("all-products", "eqho"))
    assert both > count
    back = process(store, first)
    refreshed(back, store)
    assert mrr(back, "all-products") == 300.0
    assert sum(1 for _ in store.frozen_months("all-products", "eqho")) == both


def test_the_same_key_is_served_at_once_though_stripe_is_away(store: Store, first: StripeServer) -> None:
    refreshed(process(store, first), store)
    first.down = True
    first.clear_log()
    assert mrr(process(store, first), "all-products") == 300.0
    assert first.requests == []


def test_a_new_key_of_the_same_account_keeps_figures_and_frozen_months(
    store: Store, first: StripeServer
) -> None:
    refreshed(process(store, first), store)
    count = sum(1 for _ in store.frozen_months("all-products", "eqho"))
    first.key = "rk_test_51TheFirstCompanyRolled"
    restarted = process(store, first)
    refreshed(restarted, store)
    assert mrr(restarted, "all-products") == 300.0
    assert sum(1 for _ in store.frozen_months("all-products", "eqho")) == count
    assert restarted.issues() == ()
    # A process that still has the old key, and one that restarts with it, go on as well.
    assert mrr(process(store, first, FIRST_KEY), "all-products") == 300.0
