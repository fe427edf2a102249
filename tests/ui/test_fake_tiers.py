"""The made-up answers have the shape of the real ones: the same fields on the demo, view by view."""

from collections.abc import Iterator
from typing import Any

import pytest

from eqho.sources.demo import DemoSource
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers
from tests.services.plain_account import NOW
from tests.tiers.rig import replica
from tests.ui.fake_tiers import FakeTiers

MONTHS = {"start": "2026-06-01", "end": "2026-11-22", "interval": "month"}
ASKED: dict[str, dict[str, str]] = {
    "history": {**MONTHS, "metrics": "mrr,customers"},
    "movements": MONTHS,
    "movement_customers": {"period": "2026-10"},
    "customers": {},
    "cohorts": {"measure": "mrr"},
    "bridge": {},
    "changes": {"days": "7"},
    "explain": {"start": "2026-10-01", "end": "2026-11-20"},
    "forecast": {},
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiers]:
    store = EmbeddedStore(tmp_path_factory.mktemp("demo") / "eqho.db")
    yield replica(store, DemoSource(lambda: NOW))
    store.close()


def fields(answer: Any, where: str = "") -> set[str]:
    """Paths of all fields; items of a list are one place, and reasons are no fields."""
    if isinstance(answer, list):
        return set().union(*(fields(item, f"{where}[]") for item in answer))
    if not isinstance(answer, dict):
        return set()
    named = {name: value for name, value in answer.items() if name not in {"undefined", "issues"}}
    return set().union(
        {f"{where}.{name}" for name in named}, *(fields(v, f"{where}.{n}") for n, v in named.items())
    )


@pytest.mark.parametrize("product", ["all-products", "towpilot"])
def test_the_metrics_document(demo: Tiers, product: str) -> None:
    assert fields(FakeTiers().metrics(product).value) == fields(demo.metrics(product).value)


@pytest.mark.parametrize("view", ASKED)
def test_a_view(demo: Tiers, view: str) -> None:
    real = fields(demo.view(view, "all-products", **ASKED[view]).value)
    assert real
    assert fields(FakeTiers().view(view, "all-products", **ASKED[view]).value) == real
