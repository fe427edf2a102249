"""The demo company's forecast: every way is held against the past, and the closest one is shown."""

from pathlib import Path

from eqho.metrics.forecast_methods import METHODS
from eqho.sources.demo import DemoSource
from eqho.store.embedded import EmbeddedStore
from eqho.tiers import views
from tests.services.plain_account import NOW
from tests.tiers.rig import replica


def test_the_closest_way_of_the_demo_company_is_shown_and_beats_no_change_and_same_growth(
    tmp_path: Path,
) -> None:
    store = EmbeddedStore(tmp_path / "eqho.db")
    tiers = replica(store, DemoSource(lambda: NOW))  # type: ignore[arg-type]
    tiers.refresh(wait=True)
    for product in ("all-products", "towpilot"):
        told = tiers.view(views.Forecast(), product).value
        assert told.backtest is not None
        errors = {one.name: one.mase for one in told.backtest.baselines} | {told.method: told.backtest.mase}
        assert set(errors) == set(METHODS)
        assert errors[told.method] == min(errors.values())
        assert errors["drivers"] < min(errors["no_change"], errors["same_growth"])
        assert 0.65 <= told.backtest.coverage_80 <= 1
        assert len(told.points) == 12
    store.close()
