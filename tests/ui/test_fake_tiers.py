"""The made-up answers have the shape of the real ones: the same fields on the demo, view by view."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest

from eqho.sources.demo import DemoSource
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import Tiers, views
from eqho.tiers.question import AnyView
from eqho.tiers.recorded_views import Changes
from tests.services.plain_account import NOW
from tests.tiers.rig import replica
from tests.ui.fake_tiers import FakeTiers

MONTHS = (date(2026, 6, 1), date(2026, 11, 22))
ASKED: tuple[AnyView[Any], ...] = (
    views.Metrics(),
    views.History(("mrr", "customers"), *MONTHS),
    views.Movements(*MONTHS),
    views.MovementCustomers("2026-10"),
    views.Customers(),
    views.Cohorts("mrr"),
    views.Bridge(),
    views.Explain(date(2026, 10, 1), date(2026, 11, 20)),
    views.Forecast(),
    Changes(),
)


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
@pytest.mark.parametrize("view", ASKED, ids=lambda view: view.name)
def test_a_view(demo: Tiers, view: AnyView[Any], product: str) -> None:
    real = fields(msgspec.to_builtins(demo.view(view, product).value))
    made_up = fields(msgspec.to_builtins(FakeTiers().view(view, product).value))
    assert real
    assert made_up == real
