"""The store goes away under a process that holds the build in memory: every question is still answered."""

from datetime import date
from typing import Any

import pytest

from eqho.store.base import StoreUnavailable
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers, views
from eqho.tiers.question import AnyView
from tests.tiers.rig import SmallSource, mrr, replica


@pytest.fixture
def cut_off(store: EmbeddedStore, source: SmallSource, monkeypatch: pytest.MonkeyPatch) -> Tiers:
    """A replica that has adopted another's build and answered one question before the store went away."""
    replica(store, source).refresh(wait=True)
    tiers = replica(store, source)
    mrr(tiers)

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("MongoDB does not answer.")

    for name in dir(EmbeddedStore):
        if not name.startswith("_") and name not in {"backend", "close"}:
            monkeypatch.setattr(store, name, away)
    return tiers


def test_the_metrics_of_every_product(cut_off: Tiers) -> None:
    assert mrr(cut_off, "towpilot") == 300.0
    assert mrr(cut_off, "all-products") == 300.0
    assert mrr(cut_off, "fleetdesk") == 0.0


def test_another_day(cut_off: Tiers) -> None:
    found = cut_off.metrics("all-products", as_of=date(2026, 8, 31)).value
    assert found.revenue_metrics.mrr == 200.0


def test_another_policy(cut_off: Tiers) -> None:
    assert cut_off.metrics("all-products", policy="stripe").value.revenue_metrics.mrr == 300.0


@pytest.mark.parametrize(
    "view", [views.Movements(), views.History(), views.Customers(), views.Cohorts()], ids=lambda one: one.name
)
def test_the_other_views(cut_off: Tiers, view: AnyView[Any]) -> None:
    assert cut_off.view(view, "all-products").value


def test_movements_are_told_in_full(cut_off: Tiers) -> None:
    rows = cut_off.view(views.Movements(), "all-products").value.rows
    assert sum(row.new for row in rows) == 300.0
