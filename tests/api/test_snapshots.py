"""History as it was shown: `basis=snapshot`."""

from collections.abc import Callable
from typing import Any

from eqho.store.embedded import EmbeddedStore
from tests.api.conftest import Client
from tests.tiers.rig import settle

Get = Callable[..., Any]


def test_points_are_frozen_months_and_the_running_one(get: Get, store: EmbeddedStore) -> None:
    get("metrics/towpilot")
    settle(lambda: len(list(store.frozen_months("towpilot", "eqho"))) == 2)
    assert get("history/towpilot", basis="snapshot", metrics="mrr,customers,arpa") == {
        "points": [
            {"date": "2026-09-30", "mrr": 100.0, "customers": 1, "arpa": 100.0, "open": False},
            {"date": "2026-10-31", "mrr": 500.0, "customers": 2, "arpa": 250.0, "open": False},
            {"date": "2026-11-30", "mrr": 400.0, "customers": 2, "arpa": 200.0, "open": True},
        ]
    }


def test_what_was_shown_stays_when_the_ledger_is_the_default(get: Get) -> None:
    assert get("history/towpilot", basis="ledger") == get("history/towpilot")


def test_a_basis_nobody_knows_is_400(client: Client) -> None:
    answer = client().get("/api/v1/history/towpilot", params={"basis": "memory"})
    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "basis is one of ledger, snapshot, not “memory”."},
    )
