"""The forecast and its back-test: from what was known then alone, beside what any forecast has to beat."""

import os
import random
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from eqho.ledger.spans import Span
from eqho.metrics.forecast import forecast
from eqho.metrics.forecast_backtest import Band, Past, replay
from eqho.metrics.forecast_drivers import Flows
from eqho.metrics.forecast_methods import METHODS, ways
from eqho.metrics.query import Scene
from eqho.periods import add_months, midnight
from tests.metrics.hand_made import UNITS, ledger_of, paid
from tests.metrics.queries import scene_of

COMPANIES = int(os.environ.get("EQHO_SEEDS", "20"))
BEGUN = date(2023, 1, 1)
PRICES = (299, 449, 649, 1_190, 2_400)


def month(number: int) -> str:
    return add_months(BEGUN, number).isoformat()


def random_company(seed: int, months: int = 42) -> Scene:
    """Customers that come with a season and a trend, grow and shrink, and leave sooner while they are young;
    how fast is each company's own."""
    dice, poisson = random.Random(seed), np.random.default_rng(seed).poisson
    trend, leaves, moves = dice.uniform(-0.01, 0.05), dice.uniform(0.005, 0.05), dice.uniform(0, 0.06)
    season, first = dice.uniform(0, 0.5), dice.uniform(2, 7)
    spans: list[Span] = []
    for begun in range(months):
        expected = first * (1 + trend) ** begun * (1 + season * np.sin(2 * np.pi * begun / 12))
        for number in range(int(poisson(max(0.0, expected)))):
            mrr, since = float(dice.choice(PRICES)), begun
            name = f"c{begun}_{number}"
            for now in range(begun + 1, months + 1):
                gone = now == months or dice.random() < leaves * (2 if now - begun < 4 else 1)
                changed = dice.random() < moves
                if gone or changed:
                    spans.append(paid(name, mrr, month(since), month(now)))
                    mrr, since = round(mrr * dice.uniform(0.7, 1.6)), now
                if gone:
                    break
    ledger = ledger_of(*spans, now=month(months))
    # The last instant of the last month.
    return scene_of(ledger, "all-products", ledger.now - 1)


def month_ends(scene: Scene) -> np.ndarray:
    ends, number = [], 1
    while (at := midnight(add_months(BEGUN, number), ZoneInfo("UTC")) - 1) <= scene.at:
        ends.append(scene.book.scope.total(at))
        number += 1
    return np.array(ends, dtype=float)


def naive_mase(mrr: np.ndarray, method: str) -> float:
    """By the book, origin by origin and month by month."""
    errors = []
    for known in range(12, len(mrr)):
        for ahead in range(1, min(12, len(mrr) - known) + 1):
            growth = mrr[known - 1] / mrr[known - 2] if method == "same_growth" else 1.0
            errors.append(abs(mrr[known - 1] * growth**ahead - mrr[known - 1 + ahead]))
    return float(np.mean(errors) / np.mean(np.abs(np.diff(mrr))))


def test_twenty_random_companies_are_forecast_better_than_without_thinking(
    capsys: pytest.CaptureFixture[str],
) -> None:
    errors: dict[str, list[float]] = {name: [] for name in METHODS}
    covered = []
    for seed in range(COMPANIES):
        scene = random_company(seed)
        told, mrr = forecast(scene, 12), month_ends(scene)
        assert told.backtest is not None
        assert told.backtest.months == len(mrr) - 12
        mases = {one.name: one.mase for one in told.backtest.baselines} | {told.method: told.backtest.mase}
        assert set(mases) == set(METHODS)
        for method in ("same_growth", "no_change"):
            assert mases[method] == pytest.approx(naive_mase(mrr, method))
        assert told.backtest.mase == min(mases.values())
        assert all(point.low <= point.mid <= point.high for point in told.points)
        for name, mase in mases.items():
            errors[name].append(mase)
        covered.append(told.backtest.coverage_80)
        with capsys.disabled():
            shown = ", ".join(f"{name} {mases[name]:.2f}" for name in METHODS)
            print(f"\ncompany {seed}: {told.method}, coverage {covered[-1]:.2f}; MASE {shown}", end="")
    means = {name: float(np.mean(found)) for name, found in errors.items()}
    with capsys.disabled():
        shown = ", ".join(f"{name} {mean:.2f}" for name, mean in means.items())
        print(f"\n{COMPANIES} companies: mean coverage {np.mean(covered):.2f}; mean MASE {shown}")
    assert means["drivers"] < min(means["same_growth"], means["no_change"])
    assert 0.65 <= np.mean(covered) <= 0.97


def test_what_comes_later_changes_no_forecast_of_the_past() -> None:
    scene = random_company(1)
    samples = np.array([midnight(add_months(BEGUN, n + 1), ZoneInfo("UTC")) - 1 for n in range(30)])
    balances = scene.book.scope.balances(samples)
    altered = balances.copy()
    altered[:, 20:] = altered[::-1, 20:] * 3
    for name in METHODS:
        before, after = (ways(Flows.of(one))[name](20, 6) for one in (balances, altered))
        assert before is not None
        assert after is not None
        assert after.tolist() == before.tolist()


def test_the_movements_of_the_last_months_are_carried_on() -> None:
    """Each month one customer of 100 comes, and of the others every tenth dollar goes."""
    months = 14
    balances = np.zeros((months, months), dtype=np.int64)
    for begun in range(months):
        balances[begun, begun:] = [round(100 * UNITS * 0.9**age) for age in range(months - begun)]
    told = Flows.of(balances).forecast(13, 1)
    assert told[0] == pytest.approx(balances[:, 13].sum(), rel=1e-9)


def test_an_age_with_enough_customers_has_rates_of_its_own() -> None:
    """Sixty customers lose half in their first three months and nothing later; nobody comes any more."""
    balances = np.zeros((60, 20), dtype=np.int64)
    balances[:, 0] = 80 * UNITS
    for number in range(1, 20):
        balances[:, number] = balances[:, number - 1] // (2 if number <= 3 else 1)
    flows = Flows.of(balances)
    young, old = flows._factors(slice(1, 20))[:2]
    assert (young, old) == (0.5, 1.0)
    assert flows.forecast(19, 2).tolist() == [60 * 10 * UNITS] * 2


def test_a_band_is_as_wide_as_the_errors_of_its_own_past() -> None:
    ahead = np.tile(np.arange(1, 5), 100)
    dice = np.random.default_rng(4)
    relative = np.abs(dice.normal(0, 0.1, 400)) * ahead**0.5
    band = Band.of(ahead, relative)
    assert band.width == pytest.approx(0.128, abs=0.02)
    assert band.grows == pytest.approx(0.5, abs=0.1)
    low, high = band.around(np.array([100.0, 100.0]))
    assert high[0] == pytest.approx(100 * (1 + band.width))
    assert low[1] < low[0] < 100 < high[0] < high[1]


def test_a_band_of_a_time_knows_only_what_had_come() -> None:
    mrr = np.array([100.0] * 18 + [500.0] * 6)
    past = replay(mrr, lambda known, months: np.full(months, mrr[known - 1]))
    assert isinstance(past, Past)
    early, late = past.band(18), past.band()
    assert early is not None
    assert late is not None
    assert early.width == 0.0 < late.width
    assert past.band(16) is None


def company_of(months: int) -> Scene:
    spans = [paid(f"c{n}", 100 + n, month(n)) for n in range(months)]
    return scene_of(ledger_of(*spans, now=month(months)), "all-products")


def test_too_little_history_is_not_defined_with_the_reason() -> None:
    told = forecast(company_of(12), 12)
    assert (told.points, told.method, told.backtest) == ([], None, None)
    assert told.undefined["points"] == "13 closed months since the first MRR are needed, there are 12"
    assert forecast(scene_of(ledger_of(paid("a", 0, "2026-01-01")), "all-products"), 12).points == []


def test_with_few_past_forecasts_there_is_a_middle_and_no_band() -> None:
    told = forecast(company_of(15), 3)
    assert [point.period for point in told.points] == ["2024-04", "2024-05", "2024-06"]
    assert {(point.low, point.high) for point in told.points} == {(None, None)}
    assert told.undefined["points.0.low"] == "a band needs 6 forecasts of the past, there are 3"
    assert told.undefined["backtest.coverage_80"] == "no past forecast had a band"


def test_everybody_gone_is_nothing_to_carry_on() -> None:
    gone = ledger_of(paid("a", 100, month(0), month(15)), now=month(20))
    assert forecast(scene_of(gone, "all-products"), 12).undefined["points"] == "there is no MRR to carry on"


def test_mrr_that_never_moved_stays_what_it_is() -> None:
    still = ledger_of(paid("a", 100, month(0)), now=month(24))
    told = forecast(scene_of(still, "all-products"), 12)
    assert told.method == "drivers"
    assert {point.mid for point in told.points} == {100.0}
    assert told.undefined["backtest.mase"] == "MRR has not moved"
